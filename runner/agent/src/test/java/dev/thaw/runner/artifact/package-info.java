/** Tests of the room. */
@NullMarked
package dev.thaw.runner.artifact;

import org.jspecify.annotations.NullMarked;
