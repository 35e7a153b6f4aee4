/** Warm, published, read-only snapshots, found by key; the images and recipes they are made from. */
@NullMarked
package dev.thaw.runner.template;

import org.jspecify.annotations.NullMarked;
