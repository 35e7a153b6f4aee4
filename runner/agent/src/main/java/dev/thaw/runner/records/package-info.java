/** What was asked, what happened, durably. */
@NullMarked
package dev.thaw.runner.records;

import org.jspecify.annotations.NullMarked;
