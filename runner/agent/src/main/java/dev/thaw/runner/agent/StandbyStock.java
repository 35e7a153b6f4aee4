package dev.thaw.runner.agent;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import java.util.List;
import java.util.Optional;

/** Guests that wait for jobs, for whoever keeps their number: of this host, in an agent that is not a test's. */
public interface StandbyStock extends AutoCloseable {
    /**
     * The size that a job would get.
     *
     * @throws RunnerException if there is no such template, or none of that size
     */
    Size size(String template, Resources wanted) throws RunnerException;

    /** What such a job would be restored from now; empty while that is not published. */
    Optional<Template> published(String template, Size size) throws RunnerException, InterruptedException;

    /** What the guests that wait were restored from, a template as often as there are guests of it. */
    List<Template> waiting();

    /** Has one more wait. */
    void prepare(Template template) throws RunnerException, InterruptedException;

    /** Discards one of a template. */
    void drop(Template template);

    /** Discards what is left of those that ended by themselves; how many there were. */
    int dropDead();

    /** How many jobs found a guest that waited. */
    long hits();

    /** How many did not. */
    long misses();

    /** Has somebody told when one was claimed, asked for in vain, or has ended. */
    void whenChanged(Runnable told);

    /** Discards all; none waits from now on. */
    @Override
    void close();
}
