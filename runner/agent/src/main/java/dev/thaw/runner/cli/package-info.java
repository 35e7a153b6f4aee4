/** The commands of {@code runner} and the one place that turns faults into exit codes. */
@NullMarked
package dev.thaw.runner.cli;

import org.jspecify.annotations.NullMarked;
