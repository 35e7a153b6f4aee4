/** The edge of the host, on this host. */
@NullMarked
package dev.thaw.runner.os;

import org.jspecify.annotations.NullMarked;
