package dev.thaw.runner.warming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.thaw.runner.template.Digests;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCertificatesTest {
    private final Path directory;

    HostCertificatesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private String pem() throws Exception {
        return HostCertificates.read(directory.toString()).pem();
    }

    @Test
    void allCertificatesOfTheDirectoryFollowOneAnotherByName() throws Exception {
        Files.createDirectory(directory.resolve("more"));
        Files.writeString(directory.resolve("more/c.crt"), "third");
        Files.writeString(directory.resolve("b.crt"), "second\n\n");
        Files.writeString(directory.resolve("a.crt"), "first\n");
        Files.writeString(directory.resolve("a.pem"), "no certificate of ours");
        assertThat(pem()).isEqualTo("first\nsecond\nthird\n");
        assertThat(HostCertificates.read(directory.toString()).digest())
                .isEqualTo(Digests.sha256("first\nsecond\nthird\n"));
    }

    @Test
    void anEmptyOrAbsentDirectoryHasNone() throws Exception {
        assertThat(pem()).isEmpty();
        HostCertificates absent =
                HostCertificates.read(directory.resolve("absent").toString());
        assertThat(absent.pem()).isEmpty();
        assertThat(absent.digest()).isEqualTo("none");
    }

    @Test
    void theyCanBeLeftOut() throws Exception {
        assertThat(HostCertificates.read("none").pem()).isEmpty();
    }
}
