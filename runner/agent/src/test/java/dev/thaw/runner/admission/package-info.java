/** Who may start, by what the host has left. */
@NullMarked
package dev.thaw.runner.admission;

import org.jspecify.annotations.NullMarked;
