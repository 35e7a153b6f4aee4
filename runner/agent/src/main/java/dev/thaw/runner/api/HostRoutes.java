package dev.thaw.runner.api;

import dev.thaw.runner.records.Scope;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** What can be asked about the agent and its host. */
final class HostRoutes {
    private final JobDesk desk;
    private final String version;
    private final Supplier<String> metrics;

    HostRoutes(JobDesk desk, String version, Supplier<String> metrics) {
        this.desk = desk;
        this.version = version;
        this.metrics = metrics;
    }

    List<Route> all() {
        return List.of(
                Route.open("/healthz", call -> call.answer(200, "text/plain", "ok\n")),
                Route.open("/readyz", this::ready),
                Route.of("GET", "/metrics", Scope.READ, this::metrics),
                Route.of("GET", "/v1/version", Scope.READ, call -> call.answer(200, Views.version(version))),
                Route.of(
                        "GET",
                        "/v1/templates",
                        Scope.READ,
                        call -> call.answer(200, Views.templates(desk.templates()))),
                Route.of("GET", "/v1/token", Scope.READ, call -> call.answer(200, Views.token(call.caller()))),
                Route.of("GET", "/v1/host", Scope.READ, call -> call.answer(200, Views.host(desk.host()))));
    }

    private void ready(Call call) throws ProblemException, IOException {
        if (!desk.ready()) {
            throw Problem.STOPPING.with("the agent is about to stop");
        }
        call.answer(200, "text/plain", "ready\n");
    }

    private void metrics(Call call) throws IOException {
        call.answer(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
    }
}
