/** Tests of the room execution. */
@NullMarked
package dev.thaw.runner.execution;

import org.jspecify.annotations.NullMarked;
