package dev.thaw.runner.job;

import java.util.Locale;

/** What a job has behind it, in the order in which it normally happens. */
public enum Phase {
    /** The guest's overlay exists. */
    OVERLAY,
    /** The VMM runs and answers. */
    VMM_UP,
    /** The snapshot's state is loaded. */
    RESTORED,
    /** The guest's CPUs go on. */
    RESUMED,
    /** The guest has confirmed its clock, entropy and name. */
    IDENTITY,
    /** The workspace is in the guest. */
    WORKSPACE,
    /** The first step's process was started. */
    FIRST_EXEC,
    /** The last step's process ended. */
    EXITED,
    /** The artifacts are on the host. */
    COLLECTED,
    /** Guest, overlay and directory are gone. */
    DISCARDED;

    /** What the phase is called in JSON: stable. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
