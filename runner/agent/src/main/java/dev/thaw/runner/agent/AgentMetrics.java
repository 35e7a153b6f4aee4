package dev.thaw.runner.agent;

import dev.thaw.runner.job.JobEnding;
import dev.thaw.runner.job.Phase;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** What an agent counts, for Prometheus. */
final class AgentMetrics {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter submitted = Counter.builder()
            .name("thaw_jobs_submitted_total")
            .help("Jobs that were taken")
            .register(registry);
    private final Counter ended = Counter.builder()
            .name("thaw_jobs_ended_total")
            .help("Jobs that are over")
            .labelNames("outcome")
            .register(registry);
    private final Counter faults = Counter.builder()
            .name("thaw_faults_total")
            .help("Jobs that the runner failed, by kind of fault")
            .labelNames("kind")
            .register(registry);
    private final Histogram phases = Histogram.builder()
            .name("thaw_phase_seconds")
            .help("When jobs reached their phases, since the claim")
            .labelNames("phase")
            .classicOnly()
            .classicUpperBounds(0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60, 600, 3600)
            .register(registry);

    void submitted() {
        submitted.inc();
    }

    void ended(JobEnding ending) {
        ended.labelValues(ending.outcome()).inc();
        ending.fault()
                .ifPresent(fault -> faults.labelValues(fault.fault().label()).inc());
    }

    void reached(Phase phase, double millis) {
        phases.labelValues(phase.key()).observe(millis / 1000);
    }

    /** Something that is looked at when somebody asks. */
    void watch(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    /** Something that is counted elsewhere. */
    void count(String name, String help, LongSupplier value) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call((double) value.getAsLong()))
                .register(registry);
    }

    /** All of it, in Prometheus' text format. */
    String text() {
        var out = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
