/** The arithmetic of measurements. */
@NullMarked
package dev.thaw.runner.bench;

import org.jspecify.annotations.NullMarked;
