@NullMarked
package dev.thaw.runner.container;

import org.jspecify.annotations.NullMarked;
