package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page's files and how they are served; PageIT looks at them with a browser. */
class PageTest {
    private static final Path FILES = Path.of("src/main/resources/dev/thaw/runner/api/page");

    /** What makes markup or script of a string, in any of the ways that browsers have. */
    private static final Pattern STRINGS_READ_AS_MARKUP = Pattern.compile(
            "innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\\.write|createContextualFragment|DOMParser|srcdoc"
                    + "|\\beval\\b|new Function|setTimeout\\(['\"`]|javascript:");

    private static Map<String, String> files() throws IOException {
        var files = new TreeMap<String, String>();
        try (Stream<Path> all = Files.list(FILES)) {
            for (Path file : all.toList()) {
                files.put(String.valueOf(file.getFileName()), Files.readString(file));
            }
        }
        return files;
    }

    @Test
    void everyFileIsServedAndThePolicyGoesWithIt(@TempDir Path directory) throws Exception {
        var description = new ApiDescription();
        try (var agent = new AgentUnderTest(directory.resolve("agent"), 3, description)) {
            for (var file : files().entrySet()) {
                HttpResponse<String> got = agent.get("", "/page/" + file.getKey());
                assertThat(got.statusCode()).describedAs(file.getKey()).isEqualTo(200);
                assertThat(got.body())
                        .hasSameSizeAs(new String(
                                file.getValue().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
                assertThat(got.headers().firstValue("Content-Security-Policy").orElseThrow())
                        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                                + "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                        .doesNotContain("unsafe");
                assertThat(got.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
                assertThat(got.headers().firstValue("Referrer-Policy")).contains("no-referrer");
                assertThat(got.headers().firstValue("Cache-Control")).contains("no-cache");
                assertThat(got.headers().firstValue("Set-Cookie")).isEmpty();
            }
            assertThat(agent.get("", "/").body())
                    .isEqualTo(agent.get("", "/page/index.html").body());
        }
    }

    @Test
    void whatABrowserHasAlreadyIsNotSentAgain(@TempDir Path directory) throws Exception {
        try (var agent = new AgentUnderTest(directory.resolve("agent"), 3, new ApiDescription())) {
            String tag =
                    agent.get("", "/page/page.js").headers().firstValue("ETag").orElseThrow();
            HttpResponse<String> again = agent.send("", "GET", "/page/page.js", Optional.empty(), "If-None-Match", tag);
            assertThat(again.statusCode()).isEqualTo(304);
            assertThat(again.body()).isEmpty();
            assertThat(agent.send("", "GET", "/page/page.css", Optional.empty(), "If-None-Match", tag)
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void nothingButThePagesFilesIsServed(@TempDir Path directory) throws Exception {
        try (var agent = new AgentUnderTest(directory.resolve("agent"), 3, new ApiDescription())) {
            for (String path : List.of(
                    "/page/",
                    "/page/nothing.js",
                    "/page/..%2fDoor.class",
                    "/page/%2e%2e/records",
                    "/page",
                    "/page/a/b")) {
                assertThat(agent.get("", path).statusCode()).describedAs(path).isIn(400, 404);
            }
            assertThat(agent.get("", "/?token=x").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void noFileReadsAStringAsMarkupOrScript() throws Exception {
        files().forEach((name, text) -> assertThat(
                        STRINGS_READ_AS_MARKUP.matcher(text).results())
                .describedAs(name)
                .isEmpty());
        // What is looked for would be found.
        assertThat(STRINGS_READ_AS_MARKUP.matcher("line.innerHTML = text").find())
                .isTrue();
    }

    @Test
    void nothingIsInlineAndNothingIsOfAnotherHost() throws Exception {
        files().forEach((name, text) -> {
            assertThat(text.replace("http://www.w3.org/2000/svg", ""))
                    .describedAs(name)
                    .doesNotContain("http://")
                    .doesNotContain("https://")
                    .doesNotContain("@import")
                    .doesNotContain("localStorage")
                    .doesNotContain("document.cookie");
            assertThat(text).describedAs(name).doesNotContain(" style=\"").doesNotContainPattern("<[^>]+ on[a-z]+=");
        });
        assertThat(files().get("index.html"))
                .doesNotContainPattern("<script[^>]*>[^<]")
                .doesNotContain("<style");
    }
}
