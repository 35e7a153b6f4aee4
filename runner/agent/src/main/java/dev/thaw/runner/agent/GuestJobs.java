package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.JobDesk;
import dev.thaw.runner.execution.JobExecution;
import dev.thaw.runner.execution.JobRequest;
import dev.thaw.runner.execution.StandbyGuests;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.JobResult;
import dev.thaw.runner.job.JobSpec;
import dev.thaw.runner.template.Recipe;
import dev.thaw.runner.template.RecipeBook;
import dev.thaw.runner.template.Size;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.warming.Progress;
import dev.thaw.runner.warming.Templates;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Jobs in guests of this host. */
public final class GuestJobs implements JobBody {
    private static final System.Logger LOG = System.getLogger(GuestJobs.class.getName());

    private final RecipeBook recipes;
    private final Templates templates;
    private final JobExecution execution;
    private final String accelerator;
    private final StandbyStock standby;

    /**
     * Jobs on an accelerator: {@code auto}, {@code kvm} or {@code tcg}.
     *
     * @param standby where their guests come from
     */
    public GuestJobs(
            RecipeBook recipes,
            Templates templates,
            JobExecution execution,
            StandbyGuests standby,
            String accelerator) {
        this.recipes = recipes;
        this.templates = templates;
        this.execution = execution;
        this.accelerator = accelerator;
        this.standby = new GuestStandby(standby, templates, accelerator);
    }

    @Override
    public Demand demand(JobSpec spec) throws RunnerException {
        Size size = templates.size(spec.template(), spec.resources());
        ByteSize disk = spec.resources().disk();
        return new Demand(
                size.cpus(),
                size.memory(),
                disk == null ? recipes.find(spec.template()).disk() : disk);
    }

    @Override
    public JobResult run(Work work) throws RunnerException, InterruptedException {
        Template template = templates
                .ready(work.spec().template(), work.spec().resources(), accelerator, new LoggedProgress())
                .template();
        var request = new JobRequest(
                work.id(),
                work.spec(),
                template,
                work.archive(),
                work.session().streams(),
                work.spec().artifacts().isEmpty() ? Optional.empty() : Optional.of(work.artifacts()));
        return execution.run(request.keptBy(work.session().keeper()), work.stopwatch());
    }

    @Override
    public StandbyStock standby() {
        return standby;
    }

    @Override
    public List<JobDesk.TemplateOffer> templates() throws RunnerException {
        var offers = new ArrayList<JobDesk.TemplateOffer>();
        for (String name : recipes.names()) {
            Recipe recipe = recipes.find(name);
            offers.add(new JobDesk.TemplateOffer(
                    recipe.name(),
                    recipe.sizes().stream()
                            .map(size -> new JobDesk.SizeOffer(
                                    size.cpus(), size.memory().bytes()))
                            .toList()));
        }
        return offers;
    }

    /** A template that is built because a job needs it is said in the agent's log. */
    private static final class LoggedProgress implements Progress {
        @Override
        public void step(int step, int of, String what) {
            note("[" + step + "/" + of + "] " + what);
        }

        @Override
        public void note(String text) {
            LOG.log(System.Logger.Level.INFO, text);
        }
    }
}
