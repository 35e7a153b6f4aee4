package dev.thaw.runner.cli;

import dev.thaw.runner.agent.AgentFiles;
import dev.thaw.runner.client.AgentAddress;
import dev.thaw.runner.client.AgentClient;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.RunnerHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agent a command speaks to: the one that is named, else the one of this home. */
final class Agents {
    private static final String URL = "RUNNER_AGENT";
    private static final String TOKEN = "RUNNER_AGENT_TOKEN";
    private static final String AUTHORITIES = "RUNNER_AGENT_CA";
    /** On this host, or an answer is not worth waiting for. */
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Map<String, String> environment;

    @Option(
            names = "--agent",
            paramLabel = "URL",
            description = "the agent to ask (default: $RUNNER_AGENT, else this host's own); its token is"
                    + " $RUNNER_AGENT_TOKEN")
    private @Nullable String url;

    Agents(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The agent that was named, on the line or in the environment. */
    Optional<AgentClient> named() throws RunnerException {
        String address = url == null ? environment.getOrDefault(URL, "") : url;
        if (address.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(client(address));
    }

    /** The agent of this home, if it is there and answers. */
    Optional<AgentClient> local() throws RunnerException, InterruptedException {
        Path directory = RunnerHome.locate(environment).root().resolve(AgentCommand.DIRECTORY);
        try {
            String address =
                    Files.readString(directory.resolve(AgentFiles.ADDRESS)).strip();
            String token = Files.readString(directory.resolve(AgentFiles.TOKEN)).strip();
            AgentClient agent = new AgentClient(AgentAddress.parse(address, token, Optional.empty()));
            agent.version(LOOK);
            return Optional.of(agent);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.HOST, "cannot read what the agent left in " + directory + ": " + e.getMessage(), e);
        } catch (RunnerException e) {
            // One that was killed leaves its address.
            if (e.fault() == Fault.AGENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The agent at an address; its token is the environment's, or this home's if it is this home's agent. */
    AgentClient at(String address) throws RunnerException, InterruptedException {
        Optional<AgentClient> local = environment.getOrDefault(TOKEN, "").isEmpty() ? local() : Optional.empty();
        if (local.isPresent()
                && AgentAddress.parse(address, "", Optional.empty())
                        .uri()
                        .equals(local.get().address().uri())) {
            return local.get();
        }
        return client(address);
    }

    private AgentClient client(String address) throws RunnerException {
        String token = environment.getOrDefault(TOKEN, "");
        if (token.isEmpty()) {
            throw new RunnerException(
                    Fault.USAGE,
                    TOKEN + " is not set; make a token with: runner agent token create, where the agent is");
        }
        String authorities = environment.getOrDefault(AUTHORITIES, "");
        return new AgentClient(AgentAddress.parse(
                address, token, authorities.isEmpty() ? Optional.empty() : Optional.of(Path.of(authorities))));
    }

    /** The agent that was named, or else this home's; a fault if there is none. */
    AgentClient any() throws RunnerException, InterruptedException {
        Optional<AgentClient> agent = named();
        if (agent.isEmpty()) {
            agent = local();
        }
        return agent.orElseThrow(() -> new RunnerException(
                Fault.USAGE, "no agent runs on this host; start one with: runner agent, or name one with --agent URL"));
    }
}
