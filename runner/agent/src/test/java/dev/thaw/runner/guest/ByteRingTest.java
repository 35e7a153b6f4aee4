package dev.thaw.runner.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRingTest {
    @Test
    void bytesComeOutInTheOrderTheyWentInWhateverThePieces() {
        Random random = new Random(7);
        ByteRing ring = new ByteRing();
        ByteArrayOutputStream in = new ByteArrayOutputStream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] target = new byte[9000];
        for (int i = 0; i < 5000; i++) {
            byte[] piece = new byte[random.nextInt(6000)];
            random.nextBytes(piece);
            ring.put(ByteBuffer.wrap(piece), piece.length);
            in.writeBytes(piece);
            out.write(target, 0, ring.take(target, 0, random.nextInt(target.length)));
        }
        while (!ring.isEmpty()) {
            out.write(target, 0, ring.take(target, 0, target.length));
        }
        assertThat(out.toByteArray()).isEqualTo(in.toByteArray());
    }

    @Test
    void aNewlineIsFoundAcrossTheSeam() {
        ByteRing ring = new ByteRing();
        ring.put(ByteBuffer.allocate(4090), 4090);
        ring.take(new byte[4080], 0, 4080);
        ring.put(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, '\n', 9}), 9);

        assertThat(ring.indexOfNewline(0, 100)).isEqualTo(17);
        assertThat(ring.indexOfNewline(17, 18)).isEqualTo(17);
        assertThat(ring.indexOfNewline(0, 17)).isEqualTo(-1);
        assertThat(ring.indexOfNewline(18, 100)).isEqualTo(-1);
    }
}
