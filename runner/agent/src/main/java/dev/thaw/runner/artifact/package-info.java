/** Files out of the guest, checked and named. */
@NullMarked
package dev.thaw.runner.artifact;

import org.jspecify.annotations.NullMarked;
