package dev.thaw.runner.api;

import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.JobId;
import dev.thaw.runner.job.JobState;
import dev.thaw.runner.records.Caller;
import dev.thaw.runner.records.JobFilter;
import dev.thaw.runner.records.JobFolders;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.JobRecords;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Submission;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be done about jobs. Others' jobs are not there, for any of it. */
final class JobRoutes {
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final int PAGE = 50;
    private static final int MOST_ARTIFACTS = 1000;

    private final JobDesk desk;
    private final JobRecords records;
    private final JobFolders folders;
    private final EventSender events;

    JobRoutes(JobDesk desk, JobRecords records, JobFolders folders) {
        this.desk = desk;
        this.records = records;
        this.folders = folders;
        events = new EventSender(records, folders);
    }

    List<Route> all() {
        return List.of(
                Route.of("POST", "/v1/jobs", Scope.SUBMIT, this::submit),
                Route.of("GET", "/v1/jobs", Scope.READ, this::list),
                Route.of("GET", "/v1/jobs/*", Scope.READ, this::show),
                Route.of("PUT", "/v1/jobs/*/workspace", Scope.READ, this::upload),
                Route.of("GET", "/v1/jobs/*/events", Scope.READ, this::events),
                Route.of("GET", "/v1/jobs/*/attach", Scope.READ, this::attach),
                Route.of("POST", "/v1/jobs/*/steps", Scope.READ, this::step),
                Route.of("POST", "/v1/jobs/*/release", Scope.CANCEL, this::release),
                Route.of("POST", "/v1/jobs/*/cancel", Scope.CANCEL, this::cancel),
                Route.of("GET", "/v1/jobs/*/artifacts", Scope.READ, this::artifacts),
                Route.of("GET", "/v1/jobs/*/artifacts/**", Scope.READ, this::artifact));
    }

    private void submit(Call call) throws ProblemException, IOException {
        if (!(call.caller() instanceof Caller.TokenHolder holder)) {
            throw Problem.FORBIDDEN.with("the token of a job cannot submit jobs");
        }
        List<String> keys = call.headers(IDEMPOTENCY_KEY);
        if (keys.size() > 1) {
            throw Problem.BAD_REQUEST.with("there are " + keys.size() + " idempotency keys");
        }
        @Nullable String key = keys.isEmpty() ? null : keys.get(0);
        var owner = new Submission.Owner(holder.token().id(), holder.token().name());
        JobDesk.Receipt receipt = desk.submit(OrderText.parse(call.json(), owner, key));
        String id = receipt.job().submission().id().value();
        call.answer(receipt.replayed() ? 200 : 201, Views.receipt(receipt), "/v1/jobs/" + id);
    }

    private void list(Call call) throws ProblemException, RunnerException, IOException {
        Call.Query query = call.query(List.of("state", "outcome", "before", "limit"));
        int limit = parsed(query, "limit", Integer::valueOf).orElse(PAGE);
        try {
            var filter = new JobFilter(
                    call.caller(),
                    parsed(query, "state", JobState::parse),
                    query.value("outcome"),
                    parsed(query, "before", Long::valueOf),
                    limit);
            call.answer(200, Views.page(records.list(filter), limit));
        } catch (IllegalArgumentException e) {
            throw Problem.BAD_REQUEST.with(String.valueOf(e.getMessage()));
        }
    }

    private void show(Call call) throws ProblemException, RunnerException, IOException {
        call.query(List.of());
        call.answer(200, Views.job(job(call)));
    }

    private void upload(Call call) throws ProblemException, RunnerException, IOException {
        JobRecord job = jobToAddTo(call);
        call.requireType("application/x-tar");
        desk.upload(job.submission().id(), call.body());
        call.answer(204);
    }

    private void step(Call call) throws ProblemException, RunnerException, IOException {
        JobRecord job = jobToAddTo(call);
        call.answer(202, Views.step(desk.step(job.submission().id(), StepOrderText.parse(call.json()))));
    }

    private void release(Call call) throws ProblemException, RunnerException, IOException {
        JobRecord job = job(call);
        desk.release(job.submission().id());
        call.answer(202, Views.job(job(call)));
    }

    private void attach(Call call) throws ProblemException, RunnerException {
        JobRecord job = jobToAddTo(call);
        if (!"websocket".equalsIgnoreCase(call.header("Upgrade"))) {
            throw Problem.BAD_REQUEST.with("this is a WebSocket: send Upgrade: websocket");
        }
        JobDesk.Attended attended = desk.attach(job.submission().id());
        if (!call.upgrade((request, response, callback) -> new AttachSocket(attended))) {
            attended.detach();
            throw Problem.BAD_REQUEST.with("not a handshake of a WebSocket");
        }
    }

    /** The job, for somebody who may say what runs in it. */
    private JobRecord jobToAddTo(Call call) throws ProblemException, RunnerException {
        JobRecord job = job(call);
        if (call.caller() instanceof Caller.TokenHolder holder && !holder.may(Scope.SUBMIT)) {
            throw Problem.FORBIDDEN.with("this needs a token of scope submit, or the job's own");
        }
        return job;
    }

    private void events(Call call) throws ProblemException, RunnerException, IOException, InterruptedException {
        JobRecord job = job(call);
        Call.Query query = call.query(List.of("offset", "follow"));
        Optional<Long> last = offset(Optional.ofNullable(call.header("Last-Event-ID")), "Last-Event-ID");
        long offset = last.isPresent()
                ? last.get()
                : offset(query.value("offset"), "offset").orElse(0L);
        var range = new EventSender.Range(offset, follow(query.value("follow")));
        events.send(job.submission().id(), range, call.stream("text/event-stream"));
    }

    private void cancel(Call call) throws ProblemException, RunnerException, IOException {
        JobRecord job = job(call);
        desk.cancel(job.submission().id());
        call.answer(202, Views.job(job(call)));
    }

    private void artifacts(Call call) throws ProblemException, RunnerException, IOException {
        var files = new ArtifactFiles(folders.artifacts(over(job(call))));
        if (call.wantsJson()) {
            int limit = parsed(call.query(List.of("limit")), "limit", Integer::valueOf)
                    .orElse(MOST_ARTIFACTS);
            if (limit < 1 || limit > MOST_ARTIFACTS) {
                throw Problem.BAD_REQUEST.with("parameter 'limit' must be 1 to " + MOST_ARTIFACTS);
            }
            call.answer(200, Views.artifacts(files.list(), limit));
        } else {
            call.query(List.of());
            files.sendAll(call);
        }
    }

    private void artifact(Call call) throws ProblemException, RunnerException, IOException {
        JobId id = over(job(call));
        var segments = new ArrayList<String>();
        for (int i = 1; i < call.variables(); i++) {
            segments.add(call.variable(i));
        }
        new ArtifactFiles(folders.artifacts(id)).send(segments, call);
    }

    private static JobId over(JobRecord job) throws ProblemException {
        if (job.state() != JobState.ENDED) {
            throw Problem.CONFLICT.with(
                    "the job is " + job.state().word() + "; there are artifacts when it is over, if at all");
        }
        return job.submission().id();
    }

    private JobRecord job(Call call) throws ProblemException, RunnerException {
        try {
            return records.find(new JobId(call.variable(0)))
                    .filter(call.caller()::sees)
                    .orElseThrow(() -> Problem.NOT_FOUND.with("there is no such job for this token"));
        } catch (IllegalArgumentException e) {
            // What is no id is no job's.
            throw Problem.NOT_FOUND.with("there is no such job for this token");
        }
    }

    private static boolean follow(Optional<String> text) throws ProblemException {
        String word = text.orElse("true");
        if (!word.equals("true") && !word.equals("false")) {
            throw Problem.BAD_REQUEST.with("follow must be true or false");
        }
        return word.equals("true");
    }

    private static Optional<Long> offset(Optional<String> text, String name) throws ProblemException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!text.get().matches("[0-9]{1,18}")) {
            throw Problem.BAD_REQUEST.with(name + " must be a whole number that an event had as its id");
        }
        return Optional.of(Long.valueOf(text.get()));
    }

    private static <T> Optional<T> parsed(Call.Query query, String name, Function<String, T> parser)
            throws ProblemException {
        try {
            return query.value(name).map(parser);
        } catch (NumberFormatException e) {
            throw Problem.BAD_REQUEST.with("parameter '" + name + "' must be a whole number");
        } catch (IllegalArgumentException e) {
            throw Problem.BAD_REQUEST.with("parameter '" + name + "': " + e.getMessage());
        }
    }
}
