/** The house as a whole. */
@NullMarked
package dev.thaw.runner;

import org.jspecify.annotations.NullMarked;
