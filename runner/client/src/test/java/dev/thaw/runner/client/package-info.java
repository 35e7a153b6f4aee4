/** Clients of an agent, against small servers that answer as one might. */
@NullMarked
package dev.thaw.runner.client;

import org.jspecify.annotations.NullMarked;
