package dev.thaw.runner.agent;

import dev.thaw.runner.job.Resources;

/**
 * Guests that are to wait for jobs.
 *
 * @param template its name
 * @param size CPUs and memory; what is absent is the template's
 * @param count how many
 */
public record StandbyWish(String template, Resources size, int count) {}
