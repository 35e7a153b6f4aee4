/** A real browser without a window, for tests of the page. */
@NullMarked
package dev.thaw.runner.browser;

import org.jspecify.annotations.NullMarked;
