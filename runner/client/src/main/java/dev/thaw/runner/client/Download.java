package dev.thaw.runner.client;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** One small thing from an address. */
public final class Download {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Download() {}

    /**
     * What {@code GET} answers, at most {@code largest} bytes within 30 seconds. Redirects are followed, but never from
     * https to http.
     *
     * @throws RunnerException {@code USAGE} if the address is none or answers anything but 200
     */
    public static byte[] get(String address, int largest) throws RunnerException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(LIMIT)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(address)).timeout(LIMIT).build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new RunnerException(Fault.USAGE, address + " answers " + response.statusCode());
                }
                byte[] bytes = body.readNBytes(largest + 1);
                if (bytes.length > largest) {
                    throw new RunnerException(Fault.USAGE, address + " answers more than " + largest + " bytes");
                }
                return bytes;
            }
        } catch (IOException | IllegalArgumentException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new RunnerException(Fault.USAGE, "cannot get " + address + ": " + why, e);
        }
    }
}
