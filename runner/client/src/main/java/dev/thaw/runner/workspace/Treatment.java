package dev.thaw.runner.workspace;

/** What becomes of one entry of a directory that is packed. */
enum Treatment {
    AS_IS,
    LEFT_OUT,
    /** A git configuration: only what a build can need, and no secrets. */
    CONFIG_CLEANED,
    /** The same, of a repository that will be in the work tree itself, as an ordinary {@code .git}. */
    CONFIG_MOVED,
    /** Text in which URLs may stand: without the user information in them. */
    URLS_CLEANED,
    /** A {@code .git} that names the place of a repository, if it is a file. */
    GIT_FILE
}
