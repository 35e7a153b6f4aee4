package dev.thaw.runner.fault;

/** The kinds of reason why the runner could not do its part. */
public enum Fault {
    /** A command line, a job file or a recipe asks for something that does not exist or makes no sense. */
    USAGE("usage", false),
    /** The host lacks a program, a permission or a feature. */
    HOST("host", false),
    /** The host has no room left: disk, memory, descriptors. */
    NO_SPACE("no space", true),
    /** There is no template of that name, size or key. */
    NO_TEMPLATE("no template", false),
    /** A template's files are not what was published. */
    TEMPLATE_DAMAGED("template damaged", false),
    /** An image or a template could not be built. */
    BUILD("template build", false),
    /** A guest did not come up, or could not confirm its identity. */
    RESTORE("restore", true),
    /** A guest that was running went away or broke the protocol. */
    GUEST_LOST("guest lost", true),
    /** The container that the steps are to run in cannot be had: no such image, or Docker refuses. */
    CONTAINER("container", false),
    /** The working directory could not be packed. */
    WORKSPACE("workspace", false),
    /** A job cannot be run again as it was. */
    REPLAY("replay", false),
    /** What a job declared as its artifacts could not be brought back whole and safely. */
    ARTIFACTS("artifacts", false),
    /** What an agent wrote down cannot be read or written. */
    RECORDS("records", false),
    /** An agent cannot be reached, or has no room for a job now. */
    AGENT("agent", true),
    /** An agent does not do what it is asked. */
    REFUSED("refused", false),
    /** The agent died while the job ran. */
    INTERRUPTED("interrupted", true),
    /** A deadline of the runner's own work passed. */
    DEADLINE("deadline", true);

    private final String label;
    private final boolean retryable;

    Fault(String label, boolean retryable) {
        this.label = label;
        this.retryable = retryable;
    }

    /** What the fault is called in messages: lower case, stable. */
    public String label() {
        return label;
    }

    /** Whether the same job may well succeed when it is tried again unchanged. */
    public boolean retryable() {
        return retryable;
    }
}
