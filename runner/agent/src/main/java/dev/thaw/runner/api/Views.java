package dev.thaw.runner.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.job.InteractionText;
import dev.thaw.runner.job.JobEndingText;
import dev.thaw.runner.job.JobFile;
import dev.thaw.runner.records.Caller;
import dev.thaw.runner.records.JobRecord;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Submission;
import java.util.Arrays;
import java.util.List;

/** What the API answers with, as docs/agent-api.yaml describes it. */
final class Views {
    private static final JsonMapper JSON = new JsonMapper();

    private Views() {}

    static ObjectNode job(JobRecord job) {
        Submission asked = job.submission();
        ObjectNode node = JSON.createObjectNode()
                .put("id", asked.id().value())
                .put("state", job.state().word())
                .put("client", asked.owner().name())
                .put("priority", asked.priority())
                .put("rerun", asked.rerun())
                .put("attempts", job.attempts())
                .put("submitted", asked.submitted().toString())
                .put("start_by", asked.startBy().toString());
        if (asked.git().isPresent()) {
            ObjectNode git = node.putObject("workspace").putObject("git");
            git.put("url", asked.git().get().address().url());
            git.put("revision", asked.git().get().address().revision());
            asked.git().get().credentials().ifPresent(name -> git.put("credentials", name));
        } else {
            node.put("workspace", asked.archive() ? "archive" : "none");
        }
        InteractionText.put(asked.interaction(), node);
        job.started().ifPresent(at -> node.put("started", at.toString()));
        job.ended().ifPresent(at -> node.put("ended", at.toString()));
        job.ending().ifPresent(ending -> node.set("ending", JobEndingText.of(ending)));
        try {
            node.set("spec", JSON.readTree(JobFile.format(asked.spec())));
        } catch (JsonProcessingException e) {
            throw new AssertionError("a job file of ours is JSON", e);
        }
        return node;
    }

    static ObjectNode receipt(JobDesk.Receipt receipt) {
        ObjectNode node = JSON.createObjectNode();
        node.set("job", job(receipt.job()));
        return node.put("job_token", receipt.jobToken());
    }

    static ObjectNode step(JobDesk.StepReceipt receipt) {
        return JSON.createObjectNode().put("step", receipt.step()).put("offset", receipt.offset());
    }

    /** A page; {@code next} is there if there may be more. */
    static ObjectNode page(List<JobRecord> jobs, int limit) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode list = node.putArray("jobs");
        jobs.forEach(job -> list.add(job(job)));
        if (jobs.size() == limit) {
            node.put("next", Long.toString(jobs.get(limit - 1).number()));
        }
        return node;
    }

    static ObjectNode templates(List<JobDesk.TemplateOffer> offers) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode list = node.putArray("templates");
        for (JobDesk.TemplateOffer offer : offers) {
            ArrayNode sizes = list.addObject().put("name", offer.name()).putArray("sizes");
            offer.sizes()
                    .forEach(
                            size -> sizes.addObject().put("cpus", size.cpus()).put("memory_bytes", size.memoryBytes()));
        }
        return node;
    }

    static ObjectNode host(JobDesk.Host host) {
        ObjectNode node = JSON.createObjectNode();
        part(host.total(), node.putObject("total"));
        part(host.used(), node.putObject("used"));
        node.put("running", host.running()).put("waiting", host.waiting()).put("most_waiting", host.mostWaiting());
        ArrayNode standby = node.putArray("standby");
        for (JobDesk.Standby kind : host.standby()) {
            standby.addObject()
                    .put("template", kind.template())
                    .put("cpus", kind.cpus())
                    .put("memory_bytes", kind.memoryBytes())
                    .put("guests", kind.guests())
                    .put("wanted", kind.wanted());
        }
        return node;
    }

    private static void part(JobDesk.Part part, ObjectNode node) {
        node.put("cpus", part.cpus()).put("memory_bytes", part.memoryBytes()).put("disk_bytes", part.diskBytes());
    }

    /** What a caller's token is good for, so that clients need not offer what would be refused. */
    static ObjectNode token(Caller caller) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode scopes = node.putArray("scopes");
        Arrays.stream(Scope.values()).filter(caller::may).forEach(scope -> scopes.add(scope.word()));
        if (caller instanceof Caller.TokenHolder holder) {
            node.put("client", holder.token().name());
        } else if (caller instanceof Caller.JobHolder holder) {
            node.put("job", holder.job().value());
        }
        return node;
    }

    /** Artifacts by path; {@code more} is there if there are more than these. */
    static ObjectNode artifacts(List<ArtifactFiles.Entry> entries, int limit) {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode list = node.putArray("artifacts");
        entries.stream().limit(limit).forEach(entry -> {
            ObjectNode one = list.addObject().put("path", entry.path());
            entry.bytes().ifPresent(bytes -> one.put("bytes", bytes));
        });
        return entries.size() > limit ? node.put("more", true) : node;
    }

    static ObjectNode version(String version) {
        return JSON.createObjectNode().put("version", version).put("api", "v1");
    }
}
