package dev.thaw.runner.vm;

/**
 * Which accelerator guests run on, and why.
 *
 * @param accelerator the one chosen
 * @param reason one clause for a person
 */
public record AcceleratorChoice(Accelerator accelerator, String reason) {}
