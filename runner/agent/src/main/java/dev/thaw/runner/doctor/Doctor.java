package dev.thaw.runner.doctor;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Image;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.Accelerator;
import dev.thaw.runner.vm.AcceleratorChoice;
import dev.thaw.runner.vm.AcceleratorProof;
import dev.thaw.runner.vm.Qemu;
import dev.thaw.runner.warming.ImageBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at everything a job needs of this host, and says what is missing. */
public final class Doctor {
    private static final long LEAST_DISK_GIB = 8;
    private static final Map<String, String> PROGRAMS = programs();

    private final RunnerHome home;
    private final Subprocess subprocess;
    private final Qemu qemu;
    private final RecipeBook recipes;
    private final TemplateStore store;
    private final ImageBuilder images;
    private final AcceleratorProof accelerators;
    private final JobDirectories jobs;

    public Doctor(
            RunnerHome home,
            Subprocess subprocess,
            Qemu qemu,
            RecipeBook recipes,
            TemplateStore store,
            ImageBuilder images,
            AcceleratorProof accelerators,
            JobDirectories jobs) {
        this.home = home;
        this.subprocess = subprocess;
        this.qemu = qemu;
        this.recipes = recipes;
        this.store = store;
        this.images = images;
        this.accelerators = accelerators;
        this.jobs = jobs;
    }

    private static Map<String, String> programs() {
        var programs = new LinkedHashMap<String, String>();
        programs.put("bwrap", "bubblewrap");
        programs.put("qemu-img", "qemu-utils");
        programs.put("mmdebstrap", "mmdebstrap");
        programs.put("mke2fs", "e2fsprogs");
        programs.put("musl-gcc", "musl-tools");
        programs.put("gcc", "gcc");
        programs.put("make", "make");
        programs.put("cpio", "cpio");
        programs.put("unshare", "util-linux");
        programs.put("setpriv", "util-linux");
        programs.put("python3", "python3");
        return programs;
    }

    /** Everything, in the order in which it is needed. */
    public List<Finding> examine() throws InterruptedException {
        var findings = new ArrayList<Finding>();
        findings.add(Finding.ok("qemu", qemu.version()));
        findings.add(packages());
        findings.add(cage());
        findings.add(accelerator());
        findings.add(disk());
        findings.add(templates());
        findings.add(leftovers());
        return findings;
    }

    private Finding packages() {
        var missing = PROGRAMS.entrySet().stream()
                .filter(entry -> !subprocess.available(entry.getKey()))
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
        return missing.isEmpty()
                ? Finding.ok("packages", "all " + PROGRAMS.size() + " programs found")
                : Finding.failure("packages", "install with: apt-get install " + String.join(" ", missing));
    }

    private Finding cage() throws InterruptedException {
        try {
            var output = subprocess.run(
                    List.of("bwrap", "--unshare-all", "--cap-drop", "ALL", "--ro-bind", "/", "/", "true"),
                    Duration.ofSeconds(10));
            return output.exitCode() == 0
                    ? Finding.ok("cage", "bwrap can unshare all namespaces")
                    : Finding.failure("cage", "bwrap cannot unshare: " + output.lastLine());
        } catch (RunnerException e) {
            return Finding.failure("cage", String.valueOf(e.getMessage()));
        }
    }

    private Finding accelerator() throws InterruptedException {
        try {
            Optional<Image> image = anyImage();
            if (image.isEmpty()) {
                return Finding.warning(
                        "accelerator",
                        "not known before an image is built (a kernel has to answer under KVM); build one with: runner"
                                + " template build docker");
            }
            AcceleratorChoice choice = accelerators.choose("auto", image.get());
            String text = choice.accelerator().word() + ": " + choice.reason();
            return choice.accelerator() == Accelerator.KVM
                    ? Finding.ok("accelerator", text)
                    : Finding.warning("accelerator", text + "; TCG is no security boundary: trusted code only");
        } catch (RunnerException e) {
            return Finding.failure("accelerator", String.valueOf(e.getMessage()));
        }
    }

    private Optional<Image> anyImage() throws RunnerException {
        for (String name : recipes.names()) {
            Recipe recipe = recipes.find(name);
            Optional<Image> image = images.find(recipe);
            if (image.isPresent()) {
                return image;
            }
        }
        return Optional.empty();
    }

    private Finding disk() {
        Path root = home.root();
        try {
            long free = Files.getFileStore(root).getUsableSpace() >> 30;
            String text = free + " GiB free in " + root;
            return free >= LEAST_DISK_GIB
                    ? Finding.ok("disk", text)
                    : Finding.warning("disk", text + "; an image and its template take about " + LEAST_DISK_GIB);
        } catch (IOException e) {
            return Finding.failure("disk", "cannot look at " + root + ": " + e.getMessage());
        }
    }

    private Finding templates() {
        try {
            List<Template> templates = store.list();
            for (Template template : templates) {
                store.verify(template);
            }
            return templates.isEmpty()
                    ? Finding.warning("templates", "none; the first job builds one, or: runner template build docker")
                    : Finding.ok("templates", templates.size() + " published, files as they were published");
        } catch (RunnerException e) {
            return Finding.failure("templates", String.valueOf(e.getMessage()));
        }
    }

    private Finding leftovers() {
        try {
            List<String> orphans = jobs.orphans();
            return orphans.isEmpty()
                    ? Finding.ok("leftovers", "none")
                    : Finding.warning(
                            "leftovers", orphans.size() + " of runners that died; remove them with: runner gc");
        } catch (RunnerException e) {
            return Finding.failure("leftovers", String.valueOf(e.getMessage()));
        }
    }
}
