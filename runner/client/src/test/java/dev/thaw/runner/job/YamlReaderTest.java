package dev.thaw.runner.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlReaderTest {
    @Test
    void aSyntaxErrorNamesLineAndColumn() {
        assertThatThrownBy(() -> open("a: 1\nb: [1, 2\nc: 3\n"))
                .isInstanceOf(RunnerException.class)
                .hasMessageStartingWith("recipe.yaml has 1 mistake\n  line 3: not YAML at column ");
    }

    @Test
    void controlCharactersOfTheFileDoNotReachTheTerminal() {
        assertThatThrownBy(() -> open("\"\\e[31mred\\e[0m\": 1\n").finish())
                .hasMessageContaining("unknown key '?[31mred?[0m'");
        assertThatThrownBy(() -> open("a: \u0007\n"))
                .hasMessageStartingWith("recipe.yaml has 1 mistake\n  line 1: not YAML");
    }

    @Test
    void aKeyThatStandsTwiceIsAMistake() {
        assertThatThrownBy(() -> {
                    YamlReader reader = open("a: 1\nb: 2\na: 3\n");
                    assertThat(reader.root().string("a")).hasValue("1");
                    assertThat(reader.root().string("b")).hasValue("2");
                    reader.finish();
                })
                .hasMessage("recipe.yaml has 1 mistake\n  line 3: key 'a' stands on line 1 already");
    }

    @Test
    void anAliasBombIsRefusedBeforeItGoesOff() {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            String alias = "*a" + (i - 1);
            text.append("a%d: &a%d [%s, %s, %s, %s]\n".formatted(i, i, alias, alias, alias, alias));
        }
        assertThatThrownBy(() -> open(text.toString()).finish())
                .isInstanceOf(RunnerException.class)
                .hasMessageContaining("line 1: anchors and aliases (&a0, *a0) are not supported; write the value out")
                .hasMessageContaining("… and ");
    }

    @Test
    void aListThatHoldsItselfIsRefusedToo() {
        assertThatThrownBy(() -> open("a: &a [*a]\n").finish()).hasMessageContaining("anchors and aliases");
    }

    @Test
    void nestingWithoutEndIsRefusedAndNoStackOverflows() {
        assertThatThrownBy(() -> open("a: " + "[".repeat(200_000)))
                .hasMessage("recipe.yaml has 1 mistake\n  line 1: nested more than 32 levels deep");
        assertThatThrownBy(() -> open("a: " + "{b: ".repeat(200_000))).hasMessageContaining("nested more than 32");
    }

    @Test
    void aSecondDocumentIsRefused() {
        assertThatThrownBy(() -> open("a: 1\n---\na: 2\n"))
                .hasMessage("recipe.yaml has 1 mistake\n  line 2: a second document begins; one file holds one");
    }

    @Test
    void tagsAreRefused() {
        assertThatThrownBy(() -> open("a: !!binary aGk=\n").finish())
                .hasMessageContaining("line 1: tags (tag:yaml.org,2002:binary) are not supported");
    }

    @Test
    void theRootIsKeysAndValues() {
        assertThatThrownBy(() -> open("- a\n"))
                .hasMessage("recipe.yaml has 1 mistake\n  line 1: expected keys and values, like 'timeout: 20m'");
        assertThatThrownBy(() -> open("? [a, b]\n: c\n").finish()).hasMessageContaining("a key must be plain text");
    }

    @Test
    void listsMappingsAndNumbersAreReadAsAskedFor() throws RunnerException {
        YamlReader reader = open("sizes:\n  - {cpus: 2}\n  - {cpus: 4}\npackages: [git, 7]\nbase: {name: x}\n");
        YamlMapping root = reader.root();
        assertThat(root.mappings("sizes"))
                .map(size -> size.integer("cpus", 1, 64))
                .map(n -> n.orElse(0))
                .containsExactly(2, 4);
        assertThat(root.strings("packages")).containsExactly("git", "7");
        assertThat(root.mapping("base").flatMap(base -> base.string("name"))).hasValue("x");
        assertThat(root.strings("absent")).isEmpty();
        assertThat(root.mapping("absent")).isEmpty();
        assertThat(root.integer("absent", 0, 1)).isEmpty();
        reader.finish();
    }

    @Test
    void unknownKeysOfInnerMappingsAreFoundToo() {
        assertThatThrownBy(() -> {
                    YamlReader reader = open("base:\n  name: x\n  nmae: y\n");
                    reader.root().mapping("base").ifPresent(base -> base.string("name"));
                    reader.finish();
                })
                .hasMessage("recipe.yaml has 1 mistake\n  line 3: unknown key 'nmae'; did you mean 'name'?");
    }

    @Test
    void theCallersOwnMistakesAreSortedInByLine() {
        assertThatThrownBy(() -> {
                    YamlReader reader = open("a: 1\nb: 2\n");
                    reader.root().mistake("b", "second");
                    reader.mistake(1, "first");
                    reader.root().has("a");
                    reader.root().has("b");
                    reader.finish();
                })
                .hasMessage("recipe.yaml has 2 mistakes\n  line 1: first\n  line 2: second");
    }

    @Test
    void filesThatCannotBeReadAreFaultsOfOneLine(@TempDir Path directory) throws IOException {
        Path missing = directory.resolve("thaw.yaml");
        assertThatThrownBy(() -> YamlReader.open(missing)).hasMessage("there is no file " + missing);
        assertThatThrownBy(() -> YamlReader.open(directory)).hasMessageStartingWith("cannot read " + directory);
        Path latin = Files.write(directory.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
        assertThatThrownBy(() -> YamlReader.open(latin)).hasMessage("latin.yaml is not UTF-8 text");
        Path large = Files.write(directory.resolve("large.yaml"), new byte[(1 << 20) + 1]);
        assertThatExceptionOfType(RunnerException.class)
                .isThrownBy(() -> YamlReader.open(large))
                .withMessage("large.yaml is larger than 1MiB");
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstKey() throws RunnerException {
        assertThat(open("\uFEFFa: 1\n").root().string("a")).hasValue("1");
    }

    private static YamlReader open(String text) throws RunnerException {
        return YamlReader.open(text, "recipe.yaml");
    }
}
