@NullMarked
package dev.thaw.runner.vm;

import org.jspecify.annotations.NullMarked;
