/** One job from lease to discard: the only room that sees all stages. */
@NullMarked
package dev.thaw.runner.execution;

import org.jspecify.annotations.NullMarked;
