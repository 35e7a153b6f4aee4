package dev.thaw.runner.template;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.os.RunnerHome;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The published images and templates of one home: a reader sees a whole one or none. Staged ones have names that begin
 * with a dot, so that no reader takes them for published.
 */
public final class TemplateStore {
    private static final int PUBLISHED_MODE = 0444;
    private static final int IMAGE_MODE = 0644;
    private static final int DIRECTORY_MODE = 0755;

    private final Path templates;
    private final Path images;

    public TemplateStore(RunnerHome home) {
        this.templates = home.root().resolve("templates");
        this.images = home.root().resolve("images");
    }

    /** Where things are staged before they are published: on the same file system. */
    public Path staging() {
        return templates;
    }

    /** The image built from these inputs, if there is one. */
    public Optional<Image> image(String inputs) throws RunnerException {
        Path directory = images.resolve(inputs);
        return Files.exists(directory.resolve(ManifestFile.NAME))
                ? Optional.of(ManifestFile.readImage(directory))
                : Optional.empty();
    }

    /** Where images are staged. */
    public Path imageStaging() {
        return images;
    }

    /** Makes a staged image the one for its inputs; an image that somebody else published meanwhile stays. */
    public Image publish(Image staged) throws RunnerException {
        try {
            ManifestFile.write(staged, staged.directory());
            makeReadable(staged.directory());
            Path published = move(staged.directory(), images.resolve(staged.inputs()));
            return ManifestFile.readImage(published);
        } catch (IOException e) {
            throw unpublished("image", e);
        }
    }

    /**
     * Makes a staged template a published one.
     *
     * @param staged with everything but the files' stamps, which are taken here: modes are set first, since that
     *     moves the change time
     */
    public Template publish(Template staged) throws RunnerException {
        try {
            var stamps = new LinkedHashMap<String, FileStamp>();
            for (String name : Template.FILES) {
                Path file = staged.file(name);
                Files.setAttribute(file, "unix:mode", PUBLISHED_MODE);
                stamps.put(name, FileStamp.of(file));
            }
            Template stamped = new Template(
                    staged.directory(),
                    staged.key(),
                    staged.name(),
                    staged.size(),
                    staged.created(),
                    staged.inputs(),
                    staged.machine(),
                    staged.nonceSha256(),
                    staged.diskBytes(),
                    staged.coldBootMillis(),
                    stamps);
            ManifestFile.write(stamped, staged.directory());
            return ManifestFile.readTemplate(move(staged.directory(), templates.resolve(staged.key())));
        } catch (IOException e) {
            throw unpublished("template", e);
        }
    }

    private static RunnerException unpublished(String what, IOException e) {
        return new RunnerException(
                JobDirectories.diskFull(e) ? Fault.NO_SPACE : Fault.BUILD,
                "cannot publish the " + what + ": " + e.getMessage(),
                e);
    }

    /** A guest's QEMU reads it as a user of its own, whatever the umask of whoever has started the runner. */
    private static void makeReadable(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.setAttribute(file, "unix:mode", IMAGE_MODE);
            }
        }
        Files.setAttribute(directory, "unix:mode", DIRECTORY_MODE);
    }

    private static Path move(Path staged, Path published) throws IOException {
        try {
            Files.move(staged, published, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // The JDK has no type of its own for the kernel's refusal to put a directory over a full one.
            if (!Files.exists(published.resolve(ManifestFile.NAME))) {
                throw e;
            }
            JobDirectory.deleteTree(staged);
        }
        return published;
    }

    /**
     * The template of a key, safe to start from.
     *
     * @throws RunnerException {@code TEMPLATE_DAMAGED} if a file is missing, truncated, altered or open to others, or
     *     the manifest is another template's
     */
    public Optional<Template> find(String key) throws RunnerException {
        Path directory = templates.resolve(key);
        if (!Files.exists(directory.resolve(ManifestFile.NAME))) {
            return Optional.empty();
        }
        Template template = ManifestFile.readTemplate(directory);
        checkKey(template, directory);
        verify(template);
        return Optional.of(template);
    }

    /** A manifest tells which machine to start; one whose inputs do not give its key is not the one published here. */
    private static void checkKey(Template template, Path directory) throws RunnerException {
        var inputs = new LinkedHashMap<String, String>();
        TemplateKey.NAMES.stream()
                .filter(template.inputs()::containsKey)
                .forEach(name -> inputs.put(name, template.inputs().getOrDefault(name, "")));
        boolean whole = inputs.size() == TemplateKey.NAMES.size()
                && inputs.size() == template.inputs().size();
        if (!whole
                || !template.key().equals(directory.getFileName().toString())
                || !new TemplateKey(inputs).digest().equals(template.key())
                || !String.join(" ", template.machine()).equals(inputs.get("machine"))) {
            throw damaged(template, ManifestFile.NAME, "is another template's");
        }
    }

    /** Whether there is a template of this key, sound or not. */
    public boolean isPublished(String key) {
        return Files.exists(templates.resolve(key));
    }

    /** Refuses a template of which a file is not what was published. */
    public void verify(Template template) throws RunnerException {
        for (String name : Template.FILES) {
            FileStamp stamp = template.files().get(name);
            Path file = template.file(name);
            try {
                checkAccess(template, name);
                if (stamp == null || !(stamp.untouched(file) || stamp.sameContent(file))) {
                    throw damaged(template, name, "is not what was published");
                }
            } catch (NoSuchFileException e) {
                throw damaged(template, name, "is missing");
            } catch (IOException e) {
                throw damaged(template, name, "cannot be read (" + e.getMessage() + ")");
            }
        }
    }

    /** What others may write is nobody's to trust, and what guests may not read cannot start. */
    private void checkAccess(Template template, String name) throws IOException, RunnerException {
        Map<String, Object> attributes = Files.readAttributes(template.file(name), "unix:mode,uid");
        int mode = (int) Objects.requireNonNull(attributes.get("mode")) & 0777;
        int owner = (int) Objects.requireNonNull(attributes.get("uid"));
        if (mode != PUBLISHED_MODE) {
            throw damaged(template, name, String.format("has mode %04o and not %04o", mode, PUBLISHED_MODE));
        }
        if (owner != 0 && owner != HostUsers.ownerOf(templates)) {
            throw damaged(template, name, "belongs to user " + owner + ", who does not own the templates");
        }
    }

    private static RunnerException damaged(Template template, String file, String what) {
        return new RunnerException(
                Fault.TEMPLATE_DAMAGED,
                "file " + file + " of template " + template.name() + " (" + TemplateKey.shortened(template.key()) + ") "
                        + what + "; build it anew with: runner template build --force " + template.name());
    }

    /** All published templates, newest first; one whose manifest cannot be read is left out. */
    public List<Template> list() throws RunnerException {
        var found = new ArrayList<Template>();
        for (Path directory : published(templates)) {
            try {
                found.add(ManifestFile.readTemplate(directory));
            } catch (RunnerException e) {
                System.getLogger(TemplateStore.class.getName()).log(System.Logger.Level.WARNING, e.getMessage());
            }
        }
        found.sort((a, b) -> b.created().compareTo(a.created()));
        return found;
    }

    /** The templates that a person means by a name or by the first digits of a key. */
    public List<Template> matching(String nameOrKey) throws RunnerException {
        return list().stream()
                .filter(template -> template.name().equals(nameOrKey)
                        || (nameOrKey.length() >= 4 && template.key().startsWith(nameOrKey)))
                .toList();
    }

    /** Unpublishes a template, then deletes it. Guests that run from it keep their open files. */
    public void remove(String key) throws RunnerException {
        removeDirectory(templates, key);
    }

    /** Unpublishes an image, then deletes it. */
    public void removeImage(String inputs) throws RunnerException {
        removeDirectory(images, inputs);
    }

    /** The inputs digests of all published images. */
    public List<String> images() throws RunnerException {
        return published(images).stream()
                .map(directory -> directory.getFileName().toString())
                .toList();
    }

    private static void removeDirectory(Path parent, String name) throws RunnerException {
        Path unpublished = parent.resolve(".removed-" + name);
        try {
            // A removal that died may have left it half deleted.
            JobDirectory.deleteTree(unpublished);
            Files.move(parent.resolve(name), unpublished, StandardCopyOption.ATOMIC_MOVE);
            JobDirectory.deleteTree(unpublished);
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot remove " + parent.resolve(name) + ": " + e.getMessage(), e);
        }
    }

    private static List<Path> published(Path parent) throws RunnerException {
        try (Stream<Path> entries = Files.list(parent)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new RunnerException(Fault.HOST, "cannot look through " + parent + ": " + e.getMessage(), e);
        }
    }

    /** Deletes what builds and removals that died have left in either directory; returns the names. */
    public List<String> sweep() throws RunnerException {
        var swept = new ArrayList<String>();
        for (Path parent : List.of(templates, images)) {
            try (Stream<Path> entries = Files.list(parent)) {
                for (Path entry : entries.filter(Files::isDirectory).toList()) {
                    String name = entry.getFileName().toString();
                    if (name.startsWith(".removed-")) {
                        JobDirectory.deleteTree(entry);
                        swept.add(name);
                    }
                }
            } catch (IOException e) {
                throw new RunnerException(Fault.HOST, "cannot sweep " + parent + ": " + e.getMessage(), e);
            }
        }
        return swept;
    }
}
