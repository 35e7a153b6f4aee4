/** Recipes, keys and the store, in a directory of their own. */
@NullMarked
package dev.thaw.runner.template;

import org.jspecify.annotations.NullMarked;
