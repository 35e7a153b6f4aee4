/** A directory to an archive, and nothing outside it. */
@NullMarked
package dev.thaw.runner.workspace;

import org.jspecify.annotations.NullMarked;
