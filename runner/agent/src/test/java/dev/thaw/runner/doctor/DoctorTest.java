package dev.thaw.runner.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.doctor.Finding.Verdict;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateKey;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.AcceleratorProof;
import dev.thaw.runner.vm.Booter;
import dev.thaw.runner.vm.Cage;
import dev.thaw.runner.vm.HostCpu;
import dev.thaw.runner.vm.Qemu;
import dev.thaw.runner.warming.ImageBuilder;
import dev.thaw.runner.warming.ImageSources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final String QEMU = "QEMU emulator version 7.2.11";

    private final Path directory;
    private final RunnerHome home;
    private final TemplateStore store;

    DoctorTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        home = RunnerHome.locate(Map.of("RUNNER_HOME", directory.resolve("home").toString()));
        store = new TemplateStore(home);
    }

    private Map<String, Finding> findings() throws Exception {
        var users = new HostUsers();
        var jobs = new JobDirectories(home, users);
        var subprocess = new Subprocess(System.getenv());
        var qemu = new Qemu(Path.of("/"), QEMU);
        var cpu = new HostCpu("Some CPU", "0x1", 0);
        var booter = new Booter(subprocess, new Cage(qemu, users), cpu);
        var images = new ImageBuilder(store, jobs, users, subprocess, new ImageSources(directory.resolve("vm-images")));
        var doctor = new Doctor(
                home,
                subprocess,
                qemu,
                new RecipeBook(directory.resolve("vm-images")),
                store,
                images,
                new AcceleratorProof(home, jobs, users, booter, qemu, cpu, Duration.ofSeconds(20)),
                jobs);
        var findings = new LinkedHashMap<String, Finding>();
        doctor.examine().forEach(finding -> findings.put(finding.name(), finding));
        return findings;
    }

    private Template published() throws Exception {
        var inputs = new LinkedHashMap<String, String>();
        String names =
                "guest_protocol name recipe qemu machine accelerator cpu host_cpu tsc_khz cpus memory disk kernel"
                        + " initramfs rootfs guestd images command_line host_ca";
        List.of(names.split(" ", -1)).forEach(name -> inputs.put(name, "some"));
        Path staged = Files.createDirectory(store.staging().resolve(".staged"));
        for (String name : Template.FILES) {
            Files.writeString(staged.resolve(name), name);
        }
        return store.publish(new Template(
                staged,
                new TemplateKey(inputs).digest(),
                "docker",
                new Size(2, ByteSize.parse("2GiB")),
                Instant.EPOCH,
                inputs,
                List.of("some"),
                "nonce",
                1,
                1,
                Map.of()));
    }

    @Test
    void everythingIsLookedAtInTheOrderInWhichItIsNeeded() throws Exception {
        assertThat(findings().keySet())
                .containsExactly("qemu", "packages", "cage", "accelerator", "disk", "templates", "leftovers");
    }

    @Test
    void aFreshHomeIsNoFailure() throws Exception {
        var findings = findings();
        assertThat(findings.get("qemu")).isEqualTo(new Finding("qemu", Verdict.OK, QEMU));
        assertThat(findings.get("templates"))
                .isEqualTo(new Finding(
                        "templates",
                        Verdict.WARNING,
                        "none; the first job builds one, or: runner template build docker"));
        assertThat(findings.get("leftovers")).isEqualTo(new Finding("leftovers", Verdict.OK, "none"));
        assertThat(findings.get("accelerator"))
                .isEqualTo(new Finding(
                        "accelerator",
                        Verdict.WARNING,
                        "not known before an image is built (a kernel has to answer under KVM); build one with: runner"
                                + " template build docker"));
    }

    @Test
    void diskIsWhatTheHomeHasLeft() throws Exception {
        Finding disk = findings().getOrDefault("disk", new Finding("", Verdict.FAILURE, ""));
        assertThat(disk.detail()).matches("\\d+ GiB free in " + home.root() + "(; an image and .* take about 8)?");
        boolean enough = Files.getFileStore(home.root()).getUsableSpace() >> 30 >= 8;
        assertThat(disk.verdict()).isEqualTo(enough ? Verdict.OK : Verdict.WARNING);
    }

    @Test
    void aPublishedTemplateIsCountedAndAnAlteredOneIsAFailure() throws Exception {
        Template template = published();
        assertThat(findings().get("templates"))
                .isEqualTo(new Finding("templates", Verdict.OK, "1 published, files as they were published"));
        Files.delete(template.file(Template.STATE));
        assertThat(findings().get("templates"))
                .isEqualTo(new Finding(
                        "templates",
                        Verdict.FAILURE,
                        "file state of template docker (" + TemplateKey.shortened(template.key())
                                + ") is missing; build it anew with: runner template build --force docker"));
    }

    @Test
    void whatADeadRunnerLeftIsAWarning() throws Exception {
        Files.createDirectories(home.root().resolve("jobs/j1"));
        assertThat(findings().get("leftovers"))
                .isEqualTo(new Finding(
                        "leftovers", Verdict.WARNING, "1 of runners that died; remove them with: runner gc"));
    }

    @Test
    void theCageIsTriedAndThePackagesAreLookedFor() throws Exception {
        assertThat(findings())
                .containsEntry("cage", new Finding("cage", Verdict.OK, "bwrap can unshare all namespaces"))
                .containsEntry("packages", new Finding("packages", Verdict.OK, "all 11 programs found"));
    }
}
