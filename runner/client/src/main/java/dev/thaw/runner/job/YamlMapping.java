package dev.thaw.runner.job;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The keys and values of one YAML mapping. A value of the wrong kind is noted as a mistake and reads as absent; a key
 * that is asked for becomes a known one, and those that never were are mistakes at {@link YamlReader#finish()}.
 */
public final class YamlMapping {
    private final Mistakes mistakes;
    private final int line;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();
    private final Map<Node, YamlMapping> children = new LinkedHashMap<>();

    private record Entry(int line, Node value) {}

    YamlMapping(Mistakes mistakes, int line, List<NodeTuple> tuples) {
        this.mistakes = mistakes;
        this.line = line;
        for (NodeTuple tuple : tuples) {
            add(tuple.getKeyNode(), tuple.getValueNode());
        }
    }

    /** Whether the key stands here, with whatever value. Makes it known. */
    public boolean has(String key) {
        known.add(key);
        return entries.containsKey(key);
    }

    /** The scalar under the key, as it is written: {@code true} and {@code 1} are text here. */
    public Optional<String> string(String key) {
        return node(key).flatMap(node -> scalar(node, "'" + key + "'"));
    }

    /** The scalar under the key, made into a value; an {@link IllegalArgumentException} of the maker is a mistake. */
    public <T> Optional<T> value(String key, Function<String, T> maker) {
        return string(key).flatMap(text -> made(key, text, maker));
    }

    /** Like {@link #value}, and it is a mistake when the key is not there. */
    public <T> Optional<T> required(String key, Function<String, T> maker) {
        if (!has(key)) {
            mistakes.add(line, "key '" + key + "' is missing");
        }
        return value(key, maker);
    }

    /** The whole number under the key, from {@code min} to {@code max}. */
    public OptionalInt integer(String key, int min, int max) {
        Optional<Integer> number = value(key, text -> wholeNumber(key, text, min, max));
        return number.isPresent() ? OptionalInt.of(number.get()) : OptionalInt.empty();
    }

    /** The list of scalars under the key, each as it is written; empty when the key is absent. */
    public List<String> strings(String key) {
        return elements(key).stream()
                .flatMap(node -> scalar(node, "an entry of '" + key + "'").stream())
                .toList();
    }

    /** The list of scalars under the key, each made into a value; what the maker does not take is a mistake. */
    public <T> List<T> values(String key, Function<String, T> maker) {
        return strings(key).stream()
                .flatMap(text -> made(key, text, maker).stream())
                .toList();
    }

    /** The mapping under the key. */
    public Optional<YamlMapping> mapping(String key) {
        return node(key).flatMap(node -> child(node, "'" + key + "'"));
    }

    /** Whether the key stands here with keys and values of its own. */
    public boolean holdsMapping(String key) {
        return node(key).filter(MappingNode.class::isInstance).isPresent();
    }

    /** The list of mappings under the key; empty when the key is absent. */
    public List<YamlMapping> mappings(String key) {
        return elements(key).stream()
                .flatMap(node -> child(node, "an entry of '" + key + "'").stream())
                .toList();
    }

    /** Whether the key stands here with a list that has no entries. */
    public boolean isEmptyList(String key) {
        return node(key)
                .filter(node ->
                        node instanceof SequenceNode list && list.getValue().isEmpty())
                .isPresent();
    }

    /** Every key with its scalar as it is written, in the file's order: for a mapping whose keys are free. */
    public Map<String, String> scalars() {
        var scalars = new LinkedHashMap<String, String>();
        entries.forEach((key, entry) -> {
            known.add(key);
            if (entry.value() instanceof ScalarNode scalar) {
                scalars.put(key, scalar.getValue());
            } else {
                mistakes.add(entry.line(), "'" + key + "' must be a single value");
            }
        });
        return scalars;
    }

    /** Refuses the key when it is there: it exists in the documented format but is not carried out yet. */
    public void unsupported(String key) {
        if (has(key)) {
            mistake(key, "'" + key + "' is not supported yet by this version");
        }
    }

    /** Adds a mistake that only the caller can see, at the line of the key, or of the mapping when there is no such key. */
    public void mistake(String key, String text) {
        Entry entry = entries.get(key);
        mistakes.add(entry == null ? line : entry.line(), text);
    }

    /** The line on which the mapping begins; the first of a file is 1. */
    public int line() {
        return line;
    }

    void reportUnknownKeys() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                String hint = NearestKey.of(key, known)
                        .map(near -> "did you mean '" + near + "'?")
                        .orElseGet(() -> "known keys: " + String.join(", ", known));
                mistakes.add(entry.line(), "unknown key '" + key + "'; " + hint);
            }
        });
        children.values().forEach(YamlMapping::reportUnknownKeys);
    }

    private void add(Node key, Node value) {
        int keyLine = YamlText.line(key.getStartMark());
        if (!(key instanceof ScalarNode scalar)) {
            mistakes.add(keyLine, "a key must be plain text");
            return;
        }
        Entry first = entries.putIfAbsent(scalar.getValue(), new Entry(keyLine, value));
        if (first != null) {
            mistakes.add(keyLine, "key '" + scalar.getValue() + "' stands on line " + first.line() + " already");
        }
    }

    private Optional<Node> node(String key) {
        known.add(key);
        return Optional.ofNullable(entries.get(key)).map(Entry::value);
    }

    private List<Node> elements(String key) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return List.of();
        }
        if (node.get() instanceof SequenceNode list) {
            return list.getValue();
        }
        mistake(key, "'" + key + "' must be a list");
        return List.of();
    }

    private Optional<String> scalar(Node node, String what) {
        if (!(node instanceof ScalarNode scalar)) {
            mistakes.add(YamlText.line(node.getStartMark()), what + " must be a single value");
            return Optional.empty();
        }
        if (scalar.getTag().equals(Tag.NULL)) {
            mistakes.add(YamlText.line(node.getStartMark()), what + " has no value; fill it in or leave it out");
            return Optional.empty();
        }
        return Optional.of(scalar.getValue());
    }

    private Optional<YamlMapping> child(Node node, String what) {
        int start = YamlText.line(node.getStartMark());
        if (node instanceof MappingNode mapping) {
            return Optional.of(
                    children.computeIfAbsent(node, unused -> new YamlMapping(mistakes, start, mapping.getValue())));
        }
        mistakes.add(start, what + " must be keys and values");
        return Optional.empty();
    }

    private <T> Optional<T> made(String key, String text, Function<String, T> maker) {
        try {
            return Optional.of(maker.apply(text));
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            // "timeout must be …" says what it is about; "a size is …" does not.
            mistake(key, message.startsWith(key) ? message : "'" + key + "': " + message);
            return Optional.empty();
        }
    }

    private static int wholeNumber(String key, String text, int min, int max) {
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, like a number that is out of range.
        }
        throw new IllegalArgumentException(
                key + " must be a whole number from " + min + " to " + max + ", got: " + text);
    }
}
