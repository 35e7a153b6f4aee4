/** Shells in the guest of a failed job, for another process of the same user. */
@NullMarked
package dev.thaw.runner.shell;

import org.jspecify.annotations.NullMarked;
