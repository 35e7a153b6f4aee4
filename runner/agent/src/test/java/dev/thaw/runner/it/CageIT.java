package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.execution.Guest;
import dev.thaw.runner.execution.RestoredGuests;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.Stopwatch;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a VMM is allowed, read off the kernel's own account of it. This process, which may all of it, is the control. */
class CageIT {
    @Test
    void aVmmMayDoNothingButItsWork() throws Exception {
        Template template = Host.template();
        try (Guest guest = new RestoredGuests(Host.restorer())
                .claim(JobId.random(), template, template.diskBytes(), IdentityIT.limit(), Stopwatch.start())) {
            long qemu = qemu(guest.vm().process());
            Map<String, String> caged = status(qemu);
            Map<String, String> free = status(ProcessHandle.current().pid());
            assertThat(caged).containsEntry("NoNewPrivs", "1").containsEntry("Seccomp", "2");
            assertThat(free).containsEntry("NoNewPrivs", "0").containsEntry("Seccomp", "0");
            for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                assertThat(Long.parseUnsignedLong(caged.getOrDefault(set, "1"), 16))
                        .describedAs(set)
                        .isZero();
            }
            userIsItsOwn(caged, guest);
            namespacesAreItsOwn(qemu);
            onlyItsJobCanBeWritten(qemu);
            noDescriptorCanWriteTheTemplate(qemu);
            theNetworkIsEmpty(qemu);
        }
    }

    private static void userIsItsOwn(Map<String, String> caged, Guest guest) throws Exception {
        int user = Integer.parseInt(caged.getOrDefault("Uid", "").split("\\s+", -1)[0]);
        if (new HostUsers().separate()) {
            assertThat(user).isBetween(HostUsers.FIRST, HostUsers.FIRST + HostUsers.COUNT - 1);
            Template template = Host.template();
            boolean kvm = template.accelerator().equals("kvm");
            assertThat(caged.getOrDefault("Groups", "?").strip())
                    .isEqualTo(kvm ? String.valueOf(HostUsers.groupOf(Path.of("/dev/kvm"))) : "");
            try (Guest sibling = new RestoredGuests(Host.restorer())
                    .claim(JobId.random(), template, template.diskBytes(), IdentityIT.limit(), Stopwatch.start())) {
                assertThat(status(qemu(sibling.vm().process())).get("Uid")).isNotEqualTo(caged.get("Uid"));
            }
        }
        assertThat(HostUsers.ownerOf(guest.vm().directory())).isEqualTo(user);
    }

    private static void namespacesAreItsOwn(long qemu) throws IOException {
        for (String name : List.of("mnt", "pid", "ipc", "net", "uts", "cgroup")) {
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + qemu + "/ns/" + name)))
                    .describedAs(name)
                    .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + name)));
        }
    }

    private static void onlyItsJobCanBeWritten(long qemu) throws IOException {
        List<String> writable = Files.readAllLines(Path.of("/proc/" + qemu + "/mountinfo")).stream()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields[5].startsWith("rw"))
                .map(fields -> fields[4])
                .filter(place -> !place.startsWith("/dev/"))
                .toList();
        assertThat(writable).containsExactlyInAnyOrder("/job", "/run");
        Path root = Path.of("/proc/" + qemu + "/root");
        try (Stream<Path> entries = Files.list(root)) {
            assertThat(entries.map(path -> path.getFileName().toString()).toList())
                    .containsExactlyInAnyOrder(
                            "bin", "dev", "etc", "job", "lib", "lib64", "run", "sbin", "template", "usr");
        }
        assertThat(root.resolve("home")).doesNotExist();
        assertThat(Path.of("/home")).exists();
    }

    private static void noDescriptorCanWriteTheTemplate(long qemu) throws IOException {
        OpenFiles open = OpenFiles.of(qemu);
        assertThat(open.below("/template"))
                .isNotEmpty()
                .allSatisfy((file, mode) -> assertThat(mode).describedAs(file).isZero());
        assertThat(open.maps("/template/memory")).isTrue();
        assertThat(open.sharesForWriting("/template/memory")).isFalse();
        // The control: the same look finds the overlay, which QEMU must be able to write.
        assertThat(open.below("/job")).containsEntry("/job/overlay.qcow2", 2);
    }

    /** Only the loopback device, which nobody has brought up to the outside. */
    private static void theNetworkIsEmpty(long qemu) throws IOException {
        List<String> devices = Files.readAllLines(Path.of("/proc/" + qemu + "/net/dev")).stream()
                .skip(2)
                .map(line -> line.strip().split(":", -1)[0])
                .toList();
        assertThat(devices).containsExactly("lo");
    }

    private static Map<String, String> status(long pid) throws IOException {
        var fields = new HashMap<String, String>();
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            int colon = line.indexOf(':');
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return fields;
    }

    static long qemu(ProcessHandle vmm) {
        return Stream.concat(Stream.of(vmm), vmm.descendants())
                .filter(process -> Runner.commandLine(process.pid()).startsWith("/usr/bin/qemu-system-x86_64"))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseThrow();
    }
}
