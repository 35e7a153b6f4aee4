@NullMarked
package dev.thaw.runner.api;

import org.jspecify.annotations.NullMarked;
