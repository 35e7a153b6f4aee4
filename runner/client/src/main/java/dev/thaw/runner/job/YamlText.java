package dev.thaw.runner.job;

import dev.thaw.runner.fault.RunnerException;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/** A text to YAML nodes: the plain part of YAML only, without anchors, tags or several documents. */
final class YamlText {
    private static final int DEEPEST = 32;

    private final String text;
    private final Mistakes mistakes;
    private final LoadSettings settings = LoadSettings.builder()
            .setMaxAliasesForCollections(Integer.MAX_VALUE)
            .build();

    YamlText(String text, Mistakes mistakes) {
        this.text = text.startsWith("\uFEFF") ? text.substring(1) : text;
        this.mistakes = mistakes;
    }

    /** What the document's mapping holds; nothing when it is empty. Throws when the text cannot be read on. */
    List<NodeTuple> entries() throws RunnerException {
        try {
            checkForm();
            Optional<Node> root = new Compose(settings).composeString(text);
            return root.isEmpty() ? List.of() : entries(root.get());
        } catch (MarkedYamlEngineException e) {
            int column = e.getProblemMark().map(Mark::getColumn).orElse(0) + 1;
            throw fatal(line(e.getProblemMark()), "not YAML at column " + column + ": " + e.getProblem());
        } catch (YamlEngineException e) {
            throw fatal(1, "not YAML: " + e.getMessage());
        }
    }

    private List<NodeTuple> entries(Node root) throws RunnerException {
        if (root instanceof MappingNode mapping) {
            return mapping.getValue();
        }
        throw fatal(line(root.getStartMark()), "expected keys and values, like 'timeout: 20m'");
    }

    /** Before composing, which is recursive: a text made to nest without end must not get there. */
    private void checkForm() throws RunnerException {
        int depth = 0;
        int documents = 0;
        for (Event event : new Parse(settings).parseString(text)) {
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            documents += event instanceof DocumentStartEvent ? 1 : 0;
            if (depth > DEEPEST) {
                throw fatal(line(event.getStartMark()), "nested more than " + DEEPEST + " levels deep");
            }
            if (documents > 1) {
                throw fatal(line(event.getStartMark()), "a second document begins; one file holds one");
            }
            refuseAnchorsAndTags(event);
        }
    }

    private void refuseAnchorsAndTags(Event event) {
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            String anchor = node.getAnchor().get().getValue();
            mistakes.add(
                    line(event.getStartMark()),
                    "anchors and aliases (&" + anchor + ", *" + anchor + ") are not supported; write the value out");
        }
        tag(event)
                .ifPresent(tag -> mistakes.add(
                        line(event.getStartMark()), "tags (" + tag + ") are not supported; write the plain value"));
    }

    private static Optional<String> tag(Event event) {
        if (event instanceof ScalarEvent scalar) {
            return scalar.getTag();
        }
        return event instanceof CollectionStartEvent collection ? collection.getTag() : Optional.empty();
    }

    private RunnerException fatal(int line, String problem) {
        mistakes.add(line, problem);
        return mistakes.fault();
    }

    /** The line a person sees in an editor: the first is 1. */
    static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(0) + 1;
    }
}
