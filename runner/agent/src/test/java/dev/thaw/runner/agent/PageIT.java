package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.browser.Browser;
import dev.thaw.runner.browser.Tab;
import dev.thaw.runner.records.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person meets it: in a real browser, with a running agent behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageIT {
    /** What a build may write to get out of the log; each sets {@code window.owned} if it is read as markup. */
    private static final List<String> HOSTILE = List.of(
            "<img src=x onerror=\"window.owned=1\">",
            "<svg onload=\"window.owned=2\"></svg>",
            "</div></section></main><img src=x onerror=window.owned=3>",
            "\"><img src=x onerror=window.owned=4><a title=\"",
            "' onmouseover='window.owned=5' x='",
            "</script><script>window.owned=6</script>",
            "<iframe srcdoc=\"<script>parent.owned=7</script>\"></iframe>",
            "<a href=\"javascript:window.owned=8\">click</a>",
            "<style>body{display:none}</style>",
            "&lt;img src=x onerror=window.owned=9&gt;",
            "\u001b[31m<img src=x onerror=window.owned=10>\u001b[0m",
            "\u001b]8;;javascript:window.owned=11\u001b\\link\u001b]8;;\u001b\\",
            "<im\u001b[1mg src=x onerror=window.owned=12>",
            "\u001b[38;2;1);background:url(//127.0.0.2/);m<b>",
            "\u202egpj.exe\u202c \u2066<img src=x onerror=window.owned=13>\u2069",
            "<!--<img src=x onerror=window.owned=14>-->\u0000\u0008\u001b[8mhidden");

    /** What there would be on the page if any of these had been read as markup. */
    private static final String INJECTED = "document.querySelectorAll('main script, main iframe, main style, "
            + "main [onerror], main [onload], main [onmouseover], main [srcdoc], main img, main svg[onload], "
            + "main a[href^=\"javascript\"]').length";

    private static final String CONTRAST = """
            (() => {
              const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
              const over = (colours) => {
                paint.clearRect(0, 0, 1, 1);
                for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
                return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
              };
              const light = (rgb) => rgb.map((c) => c / 255)
                .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
                .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
              const weak = [];
              const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
                const element = node.parentElement;
                if (node.data.trim() === '' || !element.checkVisibility() || element.closest('.unseen, noscript, :disabled')) continue;
                const grounds = [];
                for (let at = element; at !== null; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
                const back = over(['white', ...grounds]);
                const front = over([`rgb(${back.join(' ')})`, getComputedStyle(element).color]);
                const [low, high] = [light(back), light(front)].sort((a, b) => a - b);
                const ratio = (high + 0.05) / (low + 0.05);
                if (ratio < 4.5) weak.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
              }
              return weak;
            })()""";

    private final Path directory;
    private final Browser browser;
    private AgentUnderTest agent;
    private Tab tab;

    PageIT(@TempDir Path directory) throws Exception {
        this.directory = directory;
        browser = Browser.start(directory);
        agent = new AgentUnderTest(directory.resolve("agent"));
        tab = browser.open();
    }

    @BeforeEach
    void open() throws Exception {
        tab = browser.open();
    }

    @AfterEach
    void nobodyElseWasAskedAndNothingWasRefused() {
        assertThat(tab.problems()).isEmpty();
        assertThat(tab.requests()).isNotEmpty().allMatch(this::isTheAgents).noneMatch(url -> url.contains("thaw"));
        tab.close();
    }

    @AfterAll
    void stop() {
        browser.close();
        agent.close();
    }

    private boolean isTheAgents(String address) {
        return address.equals("about:blank")
                || address.startsWith(agent.daemon.address() + "/")
                || address.startsWith("blob:" + agent.daemon.address() + "/");
    }

    private void signIn(String token) {
        tab.go(agent.daemon.address() + "/");
        tab.until("document.activeElement?.id === 'token'");
        tab.type(token);
        tab.press("Enter");
        tab.until("document.querySelector('.host, .job-head')");
    }

    private void show(String id) {
        tab.eval("location.hash = '#/jobs/" + id + "'");
        tab.until("document.querySelector('h1')?.textContent === '" + id + "' && document.querySelector('.job-head')");
    }

    private void untilBadge(String word) {
        tab.until("document.querySelector('.job-head .badge')?.textContent === '" + word + "'");
    }

    /** A job whose output is this text. */
    private String jobThatWrites(String text) throws Exception {
        String id = agent.submit(AgentUnderTest.order("cat").put("workspace", "archive"));
        assertThat(agent.upload(agent.admin, id, text).statusCode()).isEqualTo(204);
        agent.ended(id);
        return id;
    }

    @Test
    void aTokenIsAskedForOnceAndStaysInTheTab() throws Exception {
        tab.go(agent.daemon.address() + "/");
        tab.until("document.activeElement?.id === 'token'");
        tab.type("thaw_x_y");
        tab.press("Enter");
        tab.until("document.querySelector('[role=alert]').textContent.includes('unknown, revoked or expired')");
        assertThat(tab.eval("sessionStorage.length").asInt()).isZero();

        signIn(agent.admin);
        tab.call("Page.reload", AgentUnderTest.JSON.createObjectNode());
        tab.until("document.querySelector('.host')");
        assertThat(tab.eval("localStorage.length + document.cookie.length").asInt())
                .isZero();
        assertThat(tab.eval("location.href").asText()).isEqualTo(agent.daemon.address() + "/");
        try (Tab other = browser.open()) {
            other.go(agent.daemon.address() + "/");
            other.until("document.activeElement?.id === 'token'");
        }
        tab.eval("document.getElementById('leave').click()");
        assertThat(tab.eval("sessionStorage.length").asInt()).isZero();
        tab.until("document.activeElement?.id === 'token'");
    }

    @Test
    void whatABuildWritesIsTextWhateverItIs() throws Exception {
        String output = String.join("\n", HOSTILE) + "\n" + "z".repeat(30_000) + "\nthe end\n";
        String id = jobThatWrites(output);
        ObjectNode asked = AgentUnderTest.order("say " + HOSTILE.get(0) + "\nkeep <svg>'\".txt x");
        asked.withArray("/spec/steps").addObject().put("name", HOSTILE.get(3)).put("run", HOSTILE.get(5));
        String second = agent.submit(asked);
        agent.ended(second);

        signIn(agent.admin);
        tab.until("document.querySelector('a[href$=\"" + second + "\"]')");
        assertThat(tab.text("table")).contains(HOSTILE.get(0));
        show(second);
        tab.until("document.querySelector('.files li')");
        assertThat(tab.text(".side")).contains("<svg>'\".txt", HOSTILE.get(3));
        show(id);
        tab.until("document.querySelector('.lines').textContent.includes('the end')");

        String shown = tab.eval("document.querySelector('.lines').textContent").asText();
        for (int plain : List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)) {
            assertThat(shown).contains(HOSTILE.get(plain));
        }
        assertThat(shown).contains("<img src=x onerror=window.owned=10>", "<img src=x onerror=window.owned=12>");
        assertThat(shown).contains("U+202Egpj.exeU+202C", "^@^Hhidden").doesNotContain("\u202e");
        assertThat(shown).contains("22,000 more characters in this line");
        assertThat(tab.eval(INJECTED).asInt()).isZero();
        assertThat(tab.eval("window.owned === undefined").asBoolean()).isTrue();
    }

    @Test
    void theSameTextWouldBeNoticedIfItWereReadAsMarkup() throws Exception {
        signIn(agent.admin);
        ObjectNode hostile =
                AgentUnderTest.JSON.createObjectNode().put("text", String.join("\n", HOSTILE.subList(0, 8)));
        String put = "(text => { document.body.innerHTML = '<main>' + text + '</main>'; })((" + hostile + ").text)";
        try (Tab other = browser.open()) {
            other.eval(put);
            other.until("window.owned !== undefined");
            assertThat(other.eval(INJECTED).asInt()).isPositive();
        }
        // The page's own policy would not even let it.
        try (Tab page = browser.open()) {
            page.go(agent.daemon.address() + "/");
            assertThat(page.eval("(() => { try { " + put + " } catch (e) { return e.name; } })()")
                            .asText())
                    .isEqualTo("TypeError");
            assertThat(page.eval("window.owned === undefined").asBoolean()).isTrue();
        }
    }

    @Test
    void aViolationOfThePolicyOrARequestElsewhereWouldBeNoticed() throws Exception {
        signIn(agent.admin);
        for (String violation : List.of(
                "fetch('http://127.0.0.1:9/').catch(() => 0)",
                "document.body.setAttribute('style', 'color: red')",
                "document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }))",
                "document.head.append(Object.assign(document.createElement('base'), { href: '/elsewhere/' }))")) {
            try (Tab page = browser.open()) {
                page.go(agent.daemon.address() + "/");
                page.until("document.querySelector('#token')");
                assertThat(page.problems()).isEmpty();
                page.eval(violation);
                page.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");
                assertThat(page.problems()).describedAs(violation).isNotEmpty();
            }
        }
        try (Tab bare = browser.open()) {
            bare.eval("fetch('http://127.0.0.1:9/', { mode: 'no-cors' }).catch(() => 0)");
            assertThat(bare.requests()).contains("http://127.0.0.1:9/").anyMatch(address -> !isTheAgents(address));
        }
    }

    @Test
    void aJobIsFollowedWhileItRuns() throws Exception {
        String id = agent.submit(AgentUnderTest.order(
                "phase overlay\nsay \u001b[1;32mgreen\u001b[0m plain\nwarn careful\nwait live\nsay more"));
        signIn(agent.admin);
        show(id);
        untilBadge("running");
        tab.until("document.querySelectorAll('.line').length >= 2");
        assertThat(tab.text(".front-2.bold")).isEqualTo("green");
        assertThat(tab.text(".stderr")).isEqualTo("careful");
        assertThat(tab.text("#phases-title")).isEqualTo("Where the time went");
        agent.body.open("live");
        untilBadge("passed");
        tab.until("document.querySelector('.lines').textContent.endsWith('more')");
        assertThat(tab.text("#announcer")).isEqualTo("Job " + id + " is over: passed");
        assertThat(tab.text(".summary")).contains("exit code 0");
    }

    @Test
    void afterTheAgentWasAwayTheStoryGoesOnWhereItWas() throws Exception {
        ObjectNode order = AgentUnderTest.order("say one\nwait away\nsay two").put("rerun", true);
        String id = agent.submit(order);
        signIn(agent.admin);
        show(id);
        tab.until("document.querySelector('.lines').textContent === 'one'");
        int port = agent.daemon.address().getPort();
        agent.close();
        tab.until("document.querySelector('#connection').textContent.includes('does not answer')");
        agent = new AgentUnderTest(directory.resolve("agent"), 100, (method, path, response) -> {}, port);
        agent.body.open("away");
        tab.until("document.querySelector('.job-head .badge').textContent !== 'running'");

        untilBadge("passed");
        tab.until("document.querySelector('.lines').textContent === 'oneAttempt 2onetwo'");
        assertThat(tab.text("#connection")).isEmpty();
    }

    @Test
    void itShowsHowFullTheHostIsAndWhoStandsBy() throws Exception {
        signIn(agent.admin);
        tab.until("document.querySelector('.host .figure').textContent.endsWith(' of 2')");
        tab.until(
                "[...document.querySelectorAll('.host .note')].some((note) => note.textContent.startsWith(' of 2 \u00b7 docker'))");
        assertThat(tab.eval("[...document.querySelectorAll('.host [role=meter]')].every((meter) =>"
                                + " meter.ariaValueText.includes(' of ') && Number(meter.ariaValueMax) > 0)")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void phasesAreDrawnToScale() throws Exception {
        String id = agent.submit(AgentUnderTest.order(
                "phase overlay\nphase vmm_up\nphase restored\nphase first_exec\nsay x\nphase exited\nphase collected"));
        agent.ended(id);
        signIn(agent.admin);
        show(id);
        untilBadge("passed");
        JsonNode timings = agent.job(id).path("ending").path("timings");
        JsonNode drawn = tab.eval("""
                [...document.querySelectorAll('.strip')].map((strip) => [...strip.children].map((part) =>
                    [part.className, part.getBoundingClientRect().width / strip.getBoundingClientRect().width]))""");

        double start = timings.path("first_exec").asDouble();
        double whole = timings.path("discarded").asDouble();
        assertThat(drawn.path(0).path(0).path(0).asText()).contains("phase-start");
        assertThat(drawn.path(0).path(0).path(1).asDouble()).isCloseTo(start / whole, within(0.01));
        double sum = 0;
        for (JsonNode part : drawn.path(1)) {
            sum += part.path(1).asDouble();
        }
        assertThat(sum).isCloseTo(1, within(0.02));
        assertThat(tab.eval("document.querySelectorAll('.legend li').length").asInt())
                .isEqualTo(8);
    }

    @Test
    void everythingCanBeDoneWithTheKeyboardAlone() throws Exception {
        String id = agent.submit(AgentUnderTest.order("say hello\nwait never"));
        agent.await(id, "running");
        signIn(agent.admin);
        tab.until("document.querySelector('a[href$=\"" + id + "\"]')");

        tabTo("document.activeElement.textContent === '" + id + "'");
        tab.press("Enter");
        tab.until("document.querySelector('.job-head .danger')?.checkVisibility()");
        assertThat(tab.eval("document.activeElement.tagName").asText()).isEqualTo("H1");
        tabTo("document.activeElement.textContent === 'Cancel job'");
        tab.press("Enter");
        tab.until("document.activeElement.textContent === 'Let it run'");
        tab.press("Escape");
        tab.until("!document.querySelector('dialog') && document.activeElement.textContent === 'Cancel job'");
        tab.press("Enter");
        tab.until("document.activeElement.textContent === 'Let it run'");
        tabTo("document.activeElement.textContent === 'Cancel job'");
        tab.press("Enter");

        untilBadge("cancelled");
        assertThat(agent.job(id).path("ending").path("outcome").asText()).isEqualTo("cancelled");
        tabTo("document.activeElement.classList.contains('skip')");
        tab.press("Enter");
        assertThat(tab.eval("document.activeElement.id").asText()).isEqualTo("main");
    }

    /** Goes on with the tab key; wherever it comes by, a person can see where it is. */
    private void tabTo(String wanted) {
        for (int i = 0; i < 60; i++) {
            tab.press("Tab");
            if (tab.eval(wanted).asBoolean()) {
                return;
            }
            assertThat(tab.eval("document.activeElement === document.body || (document.activeElement.checkVisibility() "
                                    + "&& getComputedStyle(document.activeElement).outlineStyle !== 'none')")
                            .asBoolean())
                    .describedAs(tab.eval("document.activeElement.outerHTML").asText())
                    .isTrue();
        }
        throw new AssertionError("the tab key never comes to where " + wanted);
    }

    @Test
    void whoMayNotCancelIsNotOfferedIt() throws Exception {
        String reader = agent.token(Scope.SUBMIT, Scope.READ);
        JsonNode receipt = AgentUnderTest.json(agent.post(reader, "/v1/jobs", AgentUnderTest.order("wait reader")));
        String id = receipt.path("job").path("id").asText();
        agent.await(id, "running");
        signIn(reader);
        show(id);
        untilBadge("running");
        assertThat(tab.eval("document.querySelector('.danger').checkVisibility()")
                        .asBoolean())
                .isFalse();

        // With the job's own token, which may, it is there; and there is nothing but that job.
        tab.eval("document.getElementById('leave').click()");
        tab.eval("location.hash = '#/'");
        signIn(receipt.path("job_token").asText());
        tab.until("document.querySelector('.job-head .danger')?.checkVisibility()");
        assertThat(tab.text("h1")).isEqualTo(id);
        agent.body.open("reader");
    }

    @Test
    void ofALongLogTheEndIsShownAndAllOfItIsSaved() throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < 12_000; i++) {
            text.append(i).append(" \u001b[3").append(i % 8).append("mx\u001b[0m\n");
        }
        text.setLength(100_000);
        String id = jobThatWrites(text.toString());
        Path saved = Files.createDirectories(directory.resolve("saved"));
        tab.saveTo(saved);
        signIn(agent.admin);
        show(id);
        untilBadge("passed");
        tab.until("document.querySelector('.line')");

        assertThat(tab.eval("document.querySelectorAll('.line').length").asInt())
                .isLessThanOrEqualTo(5000);
        assertThat(tab.text(".missing")).contains("earlier lines are not shown here");
        assertThat(tab.eval("document.querySelector('.line:last-child').textContent")
                        .asText())
                .startsWith(text.substring(text.lastIndexOf("\n") + 1).split(" ", -1)[0]);
        tab.eval("[...document.querySelectorAll('.tools button')].find((b) => b.textContent === 'Save log').click()");
        assertThat(whenSaved(saved.resolve(id + ".log"), text.length())).isEqualTo(text.toString());
    }

    @Test
    void whatABuildWritesCannotFillTheBrowser() throws Exception {
        String signs = jobThatWrites(("\u0007a".repeat(49) + "\n").repeat(1000));
        String colours = jobThatWrites("\u001b[31ma\u001b[32mb".repeat(8000));
        String endless = jobThatWrites("x".repeat(100_000));
        signIn(agent.admin);
        for (String id : List.of(signs, colours, endless)) {
            show(id);
            untilBadge("passed");
            tab.until("document.querySelector('.line')");
            assertThat(tab.eval("document.querySelectorAll('.log *').length").asInt())
                    .isLessThan(40_000);
            assertThat(tab.eval("document.querySelector('.lines').textContent.length")
                            .asInt())
                    .isLessThan(200_000);
        }
    }

    @Test
    void artifactsAreListedAndSaved() throws Exception {
        String id = agent.submit(AgentUnderTest.order("keep b.html <b>x</b>\nkeep a.txt one"));
        agent.ended(id);
        Path saved = Files.createDirectories(directory.resolve("artifacts"));
        tab.saveTo(saved);
        signIn(agent.admin);
        show(id);
        tab.until("document.querySelectorAll('.files li').length === 2");
        assertThat(tab.text(".files")).isEqualTo("a.txt\n3\u202fB\nb.html\n8\u202fB");
        tab.eval("[...document.querySelectorAll('.files button')].find((b) => b.textContent === 'b.html').click()");
        assertThat(whenSaved(saved.resolve("b.html"), 8)).isEqualTo("<b>x</b>");
        tab.eval("document.querySelector('.side .panel-head button').click()");
        assertThat(whenSaved(saved.resolve(id + ".tar"), 3072)).contains("a.txt", "b.html");
    }

    private static String whenSaved(Path file, long size) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!Files.exists(file) || Files.size(file) < size) {
            if (System.nanoTime() > end) {
                throw new AssertionError(file + " is not there");
            }
            Thread.onSpinWait();
        }
        return Files.readString(file);
    }

    @Test
    void itCanBeReadInTheLightInTheDarkAndOnASmallScreen() throws Exception {
        var colours = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            colours.append("\u001b[38;5;").append(i).append("mtext\u001b[0m ");
            colours.append("\u001b[48;5;").append(i).append("mtext\u001b[0m\n");
        }
        String id = jobThatWrites(colours + "\u001b[7minverse\u001b[0m \u001b[31;41mred on red\u001b[0m\n");
        String fault = agent.submit(AgentUnderTest.order("break"));
        agent.ended(fault);
        signIn(agent.admin);
        for (String scheme : List.of("light", "dark")) {
            tab.scheme(scheme);
            for (String hash : List.of("#/", "#/jobs/" + id, "#/jobs/" + fault)) {
                tab.size(320, 800);
                tab.eval("location.hash = '" + hash + "'");
                tab.until("document.querySelector('td.id a, .line, .notice')");
                tab.eval("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
                assertThat(tab.eval("document.documentElement.scrollWidth").asInt())
                        .describedAs(hash)
                        .isLessThanOrEqualTo(320);
                assertThat(tab.eval(CONTRAST)).describedAs(scheme + " " + hash).isEmpty();
            }
        }
        tab.scheme("light");
        String ground =
                tab.eval("getComputedStyle(document.body).backgroundColor").asText();
        tab.scheme("dark");
        assertThat(tab.eval("getComputedStyle(document.body).backgroundColor").asText())
                .isNotEqualTo(ground);
    }

    @Test
    void terminalSequencesAreReadTheSameHoweverTheyAreCutUp() throws Exception {
        signIn(agent.admin);
        JsonNode read = tab.eval("""
                import('/page/ansi.js').then(({ AnsiReader }) => {
                  const read = (pieces) => {
                    const heard = [];
                    const reader = new AnsiReader({
                      text: (text, style) => {
                        const key = JSON.stringify(style);
                        const last = heard[heard.length - 1];
                        if (last?.key === key) { last.text += text; } else { heard.push({ key, text }); }
                      },
                      newLine: () => heard.push({ key: 'n', text: '' }),
                      restart: () => heard.push({ key: 'r', text: '' }),
                    });
                    pieces.forEach((piece) => reader.feed(piece));
                    reader.end();
                    return heard.map(({ key, text }) => `${key} ${text}`).join('|');
                  };
                  return [
                    '\\x1b[31mred\\x1b[39m plain', '\\x1b[1;4;38;5;196mx\\x1b[0my', '\\x1b[38:2::1:2:3mz', '\\x1b[2J\\x1b[10;10Hmoved',
                    '\\x1b]0;title\\x07shown', '\\x1b]8;;u\\x1b\\\\link\\x1b]8;;\\x1b\\\\', '\\x1b(Bascii', 'a\\rb\\r\\nc', '\\x1b[', '\\x1b]never\\nended',
                    '\\x1b[31', '\\x1b[7mi\\x1b[27mj', '\\x1b[38;2;300;-1;xmq', '\\x1b\\x1b[32mg', '\\x1bPdcs\\x1b\\\\after',
                  ].map((text) => [read([text]), read([...text])]);
                })""");
        for (JsonNode pair : read) {
            assertThat(pair.path(1)).isEqualTo(pair.path(0));
        }
        var first = new ArrayList<String>();
        read.forEach(pair -> first.add(pair.path(0).asText()));
        assertThat(first)
                .startsWith(
                        "{\"fg\":1} red|{}  plain",
                        "{\"bold\":true,\"underline\":true,\"fg\":[255,0,0]} x|{} y",
                        "{\"fg\":[1,2,3]} z",
                        "{} moved",
                        "{} shown",
                        "{} link",
                        "{} ascii",
                        "{} a|r |{} b|r |n |{} c",
                        "{} \u001b[",
                        "{} \u001b]never|n |{} ended");
    }
}
