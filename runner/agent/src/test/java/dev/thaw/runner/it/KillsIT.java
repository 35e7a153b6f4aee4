package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.ProcessStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runner, VMM or guestd are killed at moments nobody has chosen. Whatever the moment: the exit code is the contract's,
 * nothing is green that did not run, and after {@code runner gc} the host is as it was.
 *
 * <p>{@code -Dthaw.kills.seed=N} and {@code -Dthaw.kills.rounds=N} repeat or extend a run.
 */
@Tag("full")
class KillsIT {
    private static final long SEED = Long.getLong("thaw.kills.seed", 20_260_101L);
    private static final int ROUNDS = Integer.getInteger("thaw.kills.rounds", 24);
    /** Start of the JVM, restore, a job of two seconds, discard: the moments lie in all of them. */
    private static final int LONGEST_MILLIS = 5_000;

    private enum Victim {
        RUNNER,
        VMM,
        GUESTD
    }

    @TempDir
    Path work = Path.of("");

    @Test
    void whateverIsKilledWheneverNothingIsLeftAndNothingIsGreenThatDidNotRun() throws Exception {
        Host.template();
        // Short, and this test's own: what is in it is ours.
        Path runtime = Files.createTempDirectory(Path.of("/tmp"), "kills-");
        System.out.println("kills: seed " + SEED + ", " + ROUNDS + " rounds");
        var random = new Random(SEED);
        var endings = new TreeSet<String>();
        try {
            Set<String> before = state(runtime);
            for (int round = 0; round < ROUNDS; round++) {
                // In turns, so that each is killed at as many moments.
                Victim victim = Victim.values()[round % Victim.values().length];
                int moment = random.nextInt(LONGEST_MILLIS);
                String what = "round " + round + " of seed " + SEED + ": " + victim + " after " + moment + " ms";
                endings.add(victim + " " + round(victim, moment, what, runtime));
                assertThat(runner(runtime).run(work, "gc").expect(0).err()).isEmpty();
                assertThat(state(runtime)).describedAs(what).isEqualTo(before);
            }
        } finally {
            JobDirectory.deleteTree(runtime);
        }
        System.out.println("kills: " + endings);
        // The control: kills did come while something was to be killed.
        assertThat(endings).contains("RUNNER 137", "VMM 125", "GUESTD 125");
        runner(runtime.resolveSibling("nowhere"))
                .run(work, "exec", "--", "true")
                .expect(0);
    }

    /** How the runner ended. */
    private int round(Victim victim, int moment, String what, Path runtime) throws Exception {
        String script = victim == Victim.GUESTD
                ? "echo begin; sleep " + moment / 1000.0 + "; sudo pkill -KILL -x guestd; sleep 60; echo end"
                : "echo begin; sleep 2; echo end";
        Process process = runner(runtime).start(List.of("exec", "--", "sh", "-c", script), work);
        // Not to wait for anything: this is the moment.
        boolean over = victim != Victim.GUESTD && process.waitFor(moment, TimeUnit.MILLISECONDS);
        List<ProcessStamp> family =
                process.descendants().map(ProcessStamp::of).collect(Collectors.toCollection(ArrayList::new));
        switch (victim) {
            // By its handle: a Process closes the streams of one that has ended by itself, and what it said is lost.
            case RUNNER -> process.toHandle().destroyForcibly();
            case VMM -> kill(family);
            case GUESTD -> {}
        }
        if (victim == Victim.RUNNER) {
            // The cage dies with its parent, without anybody's help.
            Runner.await(
                    what + ": the VMM is gone",
                    Duration.ofSeconds(30),
                    () -> family.stream()
                            .allMatch(member ->
                                    member.alive().map(ProcessStamp::ended).orElse(true)));
        }
        var ended = Runner.finish(process, "");
        assertThat(ended.code())
                .describedAs("%s%n%s", what, ended.err())
                .isIn(victim == Victim.RUNNER ? Set.of(0, 137) : victim == Victim.VMM ? Set.of(0, 125) : Set.of(125));
        if (ended.code() == 0) {
            assertThat(ended.out()).describedAs(what).isEqualTo("begin\nend\n");
        } else if (ended.code() == 125) {
            assertThat(ended.err()).describedAs(what).containsPattern("(?m)^runner: (guest lost|restore.*): ");
            assertThat(ended.out()).describedAs(what).doesNotContain("end");
        }
        assertThat(over && ended.code() != 0).describedAs(what).isFalse();
        return ended.code();
    }

    private static void kill(List<ProcessStamp> family) {
        family.stream()
                .flatMap(member -> member.alive().stream())
                .filter(member -> Runner.commandLine(member.pid()).startsWith("/usr/bin/qemu-system"))
                .forEach(ProcessHandle::destroyForcibly);
    }

    private static Runner runner(Path runtime) {
        return Runner.shared().with("RUNNER_RUNTIME", runtime.toString());
    }

    /** All that a job could leave: its traces, its sockets, files of the home. */
    private static Set<String> state(Path runtime) throws IOException {
        Set<String> state = Runner.traces(Runner.HOME);
        for (Path directory : List.of(
                Runner.HOME,
                Runner.HOME.resolve("jobs"),
                Runner.HOME.resolve("images"),
                Runner.HOME.resolve("templates"),
                runtime.resolve("thaw"))) {
            if (Files.exists(directory)) {
                try (Stream<Path> entries = Files.list(directory)) {
                    entries.forEach(entry -> state.add("file " + entry));
                }
            }
        }
        return state;
    }
}
