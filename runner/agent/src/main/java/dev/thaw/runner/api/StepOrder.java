package dev.thaw.runner.api;

import dev.thaw.runner.job.Interaction;
import dev.thaw.runner.job.Step;

/**
 * A step for a held guest, as it came through the door.
 *
 * @param interaction how somebody takes part in it; it holds nothing
 */
public record StepOrder(Step step, Interaction interaction) {}
