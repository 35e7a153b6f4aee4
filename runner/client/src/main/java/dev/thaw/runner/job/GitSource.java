package dev.thaw.runner.job;

import java.util.Optional;

/**
 * A revision that an agent fetches as a job's workspace.
 *
 * @param address where it is
 * @param credentials the name under which the agent has what is needed to read it; empty for nothing
 */
public record GitSource(GitAddress address, Optional<String> credentials) {}
