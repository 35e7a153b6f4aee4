package dev.thaw.runner.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WithoutJGitTest {
    @Test
    void aDirectoryWithoutGitIsPackedWithoutLoadingJGit(@TempDir Path directory) throws Exception {
        Files.writeString(Files.createDirectory(directory.resolve("src")).resolve("a"), "x");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("src/a"));
        var out = new ByteArrayOutputStream();

        // The one way to see which classes a class needs: loaded afresh, where JGit does not exist.
        Class<?> packer = new NoJGitLoader().loadClass(WorkspacePacker.class.getName());
        Object packed = packer.getMethod("pack", Path.class, OutputStream.class)
                .invoke(packer.getConstructor().newInstance(), directory, out);

        assertThat(packed).hasToString("PackedWorkspace[files=2, bytes=1, skipped=[], gitRules=false, notes=[]]");
        assertThat(out.size()).isPositive();
    }

    private static final class NoJGitLoader extends ClassLoader {
        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("org.eclipse.jgit.")) {
                throw new ClassNotFoundException(name + " was asked for");
            }
            return name.startsWith("dev.thaw.") ? own(name) : super.loadClass(name, resolve);
        }

        private Class<?> own(String name) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
