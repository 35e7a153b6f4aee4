/** How the runner itself fails, as opposed to how a build fails. */
@NullMarked
package dev.thaw.runner.fault;

import org.jspecify.annotations.NullMarked;
