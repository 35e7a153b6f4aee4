/** How fast this host does it, as ratios inside one run. */
@NullMarked
package dev.thaw.runner.bench;

import org.jspecify.annotations.NullMarked;
