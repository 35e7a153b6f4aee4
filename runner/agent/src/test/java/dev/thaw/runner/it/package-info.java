/** Whole builds in real guests, through the same jar that users run. */
@NullMarked
package dev.thaw.runner.it;

import org.jspecify.annotations.NullMarked;
