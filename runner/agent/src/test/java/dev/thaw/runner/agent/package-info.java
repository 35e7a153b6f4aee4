/** Tests of the daemon, with jobs that need no guests. */
@NullMarked
package dev.thaw.runner.agent;

import org.jspecify.annotations.NullMarked;
