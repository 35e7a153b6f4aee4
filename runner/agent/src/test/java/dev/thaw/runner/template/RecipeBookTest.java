package dev.thaw.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeBookTest {
    private final Path directory;
    private final RecipeBook recipes;

    RecipeBookTest(@TempDir Path directory) {
        this.directory = directory;
        recipes = new RecipeBook(directory);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(Files.createDirectories(directory.resolve(name)).resolve("recipe.yaml"), text);
    }

    @Test
    void whatIsNotSaidIsTheDefault() throws Exception {
        write("plain", "from: debian:trixie\n");
        Recipe recipe = recipes.find("plain");

        assertThat(recipe.suite()).isEqualTo("trixie");
        assertThat(recipe.sizes()).containsExactly(new Size(2, ByteSize.parse("2GiB")));
        assertThat(recipe.disk()).isEqualTo(ByteSize.parse("8GiB"));
        assertThat(recipe.packages()).isEmpty();
        assertThat(recipes.names()).containsExactly("plain");
    }

    @Test
    void aRecipeAddsToTheOneItBuildsOn() throws Exception {
        write("base", "from: debian:trixie\npackages: [git]\nwarmup: ['true']\ndisk: 4GiB\n");
        write("jdk", "from: base\npackages: [maven]\nwarmup: [mvn -v]\nsizes: [{cpus: 4, memory: 4GiB}]\n");
        Recipe recipe = recipes.find("jdk");

        assertThat(recipe.directories()).containsExactly(directory.resolve("base"), directory.resolve("jdk"));
        assertThat(recipe.directory()).isEqualTo(directory.resolve("jdk"));
        assertThat(recipe.suite()).isEqualTo("trixie");
        assertThat(recipe.packages()).containsExactly("git", "maven");
        assertThat(recipe.warmup()).containsExactly("true", "mvn -v");
        assertThat(recipe.sizes()).isEqualTo(List.of(new Size(4, ByteSize.parse("4GiB"))));
        assertThat(recipe.disk()).isEqualTo(ByteSize.parse("4GiB"));
        assertThat(recipe.text()).contains("packages: [git]").contains("packages: [maven]");
    }

    @Test
    void allMistakesAreNamedAtOnceWithTheirLines() throws Exception {
        write("bad", """
                from: ubuntu:noble
                pakages: [git]
                disk: 8
                packages: ['--yes']
                images:
                  - name: busybox
                """);
        assertThatThrownBy(() -> recipes.find("bad"))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.USAGE))
                .hasMessageStartingWith("recipe.yaml has 5 mistakes\n")
                .hasMessageContaining("line 1: 'from': must be debian:SUITE or the name of a recipe, got: ubuntu:noble")
                .hasMessageContaining("line 2: unknown key 'pakages'; did you mean 'packages'?")
                .hasMessageContaining("line 3: 'disk': a size is a whole number and a unit")
                .hasMessageContaining("line 4: not the name of a Debian package: --yes")
                .hasMessageContaining("line 6: 'name': an image's name must be NAME:TAG, got: busybox");
    }

    @Test
    void aRecipeThatBuildsOnItselfIsRefused() throws Exception {
        write("loop", "from: loop\n");
        assertThatThrownBy(() -> recipes.find("loop")).hasMessageContaining("leads through more than 8 recipes");
    }

    @Test
    void anUnknownNameNamesThoseThatAreThere() throws Exception {
        write("docker", "from: debian:trixie\n");
        assertThatThrownBy(() -> recipes.find("jdk"))
                .isInstanceOfSatisfying(
                        RunnerException.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_TEMPLATE))
                .hasMessage("there is no template and no recipe 'jdk'; recipes in " + directory
                        + ": docker; list templates with: runner template list");
        assertThatThrownBy(() -> recipes.find("../docker")).isInstanceOf(RunnerException.class);
    }
}
