package dev.thaw.runner.workspace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The names of the files that git tracks, read from its index, versions 2 to 4.
 *
 * <p>Not JGit's DirCache: reading one makes JGit run {@code git}, and probe the file system's clock by writing files.
 */
final class GitIndex {
    private static final int SIGNATURE = 0x44495243;
    private static final int STAT_BYTES = 40;
    private static final int EXTENDED = 0x4000;

    private final List<String> names;

    private GitIndex(List<String> names) {
        this.names = names;
    }

    /** Reads the index; one that is not there tracks nothing. {@code hashBytes} is the length of an object's id. */
    static GitIndex read(Path file, int hashBytes) throws RunnerException {
        try {
            return new GitIndex(new Reader(Files.readAllBytes(file), hashBytes).names());
        } catch (NoSuchFileException e) {
            return new GitIndex(List.of());
        } catch (IOException e) {
            throw new RunnerException(Fault.WORKSPACE, "cannot read git's index " + file + ": " + Reason.of(e), e);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            String reason = e instanceof IllegalArgumentException ? String.valueOf(e.getMessage()) : "it is damaged";
            throw new RunnerException(Fault.WORKSPACE, "cannot read git's index " + file + ": " + reason, e);
        }
    }

    /** Whether there is a tracked file, or a submodule, of exactly this path. */
    boolean tracks(RawPath path) {
        return Collections.binarySearch(names, path.bytes()) >= 0;
    }

    /** Whether anything below this directory is tracked, or the directory is a submodule. */
    boolean tracksWithin(RawPath directory) {
        String prefix = directory.bytes() + "/";
        int next = Collections.binarySearch(names, prefix);
        next = next < 0 ? -next - 1 : next;
        return tracks(directory) || (next < names.size() && names.get(next).startsWith(prefix));
    }

    /** One pass over the file; see gitformat-index(5). */
    private static final class Reader {
        private final byte[] file;
        private final ByteBuffer in;
        private final int hashBytes;
        private final StringBuilder name = new StringBuilder();

        Reader(byte[] file, int hashBytes) {
            this.file = file;
            this.in = ByteBuffer.wrap(file);
            this.hashBytes = hashBytes;
        }

        List<String> names() {
            if (in.getInt() != SIGNATURE) {
                throw new IllegalArgumentException("it does not begin with DIRC");
            }
            int version = in.getInt();
            if (version < 2 || version > 4) {
                throw new IllegalArgumentException("its version is " + version);
            }
            int count = in.getInt();
            // git keeps the names in the order of their bytes, which is what a binary search needs.
            var names = new ArrayList<String>();
            for (int i = 0; i < count; i++) {
                names.add(version == 4 ? compressedName() : paddedName());
            }
            checkExtensions();
            return names;
        }

        private String paddedName() {
            int start = in.position();
            skipFixedPart();
            name.setLength(0);
            readToNul();
            int length = in.position() - 1 - start;
            in.position(start + ((length + 8) & ~7));
            return name.toString();
        }

        private String compressedName() {
            skipFixedPart();
            int drop = varint();
            if (drop > name.length()) {
                throw new IllegalArgumentException("a name is shorter than its prefix");
            }
            name.setLength(name.length() - drop);
            readToNul();
            return name.toString();
        }

        private void skipFixedPart() {
            skip(STAT_BYTES + hashBytes);
            boolean extended = (in.getShort() & EXTENDED) != 0;
            skip(extended ? 2 : 0);
        }

        private void readToNul() {
            int start = in.position();
            while (in.get() != 0) {
                // Only looking for the end.
            }
            name.append(new String(file, start, in.position() - 1 - start, ISO_8859_1));
        }

        private int varint() {
            int next = in.get();
            int value = next & 0x7f;
            while ((next & 0x80) != 0) {
                next = in.get();
                value = ((value + 1) << 7) + (next & 0x7f);
            }
            return value;
        }

        // An extension in lower case changes what the entries mean. A sparse index's directories are not in the work
        // tree, so nobody asks for what is below them; a split index keeps names elsewhere.
        private void checkExtensions() {
            while (in.remaining() >= hashBytes + 8) {
                int signature = in.getInt();
                int size = in.getInt();
                if (signature == 0x6c696e6b) {
                    throw new IllegalArgumentException("it is split; join it with: git update-index --no-split-index");
                }
                skip(size);
            }
        }

        private void skip(int bytes) {
            in.position(in.position() + bytes);
        }
    }
}
