package dev.thaw.runner.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayIT {
    private static final String SAY = "cat a.txt; echo $GREETING; exit 3";

    @TempDir
    Path work = Path.of("");

    private final Runner runner = Runner.shared();

    @Test
    void aJobRunsAgainFromItsIdItsFileAndAnAddressUntilItsTreeChanges() throws Exception {
        Path tree = Files.createDirectory(work.resolve("tree"));
        Path file = Files.writeString(tree.resolve("a.txt"), "first\n");
        var first = runner.run(tree, "exec", "--json", "-e", "GREETING=hello", "--", "sh", "-c", SAY)
                .expect(3);
        assertThat(first.out()).isEqualTo("first\nhello\n");
        String id = new JsonMapper()
                .readTree(first.err().lines().reduce((a, b) -> b).orElse(""))
                .path("job")
                .asText();

        // Nothing of the line is said again, and not even the directory.
        var again = runner.run(work, "exec", "--from", id).expect(3);
        assertThat(again.out()).isEqualTo("first\nhello\n");

        Path record = Runner.HOME.resolve("records").resolve(id + ".json");
        Path moved = Files.move(tree, work.resolve("moved"));
        assertThat(runner.run(work, "exec", "-C", moved.toString(), "--from", record.toString())
                        .expect(3)
                        .out())
                .isEqualTo("first\nhello\n");

        Files.move(moved, tree);

        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/record", exchange -> {
            byte[] body = Files.readAllBytes(record);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            runner.run(work, "exec", "--from", address + "/record").expect(3);
            assertThat(runner.run(work, "exec", "--from", address + "/other")
                            .expect(125)
                            .err())
                    .isEqualTo("runner: usage: " + address + "/other answers 404\n");
        } finally {
            server.stop(0);
        }

        Files.writeString(file, "other\n");
        assertThat(runner.run(work, "exec", "--from", id).expect(125).err())
                .startsWith("runner: replay: job " + id + " cannot be run again as it was: workspace: digest ");
        String text = Files.readString(record).replaceFirst("\"qemu\" : \"[^\"]*\"", "\"qemu\" : \"another\"");
        Path altered = Files.writeString(
                work.resolve("altered.json"), text.replaceFirst("\"key\" : \"[0-9a-f]*\"", "\"key\" : \"00\""));
        assertThat(runner.run(work, "exec", "--from", altered.toString())
                        .expect(125)
                        .err())
                .contains("template qemu: another then, ", "; workspace: digest ");
    }
}
