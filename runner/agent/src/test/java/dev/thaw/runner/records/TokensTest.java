package dev.thaw.runner.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private final Path directory;
    private final RecordsDatabase database;
    private final Tokens tokens;

    TokensTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        database = RecordsDatabase.open(directory);
        tokens = new Tokens(database, Clock.fixed(Sample.NOON, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aTokenSpeaksForWhomItWasMadeAndAnyOtherTextForNobody() throws Exception {
        Tokens.Made made = tokens.create("ci", EnumSet.of(Scope.SUBMIT, Scope.READ), Optional.empty());

        assertThat(tokens.caller(made.text())).contains(new Caller.TokenHolder(made.token()));
        String text = made.text();
        char last = text.charAt(text.length() - 1) == 'A' ? 'B' : 'A';
        assertThat(tokens.caller(text.substring(0, text.length() - 1) + last)).isEmpty();
        for (String other : new String[] {
            "",
            "thaw_",
            "thaw_" + made.token().id() + "_",
            "thaw__",
            "thawjob_",
            made.token().id(),
            "' OR 1=1 --"
        }) {
            assertThat(tokens.caller(other)).describedAs(other).isEmpty();
        }
    }

    @Test
    void neitherTheFileNorTheListHasTheTokensText() throws Exception {
        Tokens.Made made = tokens.create("ci", Set.of(Scope.READ), Optional.empty());
        String secret = made.text().substring(made.text().lastIndexOf('_') + 1);
        var everything = new StringBuilder(tokens.list().toString());
        for (String name : new String[] {"records.db", "records.db-wal"}) {
            everything.append(new String(Files.readAllBytes(directory.resolve(name)), StandardCharsets.ISO_8859_1));
        }

        assertThat(everything.toString()).contains(made.token().id()).doesNotContain(secret);
    }

    @Test
    void aRevokedTokenIsGoodForNothing() throws Exception {
        Tokens.Made made = tokens.create("ci", Set.of(Scope.READ), Optional.empty());
        assertThat(tokens.caller(made.text())).isPresent();

        tokens.revoke(made.token().id());

        assertThat(tokens.caller(made.text())).isEmpty();
        assertThat(tokens.list())
                .singleElement()
                .satisfies(token -> assertThat(token.revoked()).contains(Sample.NOON));
    }

    @Test
    void aTokenEndsWhenItsLifeDoes() throws Exception {
        Tokens.Made made = tokens.create("ci", Set.of(Scope.READ), Optional.of(Duration.ofHours(1)));

        assertThat(tokens.caller(made.text())).isPresent();
        assertThat(at(Duration.ofMinutes(59)).caller(made.text())).isPresent();
        assertThat(at(Duration.ofHours(1)).caller(made.text())).isEmpty();
    }

    @Test
    void onlyATokenThatIsThereCanBeRevoked() {
        assertThatThrownBy(() -> tokens.revoke("t00"))
                .isInstanceOf(RunnerException.class)
                .hasMessage("there is no token t00; list them with: runner agent token list");
    }

    @Test
    void aTokenNeedsANameAndAScope() {
        assertThatThrownBy(() -> tokens.create(" ", Set.of(Scope.READ), Optional.empty()))
                .hasMessageContaining("name of a token must be one line of 1 to 64 characters");
        assertThatThrownBy(() -> tokens.create("ci", Set.of(), Optional.empty()))
                .hasMessageContaining("a token needs a scope");
        assertThatThrownBy(() -> Scope.parse("submit,everything"))
                .hasMessage("a scope is submit, read, cancel or admin, got: everything");
    }

    @Test
    void aJobsTokenIsGoodForThatJobAloneAndAnotherOneLeavesItGood() throws Exception {
        var records = new JobRecords(database, Clock.systemUTC());
        records.accept(Sample.submission("job-a", "t1", false), 10);
        records.accept(Sample.submission("job-b", "t1", false), 10);
        JobRecord a = records.find(new JobId("job-a")).orElseThrow();
        JobRecord b = records.find(new JobId("job-b")).orElseThrow();
        String first = tokens.createForJob(new JobId("job-a"));
        tokens.createForJob(new JobId("job-a"));

        Caller holder = tokens.caller(first).orElseThrow();

        assertThat(holder.sees(a)).isTrue();
        assertThat(holder.sees(b)).isFalse();
        assertThat(holder.may(Scope.SUBMIT)).isFalse();
        assertThat(holder.may(Scope.ADMIN)).isFalse();
        assertThat(holder.may(Scope.CANCEL)).isTrue();
    }

    private Tokens at(Duration later) {
        return new Tokens(database, Clock.fixed(Sample.NOON.plus(later), ZoneOffset.UTC));
    }
}
