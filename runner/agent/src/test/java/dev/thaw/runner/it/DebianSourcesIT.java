package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Projects that nobody here wrote: a guest's verdict on them is that of the same Debian without a guest. */
class DebianSourcesIT {
    @TempDir
    static Path shared = Path.of("");

    private static DebianRoot debian;

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    /**
     * A source package, what builds it, what runs its own tests, a line of theirs that says that they passed, and a
     * change after which they cannot.
     */
    private record Project(
            String name, String build, String test, String passed, String file, String line, String wrong) {
        Project builtBy(String other) {
            return new Project(name, other, test, passed, file, line, wrong);
        }
    }

    private static final String MAKE = "make -j2 libbz2.a bzip2 bzip2recover";

    private static final Project BZIP2 = new Project(
            "bzip2",
            MAKE,
            "make test",
            "(?m)^cmp sample3.tst sample3.ref$",
            "sample1.ref",
            "TeX output 1995",
            "TeX output 1996");
    private static final Project LIBOGG = new Project(
            "libogg",
            "./configure; make -j2",
            "make check",
            "(?m)^Testing recapture... ok. *$",
            "src/framing.c",
            "head1_0[] = {0x4f,",
            "head1_0[] = {0x4e,");
    private static final Project CJSON = new Project(
            "cjson",
            "cmake -S . -B build -D ENABLE_CJSON_UTILS=ON; cmake --build build -j2",
            "ctest --test-dir build",
            "(?m)^100% tests passed, 0 tests failed out of [1-9][0-9]*$",
            "build/tests/inputs/test1.expected",
            "example glossary",
            "another glossary");

    @BeforeAll
    static void makeDebian() throws Exception {
        debian = DebianRoot.make(
                shared,
                List.of("gcc", "libc6-dev", "make", "cmake", "dpkg-dev", "file"),
                List.of(BZIP2.name(), LIBOGG.name(), CJSON.name()));
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(Runner.traces(Runner.HOME)).isEmpty();
    }

    @Test
    void aProjectThatIsBuiltInAHurryHasTheVerdictItHasWithoutAGuest() throws Exception {
        // Without optimisation, where an emulated compiler would spend most of a minute.
        verdictIsTheSame(BZIP2.builtBy(MAKE + " CFLAGS=-O0"));
    }

    @Test
    @Tag("full")
    void plainMakeHasTheVerdictItHasWithoutAGuest() throws Exception {
        verdictIsTheSame(BZIP2);
    }

    @Test
    @Tag("full")
    void autoconfHasTheVerdictItHasWithoutAGuest() throws Exception {
        verdictIsTheSame(LIBOGG);
    }

    @Test
    @Tag("full")
    void cmakeHasTheVerdictItHasWithoutAGuest() throws Exception {
        verdictIsTheSame(CJSON);
    }

    private void verdictIsTheSame(Project project) throws Exception {
        debian.run(work, "dpkg-source -x /src/" + project.name() + "_*.dsc source && cp -a source host")
                .expect(0);
        Path inHost = work.resolve("host");
        Path inGuest = work.resolve("guest");

        // What the build says is on the other stream: two compilers at once take turns as they like.
        String tests = "exec 2>&1; " + project.test();
        String both = "{ " + project.build() + "; } >&2; " + tests;
        var green = runner.run(
                        work.resolve("source"),
                        "exec",
                        "--artifact",
                        "**",
                        "--out",
                        inGuest.toString(),
                        "--",
                        "sh",
                        "-e",
                        "-c",
                        both)
                .expect(0);
        assertThat(said(green))
                .containsPattern(project.passed())
                .isEqualTo(said(debian.run(inHost, both).expect(0)));

        // The control: from the trees as they are now, one change makes both red, with the same words.
        change(inHost, project);
        change(inGuest, project);
        var red = runner.run(inGuest, "exec", "--", "sh", "-e", "-c", tests);
        var redInHost = debian.run(inHost, tests);
        assertThat(redInHost.code()).describedAs(redInHost.out()).isNotZero();
        red.expect(redInHost.code());
        assertThat(said(red)).isEqualTo(said(redInHost)).isNotEqualTo(said(green));
    }

    /** All that the tests print, but for how long they took. */
    private static String said(Runner.Ended ended) {
        return ended.out().replaceAll(" +[0-9.]+ sec", " some seconds");
    }

    private static void change(Path tree, Project project) throws Exception {
        Path file = tree.resolve(project.file());
        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(text).contains(project.line());
        Files.writeString(file, text.replace(project.line(), project.wrong()), StandardCharsets.ISO_8859_1);
    }
}
