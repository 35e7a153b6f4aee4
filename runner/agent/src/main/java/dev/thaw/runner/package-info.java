/** Thaw: every build in a fresh microVM that is already warm. */
@NullMarked
package dev.thaw.runner;

import org.jspecify.annotations.NullMarked;
