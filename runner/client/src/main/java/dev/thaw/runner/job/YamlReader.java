package dev.thaw.runner.job;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads a YAML file that a person wrote, and reports all its mistakes at once, each with its line.
 *
 * <p>Ask {@link #root()} and the mappings under it for every key that exists, then call {@link #finish()}: it throws one
 * fault with every mistake that was met on the way, and with every key that nobody asked for. Until then the values that
 * were wrong read as absent, so the reading goes on with defaults and its product is thrown away.
 *
 * <pre>{@code
 * YamlReader reader = YamlReader.open(file);
 * String base = reader.root().required("base", Recipe::checkBase).orElse("");
 * List<String> packages = reader.root().strings("packages");
 * reader.finish();
 * }</pre>
 */
public final class YamlReader {
    private static final int MAX_BYTES = 1 << 20;

    private final Mistakes mistakes;
    private final YamlMapping root;

    private YamlReader(Mistakes mistakes, YamlMapping root) {
        this.mistakes = mistakes;
        this.root = root;
    }

    /** Reads a file, which messages call by its last name. Throws when it is not there, not text, or not YAML. */
    public static YamlReader open(Path file) throws RunnerException {
        String name = String.valueOf(file.getFileName());
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            checkSize(bytes.length, name);
            return open(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString(),
                    name);
        } catch (NoSuchFileException e) {
            throw new RunnerException(Fault.USAGE, "there is no file " + file, e);
        } catch (CharacterCodingException e) {
            throw new RunnerException(Fault.USAGE, name + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new RunnerException(Fault.USAGE, "cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads a text, which messages call by this name. Throws when it is not YAML; an empty text is an empty mapping. */
    public static YamlReader open(String text, String name) throws RunnerException {
        checkSize(text.length(), name);
        var mistakes = new Mistakes(name);
        var entries = new YamlText(text, mistakes).entries();
        return new YamlReader(mistakes, new YamlMapping(mistakes, 1, entries));
    }

    /** The mapping that the file is. */
    public YamlMapping root() {
        return root;
    }

    /** Adds a mistake that only the caller can see; lines begin at 1. */
    public void mistake(int line, String text) {
        mistakes.add(line, text);
    }

    /** Throws when there was any mistake or any key that nobody asked for. */
    public void finish() throws RunnerException {
        root.reportUnknownKeys();
        mistakes.throwIfAny();
    }

    private static void checkSize(int size, String name) throws RunnerException {
        if (size > MAX_BYTES) {
            throw new RunnerException(Fault.USAGE, name + " is larger than " + new ByteSize(MAX_BYTES));
        }
    }
}
