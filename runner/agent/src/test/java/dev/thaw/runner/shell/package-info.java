/** Shells in kept guests, both sides of them. */
@NullMarked
package dev.thaw.runner.shell;

import org.jspecify.annotations.NullMarked;
