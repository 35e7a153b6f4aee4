@NullMarked
package dev.thaw.runner.workspace;

import org.jspecify.annotations.NullMarked;
