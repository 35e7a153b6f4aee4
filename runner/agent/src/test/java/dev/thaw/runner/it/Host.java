package dev.thaw.runner.it;

import dev.thaw.runner.os.HostUsers;
import dev.thaw.runner.os.JobDirectories;
import dev.thaw.runner.os.RunnerHome;
import dev.thaw.runner.os.Subprocess;
import dev.thaw.runner.template.Template;
import dev.thaw.runner.template.TemplateStore;
import dev.thaw.runner.vm.Qemu;
import dev.thaw.runner.vm.Restorer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The engine's parts on this host, in this process, over the home that all tests share. */
final class Host {
    private static final AtomicReference<@Nullable Restorer> RESTORER = new AtomicReference<>();

    private Host() {}

    /** One for all tests: a process must have no two owners of one home's job directories. */
    static synchronized Restorer restorer() throws Exception {
        Restorer known = RESTORER.get();
        if (known == null) {
            RunnerHome home = home();
            HostUsers users = new HostUsers();
            Subprocess subprocess = new Subprocess(System.getenv());
            known = new Restorer(
                    new JobDirectories(home, users), users, Qemu.find(Path.of("/"), home, subprocess), subprocess);
            RESTORER.set(known);
        }
        return known;
    }

    static RunnerHome home() throws Exception {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("RUNNER_HOME", Runner.HOME.toString());
        return RunnerHome.locate(environment);
    }

    /** The docker template, built by the first test that asks. */
    static Template template() throws Exception {
        Runner.shared().run(Runner.ROOT, "template", "build", "docker").expect(0);
        return new TemplateStore(home()).matching("docker").get(0);
    }
}
