/** A real terminal for tests that need one. */
@NullMarked
package dev.thaw.runner.terminal;

import org.jspecify.annotations.NullMarked;
