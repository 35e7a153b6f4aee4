/** The edge of the host: child processes, file locks, job directories. */
@NullMarked
package dev.thaw.runner.os;

import org.jspecify.annotations.NullMarked;
