package dev.thaw.runner.artifact;

/** Something that a guest offers as an artifact is not taken; the message is one line for a person. */
final class ArtifactRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    ArtifactRefusedException(String message) {
        super(message);
    }

    ArtifactRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
