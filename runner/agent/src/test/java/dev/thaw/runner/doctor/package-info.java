/** Tests of the room doctor. */
@NullMarked
package dev.thaw.runner.doctor;

import org.jspecify.annotations.NullMarked;
