/** Requests to an agent, events from it. */
@NullMarked
package dev.thaw.runner.client;

import org.jspecify.annotations.NullMarked;
