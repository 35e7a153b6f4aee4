package dev.thaw.runner.workspace;

/** What becomes of one entry of a directory that is packed. */
enum Treatment {
    AS_IS,
    LEFT_OUT,
    /** A git configuration: only what a build can need, and no secrets. */
    CONFIG_CLEANED,
    /** Text in which URLs may stand: without the user information in them. */
    URLS_CLEANED
}
