package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;

/** What of one directory goes into the archive. */
interface Selection {
    /** What becomes of the entry of this name; a directory that is left out is not looked into. */
    Treatment of(RawPath name, boolean directory) throws RunnerException;

    /** The selection for a directory in here that is not left out. */
    Selection enter(RawPath name, Path directory) throws RunnerException;

    /** Whether git's ignore rules were asked. */
    boolean gitRules();
}
