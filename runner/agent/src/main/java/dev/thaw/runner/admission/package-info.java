/** May this job start now, on how much of the host. */
@NullMarked
package dev.thaw.runner.admission;

import org.jspecify.annotations.NullMarked;
