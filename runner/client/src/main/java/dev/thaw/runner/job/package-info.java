/** What is asked of the runner and how it ended. */
@NullMarked
package dev.thaw.runner.job;

import org.jspecify.annotations.NullMarked;
