/** The HTTP face of the agent: requests are parsed at this door, and what is behind it need not check them again. */
@NullMarked
package dev.thaw.runner.api;

import org.jspecify.annotations.NullMarked;
