package dev.thaw.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.bench.AgentJobsBench;
import dev.thaw.runner.bench.AgentLogBench;
import dev.thaw.runner.bench.OwnMemory;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class AgentFiguresTest {
    private static final AgentJobsBench.Report JOBS = new AgentJobsBench.Report(
            "tcg", 200, 2, 198, 1, 0, 180, 200, new OwnMemory(20.25, 150), new OwnMemory(21.5, 152));
    private static final AgentLogBench.Report LOG = new AgentLogBench.Report(
            "tcg", 1_000_000_000, 3.5, 12, 10, List.of(15.5, 17.0, 16.0), List.of(17.6, 16.0, 20.0));

    @Test
    void programsGetJson() {
        assertThat(AgentFigures.json(JOBS, LOG))
                .isEqualTo(
                        "{\"accelerator\":\"tcg\",\"jobs\":{\"submitted\":200,\"at_once\":2,\"green_once\":198,"
                                + "\"lost\":1,\"twice\":0,\"per_minute\":180.0,\"floor_per_minute\":200.0,\"ratio\":0.9,"
                                + "\"memory_before\":{\"heap_mib\":20.25,\"resident_mib\":150.0},"
                                + "\"memory_after\":{\"heap_mib\":21.5,\"resident_mib\":152.0}},"
                                + "\"log\":{\"bytes\":1000000000,\"one_follower_heap_mib\":3.5,"
                                + "\"one_follower_resident_mib\":12.0,\"rounds\":3,\"alone_s\":16.0,\"followers\":10,"
                                + "\"followed_s\":17.6,\"ratio\":1.1,\"alone_each_s\":[15.5,17.0,16.0],\"followed_each_s\":[17.6,16.0,20.0]}}");
    }

    @Test
    void numbersThatMakeNoBenchAreRefused() {
        for (String[] words :
                new String[][] {{"--jobs", "0"}, {"--rounds", "0"}, {"--followers", "-1"}, {"--log", "1"}}) {
            var err = new StringWriter();
            CommandLine line = RunnerCommand.line(
                    () -> {
                        throw new AssertionError("looked at the host");
                    },
                    Map.of(),
                    Console.standard());
            line.setErr(new PrintWriter(err, true));
            assertThat(line.execute("bench", "agent", words[0], words[1])).isEqualTo(125);
            assertThat(err.toString()).startsWith("runner: usage: ").contains(words[0]);
        }
    }

    @Test
    void peopleGetLines() {
        assertThat(AgentFigures.text(JOBS, LOG).lines())
                .containsExactly(
                        "tcg, 200 jobs of 'true' submitted at once, 2 at a time: 198 ran once and ended with 0, 1 lost,"
                                + " 0 ran twice",
                        "180 jobs a minute, floor script 200: ratio 0.90",
                        "memory before and after: heap 20.3 and 21.5 MiB, resident 150 and 152 MiB",
                        "a log of 1000 MB: one follower costs 3.5 MiB of heap, 12 MiB resident",
                        "3 rounds: the job takes 16.00 s alone, 17.60 s with 10 followers: ratio 1.10");
    }
}
