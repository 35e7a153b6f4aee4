/** The daemon: takes jobs, lets each have its turn, writes down what becomes of them. */
@NullMarked
package dev.thaw.runner.agent;

import org.jspecify.annotations.NullMarked;
