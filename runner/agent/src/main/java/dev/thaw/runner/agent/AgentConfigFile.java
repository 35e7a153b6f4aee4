package dev.thaw.runner.agent;

import dev.thaw.runner.admission.Demand;
import dev.thaw.runner.api.Listener;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.ByteSize;
import dev.thaw.runner.job.DurationText;
import dev.thaw.runner.job.Resources;
import dev.thaw.runner.job.YamlMapping;
import dev.thaw.runner.job.YamlReader;
import dev.thaw.runner.records.Retention;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Reads an agent's configuration, and says all that is wrong with it at once. */
public final class AgentConfigFile {
    private static final int PORT = 8750;
    private static final int MOST_ON_STANDBY = 1000;
    private static final ByteSize GIB = new ByteSize(1L << 30);

    private final Demand host;

    /**
     * For a host that has so much.
     *
     * @param host what jobs may have together if the file does not say
     */
    public AgentConfigFile(Demand host) {
        this.host = host;
    }

    /** Reads a file. */
    public AgentConfig read(Path file) throws RunnerException {
        return config(YamlReader.open(file));
    }

    /** What a file that says nothing means. */
    public AgentConfig absent() throws RunnerException {
        return config(YamlReader.open("", "the configuration"));
    }

    AgentConfig parse(String text) throws RunnerException {
        return config(YamlReader.open(text, "agent.yaml"));
    }

    private AgentConfig config(YamlReader reader) throws RunnerException {
        YamlMapping root = reader.root();
        InetSocketAddress address = root.value("listen", AgentConfigFile::address)
                .orElse(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
        Optional<Listener.Tls> tls = root.mapping("tls").flatMap(AgentConfigFile::tls);
        boolean loopback = address.getAddress().isLoopbackAddress();
        if (!loopback && !root.has("tls")) {
            root.mistake(
                    "listen",
                    "'listen' is an address that others can reach, which needs 'tls'; set it, or"
                            + " listen on 127.0.0.1");
        }
        Optional<YamlMapping> queue = root.mapping("queue");
        Optional<YamlMapping> limits = root.mapping("limits");
        var config = new AgentConfig(
                new Listener(address, tls),
                accelerator(root, loopback),
                root.mapping("budget").map(this::budget).orElse(host),
                number(queue, "length", 1000),
                length(queue, "start_within", Duration.ofHours(24)),
                size(limits, "workspace", new ByteSize(4 * GIB.bytes())),
                size(limits, "log", new ByteSize(GIB.bytes() / 4)),
                retention(root.mapping("retention")),
                standby(root.mapping("standby")),
                git(root.mapping("git")),
                root.value("drain", DurationText::parse).orElse(Duration.ofMinutes(5)));
        reader.finish();
        return config;
    }

    /** Whoever can be reached from elsewhere may be sent code that nobody trusts. */
    private static String accelerator(YamlMapping root, boolean loopback) {
        String accelerator =
                root.value("accelerator", AgentConfigFile::accelerator).orElse("auto");
        boolean required = root.value("require_kvm", AgentConfigFile::flag).orElse(!loopback);
        if (required && accelerator.equals("tcg")) {
            root.mistake(
                    "accelerator",
                    "'accelerator' is tcg, which 'require_kvm' rules out; it is true unless the"
                            + " agent listens on this host alone");
        }
        return required ? "kvm" : accelerator;
    }

    private static String accelerator(String word) {
        if (!List.of("auto", "kvm", "tcg").contains(word)) {
            throw new IllegalArgumentException("accelerator must be auto, kvm or tcg, got: " + word);
        }
        return word;
    }

    private static boolean flag(String word) {
        if (!word.equals("true") && !word.equals("false")) {
            throw new IllegalArgumentException("must be true or false, got: " + word);
        }
        return Boolean.parseBoolean(word);
    }

    private Demand budget(YamlMapping mapping) {
        var cpus = mapping.integer("cpus", 1, 4096);
        return new Demand(
                cpus.isPresent() ? cpus.getAsInt() : host.cpus(),
                mapping.value("memory", ByteSize::parse).orElse(host.memory()),
                mapping.value("disk", ByteSize::parse).orElse(host.disk()));
    }

    private static Retention retention(Optional<YamlMapping> mapping) {
        return new Retention(
                length(mapping, "age", Duration.ofDays(30)), size(mapping, "size", new ByteSize(20 * GIB.bytes())));
    }

    private static List<GitHost> git(Optional<YamlMapping> mapping) {
        return mapping.map(found -> found.mappings("hosts")).orElse(List.of()).stream()
                .flatMap(host -> gitHost(host).stream())
                .toList();
    }

    private static Optional<GitHost> gitHost(YamlMapping mapping) {
        Optional<String> host = mapping.required("host", GitHost::checkHost);
        Optional<String> name = mapping.value("credentials", text -> text);
        Optional<String> user = mapping.value("username", text -> text);
        Optional<Path> password = mapping.value("password_file", Path::of);
        if (name.isPresent() != user.isPresent() || name.isPresent() != password.isPresent()) {
            mapping.mistake("credentials", "'credentials' (a name), 'username' and 'password_file' go together");
            return Optional.empty();
        }
        return host.map(known -> new GitHost(
                known, name.map(word -> new GitHost.Login(word, user.orElseThrow(), password.orElseThrow()))));
    }

    private static AgentConfig.Standby standby(Optional<YamlMapping> mapping) {
        List<StandbyWish> guests = mapping.map(found -> found.mappings("guests")).orElse(List.of()).stream()
                .flatMap(guest -> wish(guest).stream())
                .toList();
        return new AgentConfig.Standby(guests, size(mapping, "spare_memory", GIB));
    }

    private static Optional<StandbyWish> wish(YamlMapping guest) {
        Optional<String> template = guest.required("template", name -> name);
        var cpus = guest.integer("cpus", Resources.MIN_CPUS, Resources.MAX_CPUS);
        Optional<ByteSize> memory = guest.value("memory", ByteSize::parse);
        var count = guest.integer("count", 1, MOST_ON_STANDBY);
        try {
            var size = new Resources(cpus.isPresent() ? cpus.getAsInt() : null, memory.orElse(null), null);
            return template.map(name -> new StandbyWish(name, size, count.orElse(1)));
        } catch (IllegalArgumentException e) {
            guest.mistake("memory", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static int number(Optional<YamlMapping> mapping, String key, int otherwise) {
        var number = mapping.map(found -> found.integer(key, 1, 100_000));
        return number.isPresent() && number.get().isPresent() ? number.get().getAsInt() : otherwise;
    }

    private static Duration length(Optional<YamlMapping> mapping, String key, Duration otherwise) {
        return mapping.flatMap(found -> found.value(key, DurationText::parse)).orElse(otherwise);
    }

    private static ByteSize size(Optional<YamlMapping> mapping, String key, ByteSize otherwise) {
        return mapping.flatMap(found -> found.value(key, ByteSize::parse)).orElse(otherwise);
    }

    private static Optional<Listener.Tls> tls(YamlMapping mapping) {
        Optional<Path> certificate = mapping.required("certificate", Path::of);
        Optional<Path> key = mapping.required("key", Path::of);
        if (certificate.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(PemKeys.read(certificate.get(), key.get()));
        } catch (IllegalArgumentException e) {
            mapping.mistake("certificate", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        String port = text.substring(colon + 1);
        String plain = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        // Digits and colons alone: a name would be looked up, and may be another address tomorrow.
        if (!port.matches("[0-9]{1,5}")
                || Integer.parseInt(port) > 65_535
                || !plain.matches("[0-9.]+|[0-9a-fA-F:.]+")) {
            throw new IllegalArgumentException("listen must be an address and a port, such as 127.0.0.1:" + PORT
                    + " or [::1]:" + PORT + ", got: " + text);
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(plain), Integer.parseInt(port));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("listen must be an address of this host, got: " + text, e);
        }
    }
}
