package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateIT {
    /** What all tests of this class share: a cold machine's home, and a recipe without Docker built in it by two. */
    @TempDir
    static Path shared = Path.of("");

    private static @Nullable Built built;

    @TempDir
    Path work = Path.of("");

    private record Built(Path home, Path images, Runner.Ended first, Runner.Ended second) {
        Runner runner() {
            return at(home);
        }

        Runner at(Path other) {
            return Runner.at(other).with("RUNNER_IMAGES", images.toString());
        }

        /** The one template there is. */
        Path template() throws IOException {
            try (var entries = Files.list(home.resolve("templates"))) {
                return entries.filter(Files::isDirectory).findFirst().orElseThrow();
            }
        }
    }

    private static synchronized Built small() throws Exception {
        Built known = built;
        if (known == null) {
            known = buildTwice();
            built = known;
        }
        return known;
    }

    private static Built buildTwice() throws Exception {
        Path images = SmallRecipe.in(shared);
        Path home = Files.createDirectories(shared.resolve("cold"));
        Path empty = Files.createDirectories(shared.resolve("empty"));
        List<String> words = List.of("exec", "--template", "small", "--", "cat", "/etc/hostname");
        Process first = Runner.at(home).with("RUNNER_IMAGES", images.toString()).start(words, empty);
        Process second =
                Runner.at(home).with("RUNNER_IMAGES", images.toString()).start(words, empty);
        return new Built(
                home,
                images,
                Runner.finish(first, "").expect(0),
                Runner.finish(second, "").expect(0));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(small().home())).isEmpty();
    }

    @Test
    void twoRunnersOnAColdMachineBuildOneTemplate() throws Exception {
        Built small = small();
        assertThat(small.first().out()).isNotEqualTo(small.second().out()).startsWith("thaw-j");
        assertThat(small.first().err() + small.second().err())
                .containsOnlyOnce("[2/4]")
                .contains("waiting for another runner");
        assertThat(small.runner().run(empty(), "template", "list").expect(0).out())
                .containsOnlyOnce("1 CPU, 512MiB");
    }

    @Test
    void aTemplateThatIsNotWhatWasPublishedIsNeverStarted() throws Exception {
        Path home = copy(small());
        Runner runner = small().at(home);
        Path copied = home.resolve("templates").resolve(small().template().getFileName());
        // The control: other inodes, the same content. It starts.
        runner.run(empty(), "exec", "--template", "small", "--", "true").expect(0);

        Path manifest = copied.resolve("manifest.json");
        String published = Files.readString(manifest);
        Files.writeString(manifest, published.replace("QEMU emulator version ", "QEMU emulator version 1"));
        refused(runner, "file manifest.json of template small");
        Files.writeString(manifest, published);

        Path state = copied.resolve(Template.STATE);
        Files.setAttribute(state, "unix:mode", 0666);
        refused(runner, "has mode 0666 and not 0444");
        byte[] whole = Files.readAllBytes(state);
        byte[] altered = whole.clone();
        altered[altered.length / 2] ^= 1;
        Files.write(state, altered);
        Files.setAttribute(state, "unix:mode", 0444);
        refused(runner, "file state of template small");
        Files.setAttribute(state, "unix:mode", 0644);
        Files.write(state, whole);
        Files.setAttribute(state, "unix:mode", 0444);
        runner.run(empty(), "exec", "--template", "small", "--", "true").expect(0);

        Path memory = copied.resolve(Template.MEMORY);
        Files.setAttribute(memory, "unix:mode", 0644);
        try (var file = new RandomAccessFile(memory.toFile(), "rw")) {
            file.setLength(file.length() - 4096);
        }
        Files.setAttribute(memory, "unix:mode", 0444);
        refused(runner, "file memory of template small");
        Files.delete(memory);
        refused(runner, "file memory of template small");
        Files.writeString(manifest, "{");
        refused(runner, "manifest.json cannot be read");
        assertThat(Runner.traces(home)).isEmpty();
    }

    private void refused(Runner runner, String message) throws Exception {
        var ended =
                runner.run(empty(), "exec", "--template", "small", "--", "true").expect(125);
        assertThat(ended.err())
                .startsWith("runner: template damaged: ")
                .contains(message)
                .hasLineCount(1);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void aSizeThatSomebodyAddsIsOneThatJobsCanAskFor() throws Exception {
        Runner runner = small().runner();
        List<String> words = new ArrayList<>(List.of("exec", "--template", "small", "--memory", "768MiB"));
        words.addAll(List.of("--", "awk", "/^MemTotal:/ { print int($2 / 1024) }", "/proc/meminfo"));
        String[] asked = words.toArray(String[]::new);
        // The control: it is not there before.
        assertThat(runner.run(empty(), asked).expect(125).err())
                .contains("it has: 1 CPU, 512MiB; add one with: runner template build --size CPUSxMEMORY small");
        assertThat(runner.run(empty(), "template", "build", "--size", "1x768MiB", "small")
                        .expect(0)
                        .out())
                .startsWith("small ")
                .contains("1 CPU, 768MiB");
        int mebibytes =
                Integer.parseInt(runner.run(empty(), asked).expect(0).out().strip());
        assertThat(mebibytes).isBetween(600, 768);
        runner.run(empty(), "template", "remove", key(runner, "768MiB")).expect(0);
    }

    private String key(Runner runner, String size) throws Exception {
        return runner.run(empty(), "template", "list")
                .expect(0)
                .out()
                .lines()
                .filter(line -> line.contains(size))
                .map(line -> line.split("\\s+", -1)[1])
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aHomeOfALongPathRunsJobs() throws Exception {
        Path deep = shared;
        while (deep.toString().length() < 350) {
            deep = deep.resolve("a-directory-with-a-name-of-some-length");
        }
        Files.createDirectories(deep);
        // A rename: copies would have to be digested.
        Path moved = Files.move(small().home(), deep.resolve("home"));
        try {
            var ended = small().at(moved)
                    .run(empty(), "exec", "--template", "small", "--", "sh", "-c", "echo here; exit 4")
                    .expect(4);
            assertThat(ended.out()).isEqualTo("here\n");
            assertThat(Runner.traces(moved)).isEmpty();
        } finally {
            Files.move(moved, small().home());
        }
    }

    @Test
    void aJobThatFillsTheHostsDiskEndsWithThatReason() throws Exception {
        String fill = "yes | head -c 1000M > /home/build/fill; sync; sleep 600";
        var ended = small().runner()
                .under(onSmallDisk(small().home().resolve("jobs")))
                .run(empty(), "exec", "--template", "small", "--", "sh", "-c", fill)
                .expect(125);
        assertThat(ended.err())
                .startsWith("runner: no space: the host's disk became full while the guest wrote to its own")
                .hasLineCount(1);
        // The control: a job that writes less, on the same disk.
        small().runner()
                .under(onSmallDisk(small().home().resolve("jobs")))
                .run(empty(), "exec", "--template", "small", "--", "sh", "-c", "yes | head -c 50M > /tmp/some; sync")
                .expect(0);
    }

    /** A mount namespace in which this directory is a file system of 640 MiB; the same user as outside. */
    private static List<String> onSmallDisk(Path directory) throws Exception {
        String mount = "mount -t tmpfs -o size=640m,mode=0755 none '" + directory + "'; ";
        int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        int group = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
        return user == 0
                ? List.of("unshare", "--mount", "sh", "-e", "-c", mount + "exec \"$@\"", "sh")
                : List.of(
                        "unshare",
                        "--map-root-user",
                        "--mount",
                        "sh",
                        "-e",
                        "-c",
                        mount + "exec unshare --map-user=" + user + " --map-group=" + group + " -- \"$@\"",
                        "sh");
    }

    @Test
    void theNonceIsInTheMemoryOfTheSnapshotAndNowhereElse() throws Exception {
        Template template = Host.template();
        String nonce = IdentityIT.nonce(template);
        byte[] wanted = nonce.getBytes(StandardCharsets.US_ASCII);
        assertThat(contains(template.file(Template.MEMORY), wanted)).isTrue();
        for (String name : List.of(Template.STATE, Template.DISK, Template.OVERLAY, "manifest.json")) {
            assertThat(contains(template.file(name), wanted)).describedAs(name).isFalse();
        }
    }

    @Test
    void aTemplateIsListedAndShown() throws Exception {
        Template template = Host.template();
        Runner runner = Runner.shared();
        assertThat(runner.run(work, "template", "list").expect(0).out())
                .contains("docker", template.key().substring(0, 12), "2 CPUs, 2GiB");
        assertThat(runner.run(work, "template", "inspect", "docker").expect(0).out())
                .contains("\"rootfs\"", "\"tsc_khz\"", template.key());
        assertThat(runner.run(work, "template", "remove", "nothing-like-it")
                        .expect(125)
                        .err())
                .contains("runner template list");
    }

    /**
     * A boot under emulation can hang: here its QEMU is stopped, so that the guest never answers. Takes as long as a
     * boot may.
     */
    @Test
    void aBootThatHangsIsGivenUpAndTriedOnceMore() throws Exception {
        Path home = Files.createDirectories(work.resolve("hangs"));
        Files.createSymbolicLink(home.resolve("images"), small().home().resolve("images"));
        Process warming = small().at(home).start(List.of("template", "build", "small"), empty());
        try {
            long hung = booting(home, warming);
            signal("STOP", hung);
            var ended = Runner.finish(warming, "").expect(0);

            assertThat(ended.err())
                    .containsOnlyOnce("the boot failed, trying once more: the guest did not boot: ")
                    .contains("[6/6] publishing the template");
            assertThat(ProcessHandle.of(hung)).isEmpty();
            small().at(home)
                    .run(empty(), "exec", "--template", "small", "--", "true")
                    .expect(0);
            assertThat(Runner.traces(home)).isEmpty();
        } finally {
            warming.destroyForcibly();
            JobDirectory.deleteTree(home);
        }
    }

    /** The QEMU of a guest that boots, when the runner has nothing left to do but wait for the guest's answer. */
    private static long booting(Path home, Process warming) throws Exception {
        Runner.await("a connection to the guest's port", Duration.ofMinutes(2), () -> {
            assertThat(warming.isAlive()).isTrue();
            return Runner.vmms(home).stream().anyMatch(vmm -> connected(vmm));
        });
        return CageIT.qemu(Runner.vmms(home).get(0));
    }

    /**
     * Whether it has a connection at its guest's port. The kernel lists that among the sockets of whoever connected,
     * by the name that the port has for QEMU.
     */
    private static boolean connected(ProcessHandle vmm) {
        try (var open = Files.newDirectoryStream(Path.of("/proc/" + CageIT.qemu(vmm) + "/fd"))) {
            var sockets = new HashSet<String>();
            for (Path descriptor : open) {
                sockets.add(Files.readSymbolicLink(descriptor).toString());
            }
            return Files.readAllLines(Path.of("/proc/net/unix")).stream()
                    .filter(line -> line.endsWith(" /run/guest"))
                    .anyMatch(line -> sockets.contains("socket:[" + line.split(" +", -1)[6] + "]"));
        } catch (IOException | NoSuchElementException notYet) {
            return false;
        }
    }

    private static void signal(String name, long process) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    private Path empty() throws IOException {
        return Files.createDirectories(work.resolve("empty"));
    }

    private Path copy(Built small) throws Exception {
        Path home = Files.createDirectories(work.resolve("copy"));
        Files.createDirectories(home.resolve("templates"));
        for (Path from : List.of(small.template(), small.home().resolve("images"))) {
            Path to = from.equals(small.template()) ? home.resolve("templates") : home;
            Process copy = new ProcessBuilder(
                            "cp", "-a", "--sparse=always", "--reflink=auto", from.toString(), to.toString())
                    .inheritIO()
                    .start();
            assertThat(copy.waitFor()).isZero();
        }
        return home;
    }

    private static boolean contains(Path file, byte[] wanted) throws IOException {
        byte[] window = new byte[1 << 20];
        try (var in = Files.newInputStream(file)) {
            int kept = 0;
            for (int read = in.read(window, kept, window.length - kept);
                    read > 0;
                    read = in.read(window, kept, window.length - kept)) {
                int length = kept + read;
                if (indexOf(window, length, wanted) >= 0) {
                    return true;
                }
                kept = Math.min(wanted.length - 1, length);
                System.arraycopy(window, length - kept, window, 0, kept);
            }
        }
        return false;
    }

    private static int indexOf(byte[] bytes, int length, byte[] wanted) {
        for (int at = 0; at <= length - wanted.length; at++) {
            if (bytes[at] == wanted[0]) {
                int same = 1;
                while (same < wanted.length && bytes[at + same] == wanted[same]) {
                    same++;
                }
                if (same == wanted.length) {
                    return at;
                }
            }
        }
        return -1;
    }
}
