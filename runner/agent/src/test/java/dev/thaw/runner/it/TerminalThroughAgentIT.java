package dev.thaw.runner.it;

import org.junit.jupiter.api.extension.RegisterExtension;

/** Every case of {@link TerminalIT} once more, with an agent on this host that the jobs go through. */
class TerminalThroughAgentIT extends TerminalIT {
    @RegisterExtension
    static final AgentOfThisHost AGENT = new AgentOfThisHost();
}
