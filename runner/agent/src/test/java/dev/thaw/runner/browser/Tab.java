package dev.thaw.runner.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** One tab of a browser, driven over the DevTools protocol; everything that it reports is kept. */
public final class Tab implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final WebSocket socket;

    private Tab(HttpClient http, URI address) {
        socket = http.newWebSocketBuilder().buildAsync(address, new Listener()).join();
    }

    static Tab connect(HttpClient http, URI address) {
        var tab = new Tab(http, address);
        for (String domain : List.of("Page", "Runtime", "Network", "Log", "Audits")) {
            tab.call(domain + ".enable", JSON.createObjectNode());
        }
        tab.size(1280, 900);
        return tab;
    }

    /** Calls a method of the protocol; what it answers. */
    public JsonNode call(String method, ObjectNode parameters) {
        int number = numbers.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        calls.put(number, answer);
        ObjectNode message = JSON.createObjectNode().put("id", number).put("method", method);
        message.set("params", parameters);
        synchronized (socket) {
            socket.sendText(message.toString(), true).join();
        }
        try {
            JsonNode got = answer.get(Browser.LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (got.has("error")) {
                throw new AssertionError(method + ": " + got.path("error"));
            }
            return got.path("result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer to " + message, e);
        }
    }

    /** Goes to an address; the page is there when this returns. */
    public void go(String address) {
        call("Page.navigate", JSON.createObjectNode().put("url", address));
        until("document.readyState === 'complete' && location.href.startsWith(" + JSON.valueToTree(address) + ")");
    }

    /** The value of an expression, which may be a promise. */
    public JsonNode eval(String expression) {
        JsonNode result = call(
                "Runtime.evaluate",
                JSON.createObjectNode()
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true)
                        .put("userGesture", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until an expression is true. */
    public void until(String expression) {
        long end = System.nanoTime() + Browser.LIMIT.toNanos();
        while (!truth(expression)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never true: " + expression + "; the page says: "
                        + eval("document.body.innerText").asText() + "; " + problems());
            }
            Thread.onSpinWait();
        }
    }

    private boolean truth(String expression) {
        // While a page gives way to another one there is nothing to ask.
        return call(
                        "Runtime.evaluate",
                        JSON.createObjectNode()
                                .put("expression", "Boolean(" + expression + ")")
                                .put("returnByValue", true))
                .path("result")
                .path("value")
                .asBoolean();
    }

    /** All that can be read in what a selector finds first. */
    public String text(String selector) {
        return eval("document.querySelector(" + JSON.valueToTree(selector) + ")?.innerText ?? ''")
                .asText();
    }

    /** Presses a key that is no letter, with those held down that are named before it: {@code Shift+Tab}. */
    public void press(String keys) {
        String key = keys.substring(keys.lastIndexOf('+') + 1);
        ObjectNode down = JSON.createObjectNode()
                .put("type", "rawKeyDown")
                .put("key", key)
                .put("code", key)
                .put("windowsVirtualKeyCode", code(key))
                .put("modifiers", keys.startsWith("Shift+") ? 8 : 0);
        call("Input.dispatchKeyEvent", down);
        if (key.equals("Enter")) {
            call("Input.dispatchKeyEvent", down.deepCopy().put("type", "char").put("text", "\r"));
        }
        call("Input.dispatchKeyEvent", down.deepCopy().put("type", "keyUp"));
    }

    private static int code(String key) {
        return switch (key) {
            case "Tab" -> 9;
            case "Enter" -> 13;
            case "Escape" -> 27;
            case "End" -> 35;
            case "Home" -> 36;
            default -> throw new AssertionError("no code for " + key);
        };
    }

    /** Types a text where the keyboard is. */
    public void type(String text) {
        call("Input.insertText", JSON.createObjectNode().put("text", text));
    }

    /** The window's size. */
    public void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                JSON.createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    /** Whether a person likes it {@code light} or {@code dark}. */
    public void scheme(String scheme) {
        ObjectNode media = JSON.createObjectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        call("Emulation.setEmulatedMedia", media);
    }

    /** Where files go that are saved. */
    public void saveTo(Path directory) {
        call(
                "Browser.setDownloadBehavior",
                JSON.createObjectNode().put("behavior", "allow").put("downloadPath", directory.toString()));
    }

    /** What is seen, as a PNG. */
    public void picture(Path file) {
        String data = call(
                        "Page.captureScreenshot",
                        JSON.createObjectNode().put("format", "png").put("captureBeyondViewport", false))
                .path("data")
                .asText();
        try {
            Files.write(file, Base64.getDecoder().decode(data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The addresses of all requests, whatever became of them. */
    public List<String> requests() {
        return all("Network.requestWillBeSent").stream()
                .map(event -> event.path("request").path("url").asText())
                .toList();
    }

    /** What the browser complained of: refused by a policy, failed in a script, warned of on the console. */
    public List<String> problems() {
        return events.stream()
                .filter(event -> switch (event.path("method").asText()) {
                    case "Runtime.exceptionThrown" -> true;
                    case "Audits.issueAdded" ->
                        !event.path("params")
                                .path("issue")
                                .path("code")
                                .asText()
                                .equals("PerformanceIssue");
                    case "Log.entryAdded" -> complaint(event.path("params").path("entry"));
                    case "Runtime.consoleAPICalled" ->
                        !event.path("params").path("type").asText().equals("log");
                    default -> false;
                })
                .map(event -> event.path("params").toString())
                .toList();
    }

    /** Answers that are no success are the page's to show, and no fault of it. */
    private static boolean complaint(JsonNode entry) {
        return !entry.path("level").asText().equals("verbose")
                && !entry.path("source").asText().equals("network");
    }

    private List<JsonNode> all(String method) {
        return events.stream()
                .filter(event -> event.path("method").asText().equals(method))
                .map(event -> event.path("params"))
                .toList();
    }

    @Override
    public void close() {
        socket.abort();
    }

    /** Puts messages together and hands them to who waits for them. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                take(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void take(String message) {
            try {
                JsonNode node = JSON.readTree(message);
                CompletableFuture<JsonNode> call = calls.remove(node.path("id").asInt());
                if (call != null) {
                    call.complete(node);
                } else {
                    events.add(node);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
