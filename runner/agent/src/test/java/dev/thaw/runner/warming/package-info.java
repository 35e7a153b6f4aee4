@NullMarked
package dev.thaw.runner.warming;

import org.jspecify.annotations.NullMarked;
