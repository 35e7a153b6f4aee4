package dev.thaw.runner.cli;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.DurationText;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.records.RecordsDatabase;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Token;
import dev.thaw.runner.records.Tokens;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code runner agent token}: who may ask this home's agent for what, whether it runs or not. */
@Command(name = "token", description = "Makes, lists and revokes the tokens of this home's agent.")
final class TokenCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Map<String, String> environment;

    TokenCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Something to do with the tokens. */
    private interface Work {
        void with(Tokens tokens) throws RunnerException;
    }

    @Command(name = "create", description = "Makes a token and prints it, once.")
    int create(
            @Parameters(paramLabel = "NAME", description = "whom it is for") String name,
            @Option(
                            names = "--scope",
                            paramLabel = "SCOPES",
                            required = true,
                            description = "submit, read, cancel (one's own jobs), admin (everybody's); with commas")
                    String scopes,
            @Option(names = "--expires", paramLabel = "T", description = "how long it is good, such as 720h") @Nullable
                    String life)
            throws RunnerException {
        return with(tokens -> spec.commandLine().getOut().println(made(tokens, name, scopes, life)));
    }

    @Command(name = "list", description = "Lists all tokens: id, name, scopes, and until when they are good.")
    int list() throws RunnerException {
        return with(tokens -> {
            for (Token token : tokens.list()) {
                spec.commandLine()
                        .getOut()
                        .println(token.id() + "  " + token.name() + "  " + Scope.format(token.scopes()) + "  "
                                + state(token));
            }
        });
    }

    @Command(name = "revoke", description = "Ends a token, from the next request on.")
    int revoke(@Parameters(paramLabel = "ID", description = "as it is listed") String id) throws RunnerException {
        return with(tokens -> tokens.revoke(id));
    }

    private static String made(Tokens tokens, String name, String scopes, @Nullable String life)
            throws RunnerException {
        try {
            Optional<Duration> length = Optional.ofNullable(life).map(DurationText::parse);
            return tokens.create(name, Scope.parse(scopes), length).text();
        } catch (IllegalArgumentException e) {
            throw new RunnerException(Fault.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private static String state(Token token) {
        if (token.revoked().isPresent()) {
            return "revoked " + token.revoked().get();
        }
        String until = token.expires().map(at -> "until " + at).orElse("until revoked");
        return token.good(Instant.now()) ? until : "expired " + token.expires().orElseThrow();
    }

    private int with(Work work) throws RunnerException {
        RunnerHome home = RunnerHome.locate(environment);
        try (RecordsDatabase database = RecordsDatabase.open(home.root().resolve(AgentCommand.DIRECTORY))) {
            work.with(new Tokens(database, Clock.systemUTC()));
            return 0;
        }
    }
}
