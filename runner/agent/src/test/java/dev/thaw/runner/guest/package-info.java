@NullMarked
package dev.thaw.runner.guest;

import org.jspecify.annotations.NullMarked;
