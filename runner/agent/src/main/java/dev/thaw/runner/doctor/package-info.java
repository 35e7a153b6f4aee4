/** What this host can do. */
@NullMarked
package dev.thaw.runner.doctor;

import org.jspecify.annotations.NullMarked;
