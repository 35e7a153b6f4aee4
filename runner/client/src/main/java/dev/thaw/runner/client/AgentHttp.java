package dev.thaw.runner.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Requests to one agent, and what it makes of them. */
final class AgentHttp {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int LARGEST_JSON = 64 << 20;
    private static final int LONGEST_DETAIL = 600;

    private final AgentAddress address;
    private final HttpClient http;

    AgentHttp(AgentAddress address) throws RunnerException {
        this.address = address;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER);
        if (address.authorities().isPresent()) {
            builder.sslContext(trusting(address.authorities().get()));
        }
        http = builder.build();
    }

    AgentAddress address() {
        return address;
    }

    /** A request with a token, {@code path} without the slash that begins it. */
    HttpRequest.Builder request(String path, String token) {
        return HttpRequest.newBuilder(address.uri().resolve(path)).header("Authorization", "Bearer " + token);
    }

    /** What is answered if it is what was asked for; the body is the caller's to close. */
    InputStream send(HttpRequest request) throws RunnerException, IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw refusal(response.statusCode(), body.readNBytes(LARGEST_JSON));
        }
    }

    /** As {@link #send}, of an answer in JSON. */
    JsonNode json(HttpRequest request) throws RunnerException, IOException, InterruptedException {
        try (InputStream body = send(request)) {
            return JSON.readTree(body.readNBytes(LARGEST_JSON));
        }
    }

    /** A WebSocket, for whoever types to a step. */
    AttachedInput attach(String path, String token) throws RunnerException, InterruptedException {
        URI uri = address.uri().resolve(path);
        var input = new AttachedInput();
        try {
            input.open(http.newWebSocketBuilder()
                    .connectTimeout(CONNECT)
                    .header("Authorization", "Bearer " + token)
                    .buildAsync(URI.create("ws" + uri.toString().substring("http".length())), input.listener())
                    .get());
            return input;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                // Its body, which has the reason, is not to be had.
                throw new RunnerException(
                        Fault.REFUSED,
                        "the agent at " + address + " does not let anybody attach to the step: status "
                                + refused.getResponse().statusCode(),
                        e);
            }
            throw unreachable(new IOException(String.valueOf(e.getCause()), e));
        }
    }

    /** The agent cannot be asked at all. */
    RunnerException unreachable(IOException e) {
        String why = e.getMessage() == null ? nameless(e) : e.getMessage();
        return new RunnerException(Fault.AGENT, "the agent at " + address + " cannot be reached: " + why, e);
    }

    /** The JDK's client gives no words to what happens most often. */
    private static String nameless(IOException e) {
        return e instanceof ConnectException
                ? "nothing answers there, or the name is unknown"
                : e.getClass().getSimpleName();
    }

    private RunnerException refusal(int status, byte[] body) {
        String detail;
        try {
            detail = JSON.readTree(body).path("detail").asText();
        } catch (IOException e) {
            // Not ours: a proxy's page.
            detail = "";
        }
        String said = detail.isEmpty()
                ? "status " + status
                : detail.substring(0, Math.min(detail.length(), LONGEST_DETAIL)).replaceAll("\\p{Cc}+", " ");
        boolean later = status == 429 || status == 503 || status == 507 || status == 502 || status == 504;
        return new RunnerException(later ? Fault.AGENT : Fault.REFUSED, "the agent at " + address + " says: " + said);
    }

    private static SSLContext trusting(Path file) throws RunnerException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new RunnerException(Fault.USAGE, "cannot read certificates from " + file + ": " + e.getMessage(), e);
        }
    }
}
