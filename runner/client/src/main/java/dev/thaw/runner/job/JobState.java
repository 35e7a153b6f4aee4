package dev.thaw.runner.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How far an agent has come with a job. */
public enum JobState {
    /** Its workspace has not arrived yet. */
    UPLOADING,
    /** It waits for its part of the host. */
    QUEUED,
    /** It has a guest, or is about to get one. */
    RUNNING,
    /** It is over, however that came. */
    ENDED;

    /** What the state is called in JSON: stable. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state that is called so. */
    public static JobState parse(String word) {
        return Arrays.stream(values())
                .filter(state -> state.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("a state is "
                        + Arrays.stream(values()).map(JobState::word).collect(Collectors.joining(", "))
                        + ", got: " + word));
    }
}
