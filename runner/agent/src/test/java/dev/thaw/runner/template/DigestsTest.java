package dev.thaw.runner.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigestsTest {
    @Test
    void ofATextItIsWhatSha256sumSays() {
        assertThat(Digests.sha256("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    @Test
    void holesAreZeros(@TempDir Path directory) throws Exception {
        byte[] content = new byte[(3 << 20) + 5];
        content[2 << 20] = 1;
        Path dense = Files.write(directory.resolve("dense"), content);
        Path sparse = directory.resolve("sparse");
        try (var file = new RandomAccessFile(sparse.toFile(), "rw")) {
            file.setLength(content.length);
            file.seek(2 << 20);
            file.write(1);
        }
        assertThat(Digests.sparseSha256(sparse)).isEqualTo(Digests.sparseSha256(dense));
        assertThat(Digests.sha256(sparse)).isEqualTo(Digests.sha256(dense));

        Path longer = Files.write(directory.resolve("longer"), new byte[4 << 20]);
        Path shorter = Files.write(directory.resolve("shorter"), new byte[3 << 20]);
        assertThat(Digests.sparseSha256(longer)).isNotEqualTo(Digests.sparseSha256(shorter));
    }
}
