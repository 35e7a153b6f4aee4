package dev.thaw.runner.api;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The page that people look at. Its files are the same for everybody and hold nothing: what they show they ask the API
 * for, with the visitor's own token.
 */
final class PageRoutes {
    private static final String START = "index.html";

    private static final List<String> NAMES = List.of(
            START,
            "page.css",
            "page.js",
            "icon.svg",
            "ansi.js",
            "api.js",
            "dom.js",
            "events.js",
            "format.js",
            "host.js",
            "job.js",
            "jobs.js",
            "log.js",
            "output.js",
            "phases.js");

    /** What a browser may do with the page: run and show these files, ask this agent, and nothing else. */
    static final Map<String, String> HEADERS = headers();

    private final Map<String, PageFile> files = new LinkedHashMap<>();

    PageRoutes() {
        NAMES.forEach(name -> files.put(name, PageFile.read(name)));
    }

    List<Route> all() {
        return List.of(
                Route.open("/", call -> send(call, START)),
                Route.open("/page/*", call -> send(call, call.variable(0))));
    }

    private void send(Call call, String name) throws ProblemException, IOException {
        call.query(List.of());
        @Nullable PageFile file = files.get(name);
        if (file == null) {
            throw Problem.NOT_FOUND.with("the page has no such file");
        }
        HEADERS.forEach(call::put);
        call.put("ETag", file.tag());
        if (file.tag().equals(call.header("If-None-Match"))) {
            call.answer(304);
        } else {
            call.answer(200, file.type(), file.text());
        }
    }

    private static Map<String, String> headers() {
        var headers = new LinkedHashMap<String, String>();
        headers.put(
                "Content-Security-Policy",
                String.join(
                        "; ",
                        "default-src 'none'",
                        "script-src 'self'",
                        "style-src 'self'",
                        "connect-src 'self'",
                        "img-src 'self' data:",
                        "base-uri 'none'",
                        "form-action 'none'",
                        "frame-ancestors 'none'",
                        // Text cannot become markup or script even by a mistake of the page's own.
                        "require-trusted-types-for 'script'",
                        "trusted-types 'none'"));
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        // Kept, but asked for anew each time: a newer agent is seen at once.
        headers.put("Cache-Control", "no-cache");
        return headers;
    }
}
