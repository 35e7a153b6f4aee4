/** The command line: a real process, its exact messages and codes. */
@NullMarked
package dev.thaw.runner.cli;

import org.jspecify.annotations.NullMarked;
