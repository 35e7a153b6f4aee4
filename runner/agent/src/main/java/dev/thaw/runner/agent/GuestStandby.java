package dev.thaw.runner.agent;

import dev.thaw.runner.execution.StandbyGuests;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.warming.Templates;
import java.util.List;
import java.util.Optional;

/** Guests of this host that wait. */
final class GuestStandby implements StandbyStock {
    private final StandbyGuests guests;
    private final Templates templates;
    private final String accelerator;

    GuestStandby(StandbyGuests guests, Templates templates, String accelerator) {
        this.guests = guests;
        this.templates = templates;
        this.accelerator = accelerator;
    }

    @Override
    public Size size(String template, Resources wanted) throws RunnerException {
        return templates.size(template, wanted);
    }

    @Override
    public Optional<Template> published(String template, Size size) throws RunnerException, InterruptedException {
        return templates.published(template, size, accelerator);
    }

    @Override
    public List<Template> waiting() {
        return guests.waiting();
    }

    @Override
    public void prepare(Template template) throws RunnerException, InterruptedException {
        guests.prepare(template);
    }

    @Override
    public void drop(Template template) {
        guests.drop(template);
    }

    @Override
    public int dropDead() {
        return guests.dropDead();
    }

    @Override
    public long hits() {
        return guests.hits();
    }

    @Override
    public long misses() {
        return guests.misses();
    }

    @Override
    public void whenChanged(Runnable told) {
        guests.whenChanged(told);
    }

    @Override
    public void close() {
        guests.close();
    }
}
