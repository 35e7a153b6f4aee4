@NullMarked
package dev.thaw.runner.job;

import org.jspecify.annotations.NullMarked;
