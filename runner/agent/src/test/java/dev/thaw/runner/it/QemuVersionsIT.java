package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.vm.Qemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A template's memory is read-only with every QEMU: with the one that has an option for it, and with the one that needs
 * the shim. The host has one of the two; the other comes out of the other Debian.
 */
@Tag("full")
class QemuVersionsIT {
    private static final String MEMORY = "/template/memory";

    @TempDir
    Path work = Path.of("");

    private final List<Process> startedOnes = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() throws Exception {
        startedOnes.forEach(Process::destroyForcibly);
        JobDirectory.deleteTree(work.resolve("home"));
    }

    @Test
    void noQemuHoldsATemplatesMemoryForWriting() throws Exception {
        Path home = Files.createDirectories(work.resolve("home"));
        Path images = SmallRecipe.in(work);
        Qemu own = Qemu.find(Path.of("/"), Host.home(), new Subprocess(System.getenv()));
        Path other = debian(own.opensMemoryReadOnly() ? "bookworm" : "trixie");
        var keys = new HashSet<String>();
        for (Path root : List.of(Path.of("/"), other)) {
            keys.add(heldForReadingOnly(home, images, root));
        }
        // A snapshot of one QEMU is nothing to the other: each has made its own.
        assertThat(keys).hasSize(2);
        assertThat(Runner.traces(home)).isEmpty();
    }

    /** The key of the template that this QEMU ran on. */
    private String heldForReadingOnly(Path home, Path images, Path root) throws Exception {
        Runner runner =
                Runner.at(home).with("RUNNER_IMAGES", images.toString()).with("RUNNER_QEMU_ROOT", root.toString());
        Process warming = runner.start(List.of("template", "build", "small"), work);
        startedOnes.add(warming);
        // The control: the QEMU that fills the memory holds it for writing, and the same look sees that.
        Runner.await(
                "a QEMU that is being warmed",
                Duration.ofMinutes(10),
                () -> !warming.isAlive() || Runner.vmms(home).stream().anyMatch(vmm -> filling(vmm)));
        assertThat(warming.isAlive()).isTrue();
        OpenFiles filling = OpenFiles.of(CageIT.qemu(Runner.vmms(home).get(0)));
        assertThat(filling.below("/job")).containsEntry("/job/memory", 2);
        assertThat(filling.sharesForWriting("/job/memory")).isTrue();
        assertThat(Runner.finish(warming, "").expect(0).err()).contains("[1/6] booting");

        Path timings = work.resolve("timings.json");
        Process job = runner.start(
                List.of(
                        "exec",
                        "--template",
                        "small",
                        "-i",
                        "--timings",
                        timings.toString(),
                        "--",
                        "sh",
                        "-c",
                        "echo up; read line; echo $line"),
                Files.createDirectories(work.resolve("empty")));
        startedOnes.add(job);
        assertThat(job.inputReader().readLine()).isEqualTo("up");
        long qemu = CageIT.qemu(Runner.vmms(home).get(0));
        OpenFiles open = OpenFiles.of(qemu);
        assertThat(open.below("/template"))
                .isNotEmpty()
                .allSatisfy((file, mode) -> assertThat(mode).describedAs(file).isZero());
        assertThat(open.maps(MEMORY)).isTrue();
        assertThat(open.sharesForWriting(MEMORY)).isFalse();
        // And each is held read-only in its own way.
        boolean byOption = Runner.commandLine(qemu).contains("share=off,readonly=on,rom=off");
        boolean byShim = open.maps("/template/readonly-memory.so");
        assertThat(byOption).isNotEqualTo(byShim);
        assertThat(byOption)
                .isEqualTo(Qemu.find(root, Host.home(), new Subprocess(System.getenv()))
                        .opensMemoryReadOnly());
        Runner.finish(job, "down\n").expect(0);
        return new JsonMapper().readTree(timings.toFile()).path("template_key").asText();
    }

    private static boolean filling(ProcessHandle vmm) {
        try {
            return OpenFiles.of(CageIT.qemu(vmm)).maps("/job/memory");
        } catch (IOException | NoSuchElementException notYet) {
            return false;
        }
    }

    /** A root file system of that Debian with its QEMU; kept below {@code target} from one run to the next. */
    private static Path debian(String suite) throws Exception {
        Path kept = Files.createDirectories(Runner.ROOT.resolve("target").resolve("qemu-roots"));
        Path root = kept.resolve(suite);
        if (Files.exists(root)) {
            return root;
        }
        Path staged = Files.createTempDirectory(kept, suite + "-");
        Path archive = kept.resolve(suite + ".tar");
        Subprocess subprocess = new Subprocess(Map.copyOf(System.getenv()));
        var made = subprocess.run(
                List.of(
                        "mmdebstrap",
                        "--quiet",
                        "--variant=essential",
                        "--format=tar",
                        "--aptopt=APT::Install-Recommends \"false\"",
                        "--include=qemu-system-x86,util-linux",
                        "--keyring=/usr/share/keyrings",
                        suite,
                        archive.toString(),
                        "deb http://deb.debian.org/debian " + suite + " main"),
                Duration.ofMinutes(15));
        assertThat(made.exitCode()).describedAs(made.stderr()).isZero();
        // As whoever runs this: nobody but QEMU looks at it, and everybody can delete it.
        var unpacked = subprocess.run(
                List.of(
                        "tar",
                        "--extract",
                        "--no-same-owner",
                        "--exclude=./dev/*",
                        "--file",
                        archive.toString(),
                        "--directory",
                        staged.toString()),
                Duration.ofMinutes(5));
        assertThat(unpacked.exitCode()).describedAs(unpacked.stderr()).isZero();
        Files.delete(archive);
        Files.setAttribute(staged, "unix:mode", 0755);
        Files.move(staged, root);
        return root;
    }
}
