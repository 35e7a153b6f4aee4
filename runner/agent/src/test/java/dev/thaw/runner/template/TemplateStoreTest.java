package dev.thaw.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.os.RunnerHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateStoreTest {
    private static final Map<String, String> INPUTS = inputs();
    private static final String KEY = new TemplateKey(INPUTS).digest();
    private static final String SHORT = TemplateKey.shortened(KEY);

    private final Path templates;
    private final TemplateStore store;

    TemplateStoreTest(@TempDir Path directory) throws IOException {
        templates = Files.createDirectory(directory.resolve("templates"));
        Files.createDirectory(directory.resolve("images"));
        store = new TemplateStore(new RunnerHome(directory, directory));
    }

    private static Map<String, String> inputs() {
        var inputs = new LinkedHashMap<String, String>();
        TemplateKey.NAMES.forEach(name -> inputs.put(name, "some"));
        inputs.put("accelerator", "tcg");
        inputs.put("machine", "qemu -M microvm");
        return inputs;
    }

    private Template staged(String content) throws IOException {
        Path staged = Files.createTempDirectory(templates, ".staged");
        for (String name : Template.FILES) {
            Files.writeString(staged.resolve(name), content + " of " + name);
        }
        return new Template(
                staged,
                KEY,
                "docker",
                new Size(2, ByteSize.parse("2GiB")),
                Instant.EPOCH,
                INPUTS,
                List.of("qemu", "-M", "microvm"),
                "nonce",
                1 << 20,
                7,
                Map.of());
    }

    private void isDamaged(String message) {
        assertThatThrownBy(() -> store.find(KEY))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.TEMPLATE_DAMAGED))
                .hasMessage(message + "; build it anew with: runner template build --force docker");
    }

    @Test
    void whatIsPublishedIsFound() throws Exception {
        assertThat(store.find(KEY)).isEmpty();
        Template published = store.publish(staged("a"));

        assertThat(published.directory()).isEqualTo(templates.resolve(KEY));
        assertThat(store.find(KEY)).contains(published);
        assertThat(store.list()).containsExactly(published);
        assertThat(store.matching("docker")).containsExactly(published);
        assertThat(store.matching(KEY.substring(0, 4))).containsExactly(published);
        assertThat(store.matching(KEY.substring(0, 3))).isEmpty();
        assertThat(published.files()).containsOnlyKeys(Template.FILES);
    }

    @Test
    void aTruncatedFileIsDamage() throws Exception {
        Files.writeString(store.publish(staged("a")).file(Template.MEMORY), "");
        isDamaged("file memory of template docker (" + SHORT + ") is not what was published");
    }

    @Test
    void anAlteredFileOfTheSameSizeAndTimeIsDamage() throws Exception {
        Path disk = store.publish(staged("a")).file(Template.DISK);
        var modified = Files.getLastModifiedTime(disk);
        Files.writeString(disk, "b of " + Template.DISK);
        Files.setLastModifiedTime(disk, modified);
        isDamaged("file disk.raw of template docker (" + SHORT + ") is not what was published");
    }

    @Test
    void aMissingFileIsDamage() throws Exception {
        Files.delete(store.publish(staged("a")).file(Template.STATE));
        isDamaged("file state of template docker (" + SHORT + ") is missing");
    }

    @Test
    void aFileThatOthersMayWriteOrGuestsMayNotReadIsDamage() throws Exception {
        Path memory = store.publish(staged("a")).file(Template.MEMORY);
        Files.setAttribute(memory, "unix:mode", 0666);
        isDamaged("file memory of template docker (" + SHORT + ") has mode 0666 and not 0444");
        Files.setAttribute(memory, "unix:mode", 0400);
        isDamaged("file memory of template docker (" + SHORT + ") has mode 0400 and not 0444");
        // The control: the mode back, and nothing else, makes it sound.
        Files.setAttribute(memory, "unix:mode", 0444);
        assertThat(store.find(KEY)).isPresent();
    }

    @Test
    void theManifestOfAnotherQemuOrMachineIsDamage() throws Exception {
        Path manifest = store.publish(staged("a")).directory().resolve("manifest.json");
        String published = Files.readString(manifest);
        for (String[] change : new String[][] {
            {"\"qemu\" : \"some\"", "\"qemu\" : \"another\""},
            {"\"-M\", \"microvm\"", "\"-M\", \"q35\""},
            {"\"key\" : \"" + KEY, "\"key\" : \"" + KEY.replace(KEY.charAt(0), 'x')},
            {"\"cpus\" : \"some\",", ""},
        }) {
            String altered = published.replace(change[0], change[1]);
            assertThat(altered).isNotEqualTo(published);
            Files.writeString(manifest, altered);
            isDamaged("file manifest.json of template docker ("
                    + TemplateKey.shortened(change[0].contains("key") ? change[1].substring(9) : KEY)
                    + ") is another template's");
        }
        Files.writeString(manifest, published);
        assertThat(store.find(KEY)).isPresent();
    }

    @Test
    void theSameContentInAnotherInodeIsSound() throws Exception {
        Template published = store.publish(staged("a"));
        Path copy = Files.copy(published.file(Template.MEMORY), templates.resolve(".copy"));
        Files.move(copy, published.file(Template.MEMORY), StandardCopyOption.REPLACE_EXISTING);

        assertThat(published.files().get(Template.MEMORY)).isNotEqualTo(FileStamp.of(published.file(Template.MEMORY)));
        assertThat(store.find(KEY)).contains(published);
    }

    @Test
    void aManifestThatCannotBeReadIsDamageAndLeftOutOfTheList() throws Exception {
        Template published = store.publish(staged("a"));
        Files.writeString(published.directory().resolve("manifest.json"), "{\"format\":1");

        assertThatThrownBy(() -> store.find(KEY))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.TEMPLATE_DAMAGED))
                .hasMessageEndingWith("remove it with: runner template remove " + KEY);
        assertThat(store.list()).isEmpty();
        assertThat(store.isPublished(KEY)).isTrue();
    }

    @Test
    void ofTwoThatPublishTheFirstStays() throws Exception {
        Template first = store.publish(staged("a"));
        assertThat(store.publish(staged("b"))).isEqualTo(first);

        assertThat(Files.readString(first.file(Template.MEMORY))).isEqualTo("a of memory");
        try (var entries = Files.list(templates)) {
            assertThat(entries).containsExactly(first.directory());
        }
    }

    @Test
    void whatIsRemovedIsGone() throws Exception {
        store.publish(staged("a"));
        store.remove(KEY);

        assertThat(store.find(KEY)).isEmpty();
        assertThat(templates).isEmptyDirectory();
    }

    @Test
    void whatARemovalThatDiedLeftIsSwept() throws Exception {
        Files.createDirectory(templates.resolve(".removed-x"));
        assertThat(store.sweep()).containsExactly(".removed-x");
        assertThat(templates).isEmptyDirectory();
    }
}
