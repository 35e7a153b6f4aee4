/** Recipe → image → booted, warmed, snapshotted, published template. */
@NullMarked
package dev.thaw.runner.warming;

import org.jspecify.annotations.NullMarked;
