package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.records.Scope;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API as docs/agent-api.yaml has it: every answer in here is held against the description. */
class AgentApiTest {
    private final Path directory;
    private final ApiDescription description = new ApiDescription();
    private final AgentUnderTest agent;

    AgentApiTest(@TempDir Path directory) throws Exception {
        this.directory = directory.resolve("agent");
        agent = new AgentUnderTest(this.directory, 3, description);
    }

    @AfterEach
    void stop() {
        agent.close();
    }

    private static ObjectNode order(String script) {
        return AgentUnderTest.order(script);
    }

    private static String detail(HttpResponse<String> response, int status) throws Exception {
        assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        return AgentUnderTest.json(response).path("detail").asText();
    }

    private String refused(String body, int status) throws Exception {
        return detail(
                agent.send(agent.admin, "POST", "/v1/jobs", Optional.of(body), "Content-Type", "application/json"),
                status);
    }

    @Test
    void everyOperationThatIsDescribedAnswersAsDescribed() throws Exception {
        String id = agent.submit(order("say hello\nkeep report.txt fine").put("workspace", "archive"));
        agent.upload(agent.admin, id, "content");
        agent.follow(agent.admin, id, 0);
        for (String path : List.of(
                "/v1/jobs",
                "/v1/jobs/" + id,
                "/v1/jobs/" + id + "/artifacts",
                "/v1/jobs/" + id + "/artifacts/report.txt",
                "/v1/templates",
                "/v1/host",
                "/v1/token",
                "/v1/version",
                "/",
                "/page/page.js",
                "/metrics",
                "/healthz",
                "/readyz")) {
            assertThat(agent.get(agent.admin, path).statusCode())
                    .describedAs(path)
                    .isEqualTo(200);
        }
        agent.send(agent.admin, "POST", "/v1/jobs/" + id + "/cancel", Optional.empty());
        // What they answer when it goes well is in AttachTest.
        ObjectNode step = AgentUnderTest.JSON.createObjectNode().put("run", "say x");
        detail(agent.post(agent.admin, "/v1/jobs/" + id + "/steps", step), 409);
        detail(agent.send(agent.admin, "POST", "/v1/jobs/" + id + "/release", Optional.empty()), 409);
        detail(agent.get(agent.admin, "/v1/jobs/" + id + "/attach"), 400);

        assertThat(description.seen()).isEqualTo(description.operations());
    }

    @Test
    void withoutAGoodTokenThereIsNothingButHealth() throws Exception {
        for (String token : List.of("", "thaw_x_y", agent.admin + "x")) {
            for (String path : List.of("/v1/jobs", "/v1/host", "/v1/templates", "/v1/version", "/metrics")) {
                detail(agent.get(token, path), 401);
            }
            assertThat(agent.get(token, "/healthz").statusCode()).isEqualTo(200);
        }
        // The same, with one that is good.
        assertThat(agent.get(agent.admin, "/v1/jobs").statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenIsGoodForItsScopesAlone() throws Exception {
        String submitter = agent.token(Scope.SUBMIT);
        String reader = agent.token(Scope.READ);
        String canceller = agent.token(Scope.CANCEL);
        HttpResponse<String> taken = agent.post(submitter, "/v1/jobs", order("say x"));
        assertThat(taken.statusCode()).isEqualTo(201);
        String path =
                "/v1/jobs/" + AgentUnderTest.json(taken).path("job").path("id").asText();

        assertThat(detail(agent.post(reader, "/v1/jobs", order("say x")), 403)).contains("scope submit");
        assertThat(detail(agent.get(submitter, path), 403)).contains("scope read");
        assertThat(detail(agent.send(reader, "POST", path + "/cancel", Optional.empty()), 403))
                .contains("scope cancel");
        assertThat(detail(agent.get(canceller, "/v1/host"), 403)).contains("scope read");
    }

    @Test
    void ofAJobOfAnotherTokenThereIsNothing() throws Exception {
        String mine = agent.token(Scope.SUBMIT, Scope.READ, Scope.CANCEL);
        String other = agent.token(Scope.SUBMIT, Scope.READ, Scope.CANCEL);
        JsonNode receipt = AgentUnderTest.json(
                agent.post(mine, "/v1/jobs", order("say x\nkeep a b").put("workspace", "archive")));
        String id = receipt.path("job").path("id").asText();
        String path = "/v1/jobs/" + id;

        String detail = detail(agent.get(other, path), 404);
        assertThat(detail(agent.get(other, "/v1/jobs/jnothing"), 404)).isEqualTo(detail);
        detail(agent.get(other, path + "/events"), 404);
        detail(agent.get(other, path + "/artifacts"), 404);
        detail(agent.get(other, path + "/artifacts/a"), 404);
        detail(agent.send(other, "POST", path + "/cancel", Optional.empty()), 404);
        detail(agent.upload(other, id, "x"), 404);
        assertThat(AgentUnderTest.json(agent.get(other, "/v1/jobs")).path("jobs"))
                .isEmpty();
        // It is there for its owner.
        assertThat(agent.get(mine, path).statusCode()).isEqualTo(200);
        assertThat(AgentUnderTest.json(agent.get(mine, "/v1/jobs")).path("jobs"))
                .hasSize(1);
    }

    @Test
    void aJobsTokenIsGoodForThatJobAndForNothingElse() throws Exception {
        HttpResponse<String> taken =
                agent.post(agent.admin, "/v1/jobs", order("cat").put("workspace", "archive"));
        JsonNode receipt = AgentUnderTest.json(taken);
        String token = receipt.path("job_token").asText();
        String id = receipt.path("job").path("id").asText();
        String other = agent.submit(order("say other"));

        detail(agent.post(token, "/v1/jobs", order("say x")), 403);
        detail(agent.get(token, "/v1/jobs/" + other), 404);
        detail(agent.send(token, "POST", "/v1/jobs/" + other + "/cancel", Optional.empty()), 404);
        assertThat(agent.upload(token, id, "x").statusCode()).isEqualTo(204);
        assertThat(agent.follow(token, id, 0)).isNotEmpty();
        assertThat(agent.send(token, "POST", "/v1/jobs/" + id + "/cancel", Optional.empty())
                        .statusCode())
                .isEqualTo(202);
        assertThat(AgentUnderTest.json(agent.get(token, "/v1/jobs")).path("jobs"))
                .hasSize(1);
    }

    @Test
    void aRequestThatIsSentAgainIsTheSameJob() throws Exception {
        ObjectNode order = order("say once");
        var first = AgentUnderTest.json(agent.post(agent.admin, "/v1/jobs", order, "Idempotency-Key", "k1"));
        HttpResponse<String> second = agent.post(agent.admin, "/v1/jobs", order, "Idempotency-Key", "k1");

        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(AgentUnderTest.json(second).path("job").path("id"))
                .isEqualTo(first.path("job").path("id"));
        String id = first.path("job").path("id").asText();
        assertThat(agent.get(AgentUnderTest.json(second).path("job_token").asText(), "/v1/jobs/" + id)
                        .statusCode())
                .isEqualTo(200);
        assertThat(detail(agent.post(agent.admin, "/v1/jobs", order("say two"), "Idempotency-Key", "k1"), 422))
                .contains("another request");
        detail(agent.post(agent.admin, "/v1/jobs", order, "Idempotency-Key", "two words"), 400);
        agent.ended(id);
        assertThat(agent.body.ran).containsExactly(id);
    }

    @Test
    void aBodyThatIsNotAsDescribedIsRefusedWithItsMistake() throws Exception {
        assertThat(refused("{", 400)).contains("not JSON");
        assertThat(refused("", 400)).isNotEmpty();
        assertThat(refused("[]", 400)).contains("must be a JSON object");
        assertThat(refused("{} {}", 400)).contains("not JSON");
        assertThat(refused("{\"spec\":{},\"spec\":{}}", 400)).contains("not JSON");
        assertThat(refused("{}", 400)).contains("'spec' must be an object");
        assertThat(refused("{\"spec\":{\"steps\":[]}}", 400)).contains("'steps' is empty");
        assertThat(refused("{\"spec\":{}}", 400)).contains("'spec' must have steps");
        assertThat(refused(order("say x").put("colour", "red").toString(), 400)).contains("unknown key 'colour'");
        assertThat(refused(order("say x").put("priority", "high").toString(), 400))
                .contains("'priority'");
        assertThat(refused(order("say x").put("priority", 101).toString(), 400)).contains("-100 to 100");
        assertThat(refused(order("say x").put("priority", 1L << 40).toString(), 400))
                .contains("-100 to 100");
        assertThat(refused(order("say x").put("rerun", 1).toString(), 400)).contains("'rerun'");
        assertThat(refused(order("say x").put("workspace", "ftp").toString(), 400))
                .contains("'workspace'");
        assertThat(refused(order("say x").put("start_within", 5).toString(), 400))
                .contains("'start_within'");
        assertThat(refused(order("say x").put("start_within", "soon").toString(), 400))
                .contains("soon");
        ObjectNode two = order("say x");
        two.withObject("/spec").put("tmeplate", "docker").put("timeout", "never");
        assertThat(refused(two.toString(), 400))
                .contains("did you mean 'template'?")
                .contains("never");
        assertThat(agent.body.ran).isEmpty();
        assertThat(AgentUnderTest.json(agent.get(agent.admin, "/v1/jobs")).path("jobs"))
                .isEmpty();
    }

    @Test
    void aJobThatCannotEverRunHereIsRefusedAtOnce() throws Exception {
        ObjectNode large = order("say x");
        large.withObject("/spec").putObject("resources").put("cpus", 3);
        assertThat(refused(large.toString(), 422))
                .contains("the job needs 3 CPUs")
                .contains("may have 2 CPUs");
        ObjectNode unknown = order("say x");
        unknown.withObject("/spec").put("template", "jdk99");
        assertThat(refused(unknown.toString(), 422)).contains("jdk99");
        assertThat(refused(order("say x").put("start_within", "2h").toString(), 422))
                .contains("may wait");
    }

    @Test
    void aBodyMustHaveItsTypeAndSize() throws Exception {
        detail(agent.send(agent.admin, "POST", "/v1/jobs", Optional.of("{}"), "Content-Type", "text/plain"), 415);
        detail(agent.send(agent.admin, "POST", "/v1/jobs", Optional.of("{}")), 415);
        refused(order("say " + "x".repeat(1 << 20)).toString(), 413);
        String id = agent.submit(order("cat").put("workspace", "archive"));
        detail(
                agent.send(
                        agent.admin, "PUT", "/v1/jobs/" + id + "/workspace", Optional.of("x"), "Content-Type", "a/b"),
                415);
        assertThat(detail(agent.upload(agent.admin, id, "x".repeat(100_001)), 413))
                .contains("100000B");
        assertThat(directory.resolve("jobs").resolve(id).resolve("workspace.part"))
                .doesNotExist();
        assertThat(agent.upload(agent.admin, id, "x".repeat(100_000)).statusCode())
                .isEqualTo(204);
        assertThat(agent.output(id)).hasSize(100_000);
    }

    @Test
    void aWorkspaceIsTakenOnce() throws Exception {
        String id = agent.submit(order("wait gate").put("workspace", "archive"));
        assertThat(agent.upload(agent.admin, id, "x").statusCode()).isEqualTo(204);
        detail(agent.upload(agent.admin, id, "y"), 409);
        String none = agent.submit(order("wait gate"));
        detail(agent.upload(agent.admin, none, "y"), 409);
        agent.body.open("gate");
    }

    @Test
    void aWorkspaceThatBreaksOffIsNoneAndCanBeSentAgain() throws Exception {
        String id = agent.submit(order("cat").put("workspace", "archive"));
        try (Socket socket = new Socket(
                agent.daemon.address().getHost(), agent.daemon.address().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /v1/jobs/" + id + "/workspace HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + agent.admin
                            + "\r\nContent-Type: application/x-tar\r\nContent-Length: 1000\r\n\r\nhalf of it")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        HttpResponse<String> again = agent.upload(agent.admin, id, "whole");
        while (again.statusCode() == 409 && System.nanoTime() < end) {
            again = agent.upload(agent.admin, id, "whole");
        }

        assertThat(again.statusCode()).isEqualTo(204);
        assertThat(agent.output(id)).isEqualTo("whole");
    }

    @Test
    void whoComesWhenTheQueueIsFullIsToldWhenToTryAgain() throws Exception {
        for (int i = 0; i < 5; i++) {
            String id = agent.submit(order("wait gate"));
            if (i < 2) {
                agent.await(id, "running");
            }
        }
        HttpResponse<String> refused = agent.post(agent.admin, "/v1/jobs", order("say x"));

        assertThat(detail(refused, 429)).contains("3 jobs wait already");
        assertThat(refused.headers().firstValue("Retry-After")).contains("5");
        agent.body.open("gate");
    }

    @Test
    void pathsThatAreTricksLeadNowhere() throws Exception {
        String id = agent.submit(order("keep a.txt content"));
        agent.ended(id);
        Path artifacts = directory.resolve("jobs").resolve(id).resolve("artifacts");
        Files.createSymbolicLink(artifacts.resolve("link"), directory.resolve("token"));
        Files.createSymbolicLink(artifacts.resolve("up"), directory);
        String base = "/v1/jobs/" + id + "/artifacts/";

        assertThat(agent.get(agent.admin, base + "a.txt").body()).isEqualTo("content");
        for (String trick : List.of("link", "up/token", "up", "missing", "a.txt/x")) {
            assertThat(agent.get(agent.admin, base + trick).statusCode())
                    .describedAs(trick)
                    .isIn(400, 404);
        }
        for (String trick : List.of(
                "../events",
                "%00",
                "%2e%2e/events",
                "..%2fevents",
                "%2e%2e%2fevents",
                "..;/events",
                "x/../../events")) {
            assertThat(raw("GET", base + trick))
                    .describedAs(trick)
                    .doesNotContain("\"type\":\"state\"")
                    .contains("HTTP/1.1 40");
        }
        for (String trick : List.of("/v1/jobs/..%2f..%2ftoken", "/v1/jobs/" + id + "%00", "/v1/jobs/J", "/v1//jobs")) {
            assertThat(raw("GET", trick)).describedAs(trick).contains("HTTP/1.1 40");
        }
    }

    /** Nobody tidies up these words on the way. */
    private String raw(String method, String path) throws Exception {
        try (Socket socket = new Socket(
                agent.daemon.address().getHost(), agent.daemon.address().getPort())) {
            socket.getOutputStream()
                    .write((method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                                    + agent.admin + "\r\n\r\n")
                            .getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void whatTheServerItselfRefusesIsAProblemDocumentToo() throws Exception {
        assertThat(raw("GET", "/v1/jobs?x=" + "y".repeat(40_000)))
                .contains("HTTP/1.1 4")
                .contains("problem+json");
        detail(agent.send(agent.admin, "DELETE", "/v1/jobs", Optional.empty()), 405);
        detail(agent.get(agent.admin, "/v2/jobs"), 404);
        detail(agent.get(agent.admin, "/index.html"), 404);
    }

    @Test
    void parametersAreReadStrictly() throws Exception {
        for (String query : List.of(
                "limit=0", "limit=201", "limit=x", "state=asleep", "before=x", "colour=red", "limit=1&limit=2")) {
            detail(agent.get(agent.admin, "/v1/jobs?" + query), 400);
        }
        String id = agent.submit(order("say x"));
        for (String query : List.of("offset=-1", "offset=x", "offset=99999999999999999999", "from=1")) {
            detail(agent.get(agent.admin, "/v1/jobs/" + id + "/events?" + query), 400);
        }
        assertThat(agent.get(agent.admin, "/v1/jobs?limit=200&state=ended&outcome=finished")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aTokenSaysWhatItIsGoodFor() throws Exception {
        JsonNode reader = AgentUnderTest.json(agent.get(agent.token(Scope.READ), "/v1/token"));
        assertThat(reader.toString()).isEqualTo("{\"scopes\":[\"read\"],\"client\":\"test\"}");
        assertThat(AgentUnderTest.json(agent.get(agent.admin, "/v1/token")).path("scopes"))
                .hasSize(4);
        JsonNode receipt = AgentUnderTest.json(agent.post(agent.admin, "/v1/jobs", order("say x")));
        JsonNode job = AgentUnderTest.json(agent.get(receipt.path("job_token").asText(), "/v1/token"));
        assertThat(job.path("scopes").toString()).isEqualTo("[\"read\",\"cancel\"]");
        assertThat(job.path("job")).isEqualTo(receipt.path("job").path("id"));
        detail(agent.get(agent.token(Scope.SUBMIT), "/v1/token"), 403);
        detail(agent.get("", "/v1/token"), 401);
    }

    @Test
    void artifactsAreListedForWhoAsksForJson() throws Exception {
        String id = agent.submit(order("keep b.txt two\nkeep a.txt three"));
        agent.ended(id);
        Path artifacts = directory.resolve("jobs").resolve(id).resolve("artifacts");
        Files.createDirectory(artifacts.resolve("deep"));
        Files.writeString(artifacts.resolve("deep").resolve("c"), "");
        Files.createSymbolicLink(artifacts.resolve("link"), directory.resolve("token"));
        String path = "/v1/jobs/" + id + "/artifacts";

        assertThat(list(path).body())
                .isEqualTo("{\"artifacts\":[{\"path\":\"a.txt\",\"bytes\":5},{\"path\":\"b.txt\",\"bytes\":3},"
                        + "{\"path\":\"deep/c\",\"bytes\":0},{\"path\":\"link\"}]}");
        assertThat(list(path + "?limit=1").body())
                .isEqualTo("{\"artifacts\":[{\"path\":\"a.txt\",\"bytes\":5}],\"more\":true}");
        for (String query : List.of("limit=0", "limit=1001", "limit=x", "page=1")) {
            detail(list(path + "?" + query), 400);
        }
        detail(agent.get(agent.admin, path + "?limit=1"), 400);
    }

    @Test
    void anArtifactIsHadByItsNameInWhateverLocale() throws Exception {
        String id = agent.submit(order("keep a.txt x"));
        agent.ended(id);
        Path artifacts = directory.resolve("jobs").resolve(id).resolve("artifacts");
        Files.writeString(Path.of(URI.create(artifacts.toUri() + "gr%C3%BC%C3%9F.txt")), "hello");
        String path = "/v1/jobs/" + id + "/artifacts";

        assertThat(AgentUnderTest.json(list(path))
                        .path("artifacts")
                        .path(1)
                        .path("path")
                        .asText())
                .isEqualTo("gr\u00fc\u00df.txt");
        assertThat(agent.get(agent.admin, path + "/gr%C3%BC%C3%9F.txt").body()).isEqualTo("hello");
        detail(agent.get(agent.admin, path + "/gr%C3%BC.txt"), 404);
        detail(agent.get(agent.admin, path + "/gr%C3%BC%C3%9F.txt/x"), 404);
    }

    private HttpResponse<String> list(String path) throws Exception {
        return agent.send(agent.admin, "GET", path, Optional.empty(), "Accept", "application/json");
    }

    @Test
    void pagesAreLinkedByTheirNext() throws Exception {
        var submitted = new TreeSet<String>();
        for (int i = 0; i < 5; i++) {
            String id = agent.submit(order("say x"));
            agent.ended(id);
            submitted.add(id);
        }
        var listed = new ArrayList<String>();
        String query = "limit=2";
        for (int page = 0; page < 10 && !query.isEmpty(); page++) {
            JsonNode got = AgentUnderTest.json(agent.get(agent.admin, "/v1/jobs?" + query));
            got.path("jobs").forEach(job -> listed.add(job.path("id").asText()));
            query = got.has("next") ? "limit=2&before=" + got.path("next").asText() : "";
        }
        assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(submitted);
    }

    @Test
    void artifactsComeAsAnArchiveWhenTheJobIsOver() throws Exception {
        String id = agent.submit(order("keep a.txt one\nkeep b.txt two\nwait gate"));
        agent.await(id, "running");
        detail(agent.get(agent.admin, "/v1/jobs/" + id + "/artifacts"), 409);
        agent.body.open("gate");
        agent.ended(id);
        byte[] archive =
                agent.get(agent.admin, "/v1/jobs/" + id + "/artifacts").body().getBytes(StandardCharsets.ISO_8859_1);

        var names = new ArrayList<String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                names.add(entry.getName() + "=" + new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(names).containsExactlyInAnyOrder("a.txt=one", "b.txt=two");
    }
}
