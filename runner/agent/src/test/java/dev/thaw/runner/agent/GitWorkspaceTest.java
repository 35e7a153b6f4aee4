package dev.thaw.runner.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.thaw.runner.job.JobEvent;
import dev.thaw.runner.job.JobId;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Revisions that the agent fetches. */
@Timeout(60)
class GitWorkspaceTest {
    private final Path directory;
    private final ApiDescription description = new ApiDescription();
    private final GitServer server;
    private final Path password;
    private final AgentUnderTest agent;

    GitWorkspaceTest(@TempDir Path directory) throws Exception {
        this.directory = directory;
        server = new GitServer(directory.resolve("served"));
        password = Files.writeString(directory.resolve("password"), "geheim\nnot this line\n");
        var login = new GitHost.Login("reader", "ann", password);
        agent = new AgentUnderTest(
                directory.resolve("agent"),
                9,
                description,
                0,
                List.of(
                        new GitHost(server.host(), Optional.of(login)),
                        new GitHost("localhost:" + server.host().split(":", 2)[1], Optional.empty())));
    }

    @AfterEach
    void stop() {
        agent.close();
        server.close();
    }

    private static ObjectNode order(String url, String credentials) {
        ObjectNode order = AgentUnderTest.order("read greeting");
        ObjectNode git = order.putObject("workspace").putObject("git").put("url", url);
        git.put("revision", "main");
        if (!credentials.isEmpty()) {
            git.put("credentials", credentials);
        }
        return order;
    }

    private String refused(String url, String credentials) throws Exception {
        return refused(url, credentials, 422);
    }

    private String refused(String url, String credentials, int status) throws Exception {
        HttpResponse<String> response = agent.post(agent.admin, "/v1/jobs", order(url, credentials));
        assertThat(response.statusCode()).describedAs(response.body()).isEqualTo(status);
        return AgentUnderTest.json(response).path("detail").asText();
    }

    @Test
    void aRevisionIsFetchedWhenItsTurnHasComeAndDeletedWhenTheJobIsOver() throws Exception {
        String id = agent.submit(order(server.url(), "reader"));
        assertThat(agent.output(id)).isEqualTo("from the repository\n");
        assertThat(agent.follow(agent.admin, id, 0))
                .anyMatch(heard -> heard.event() instanceof JobEvent.Fetched fetched
                        && fetched.commit().matches("[0-9a-f]{40}"));
        assertThat(agent.job(id)
                        .path("workspace")
                        .path("git")
                        .path("credentials")
                        .asText())
                .isEqualTo("reader");
        Path files = directory.resolve("agent/jobs").resolve(new JobId(id).value());
        assertThat(files.resolve("checkout")).doesNotExist();
        try (var all = Files.walk(directory.resolve("agent"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .describedAs(file.toString())
                        .doesNotContain("geheim");
            }
        }
    }

    @Test
    void whatTheAgentMayNotFetchIsRefusedAtOnce() throws Exception {
        assertThat(refused("https://git.example.org/a", "")).contains("may not fetch from git.example.org");
        assertThat(refused("file:///etc/a", "")).contains("nothing from its own disk");
        assertThat(refused(server.url(), "")).contains("may not fetch from " + server.host());
        assertThat(refused(server.url(), "other")).contains("no credentials other");
        assertThat(refused(server.url().replace("http://", "http://u:CANARY@"), "reader", 400))
                .doesNotContain("CANARY");
    }

    @Test
    void aFetchThatFailsIsAFaultThatSaysWhy() throws Exception {
        String withoutLogin = server.url().replace("127.0.0.1", "localhost");
        assertThat(fault(order(withoutLogin, ""))).contains("the server wants credentials");
        Files.delete(password);
        assertThat(fault(order(server.url(), "reader"))).contains("cannot read the password of credentials reader");
    }

    private String fault(ObjectNode order) throws Exception {
        return agent.ended(agent.submit(order)).ending().fault().orElseThrow().message();
    }
}
