/** The conversation with guestd: streams, commands in, output and outcome out. */
@NullMarked
package dev.thaw.runner.guest;

import org.jspecify.annotations.NullMarked;
