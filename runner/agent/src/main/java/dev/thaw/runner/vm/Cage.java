package dev.thaw.runner.vm;

import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectory;
import dev.thaw.runner.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The walls around a QEMU process: namespaces of its own (mount, pid, ipc, uts, cgroup, an empty network), a read-only
 * view of a few paths, no capabilities, no new privileges, and write access to its job directory alone.
 *
 * <p>Started by root, QEMU runs as the host user that owns the job directory; else as the caller, in a user namespace.
 */
public final class Cage {
    /** Where the VMM sees the job directory. */
    static final String JOB = "/job";
    /** Where it sees the directory of its sockets. */
    static final String SOCKETS = "/run";
    /** Where it sees the template, or the image while one is being warmed. */
    static final String TEMPLATE = "/template";

    static final String QMP_SOCKET = "qmp";
    static final String GUEST_SOCKET = "guest";
    static final String CONSOLE_SOCKET = "console";
    static final String INCOMING_SOCKET = "incoming";

    private static final Path KVM = Path.of("/dev/kvm");

    private final Qemu qemu;
    private final HostUsers users;

    public Cage(Qemu qemu, HostUsers users) {
        this.qemu = qemu;
        this.users = users;
    }

    /**
     * The command that runs another one caged.
     *
     * @param readOnly shown to it as {@code /template}
     * @throws IOException if the owner of the job directory cannot be told
     */
    List<String> around(List<String> command, JobDirectory job, Path readOnly, Accelerator accelerator)
            throws IOException {
        var words = new ArrayList<>(List.of("bwrap", "--die-with-parent", "--new-session", "--clearenv"));
        words.addAll(List.of("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"));
        words.addAll(List.of("--unshare-cgroup-try", "--cap-drop", "ALL"));
        words.addAll(users.separate() ? List.of() : List.of("--unshare-user"));
        words.addAll(view(job, readOnly, accelerator));
        if (!qemu.opensMemoryReadOnly()) {
            words.addAll(List.of("--setenv", "LD_PRELOAD", TEMPLATE + "/" + Template.SHIM));
        }
        if (users.separate()) {
            words.addAll(List.of("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"));
        }
        words.add("--");
        if (users.separate()) {
            words.addAll(asUser(HostUsers.ownerOf(job.path()), accelerator));
        }
        words.addAll(command);
        return words;
    }

    private List<String> view(JobDirectory job, Path readOnly, Accelerator accelerator) {
        var words = new ArrayList<String>();
        words.addAll(List.of("--ro-bind", qemu.root().resolve("usr").toString(), "/usr"));
        for (String name : List.of("bin", "lib", "lib64", "sbin")) {
            words.addAll(List.of("--symlink", "usr/" + name, "/" + name));
        }
        // Else bwrap makes them 0700 for its own user, and a guest's user sees nothing in them: no /dev/kvm for one.
        for (String directory : List.of("/dev", "/etc")) {
            words.addAll(List.of("--perms", "0755", "--dir", directory));
        }
        Path libraries = qemu.root().resolve("etc/ld.so.cache");
        words.addAll(List.of("--ro-bind-try", libraries.toString(), "/etc/ld.so.cache"));
        for (String device : List.of("/dev/null", "/dev/zero", "/dev/urandom")) {
            words.addAll(List.of("--dev-bind", device, device));
        }
        if (accelerator == Accelerator.KVM) {
            words.addAll(List.of("--dev-bind", KVM.toString(), KVM.toString()));
        }
        words.addAll(List.of("--ro-bind", readOnly.toString(), TEMPLATE));
        words.addAll(List.of("--bind", job.path().toString(), JOB));
        words.addAll(List.of("--bind", job.sockets().toString(), SOCKETS));
        words.addAll(List.of("--remount-ro", "/", "--chdir", JOB));
        return words;
    }

    /** Only root's bwrap needs it: changes to the job's own user and lets go of what was needed for that. */
    private static List<String> asUser(int user, Accelerator accelerator) throws IOException {
        var words = new ArrayList<>(List.of("/usr/bin/setpriv", "--reuid", String.valueOf(user), "--regid"));
        words.add(String.valueOf(user));
        words.addAll(
                accelerator == Accelerator.KVM && Files.exists(KVM) && HostUsers.groupOf(KVM) != 0
                        ? List.of("--groups", String.valueOf(HostUsers.groupOf(KVM)))
                        : List.of("--clear-groups"));
        words.addAll(List.of("--inh-caps", "-all", "--bounding-set", "-all", "--no-new-privs", "--"));
        return words;
    }
}
