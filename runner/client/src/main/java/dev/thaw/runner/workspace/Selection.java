package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;
import java.util.List;

/** What of one directory goes into the archive. */
interface Selection {
    /** What becomes of the entry of this name; a directory that is left out is not looked into. */
    Treatment of(RawPath name, boolean directory) throws RunnerException;

    /** The selection for a directory in here that is not left out. */
    Selection enter(RawPath name, Path directory) throws RunnerException;

    /** Whether git's ignore rules were asked. */
    boolean gitRules();

    /** What goes into this directory of the archive besides what is in it. */
    default List<Addition> additions(Path directory) throws RunnerException {
        return List.of();
    }

    /** A directory elsewhere, what is taken of it, and the reason, for a person. */
    record Addition(Path directory, Selection selection, String reason) {}
}
