package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.ignore.IgnoreNode;
import org.eclipse.jgit.lib.Config;

/** Takes what git would not ignore and what it tracks; a work tree inside a work tree has its own rules. */
final class GitSelection implements Selection {
    private final WorkTree tree;
    private final RawPath here;
    private final List<Rules> rules;
    private final boolean ignored;

    /** What is the same in all directories of one work tree. */
    private record WorkTree(GitIndex index, GitUser user) {}

    /** The ignore rules that one file brings for everything below a directory. */
    private record Rules(RawPath directory, IgnoreNode node) {}

    private GitSelection(WorkTree tree, RawPath here, List<Rules> rules, boolean ignored) {
        this.tree = tree;
        this.here = here;
        this.rules = rules;
        this.ignored = ignored;
    }

    /** The selection for the directory in which the repository's work tree begins. */
    static GitSelection ofWorkTree(Path directory, GitRepository repository, GitUser user) throws RunnerException {
        Config config = new Config();
        for (Path file : user.configs()) {
            config = GitConfigFile.read(config, file, user);
        }
        config = GitConfigFile.read(config, repository.common().resolve("config"), user);
        int hashBytes = "sha256".equalsIgnoreCase(config.getString("extensions", null, "objectformat")) ? 32 : 20;
        var tree = new WorkTree(GitIndex.read(repository.own().resolve("index"), hashBytes), user);
        // The last that has an opinion wins: from the user's rules to those nearest to the file.
        var rules = new ArrayList<Rules>();
        addRules(rules, RawPath.ROOT, userExcludes(config, directory, user));
        addRules(rules, RawPath.ROOT, repository.common().resolve("info/exclude"));
        addRulesOf(directory, RawPath.ROOT, rules);
        return new GitSelection(tree, RawPath.ROOT, rules, false);
    }

    @Override
    public Treatment of(RawPath name, boolean directory) {
        if (name.equals(GitPart.DOT_GIT)) {
            return directory ? Treatment.AS_IS : Treatment.GIT_FILE;
        }
        RawPath path = here.child(name);
        boolean tracked = directory ? tree.index.tracksWithin(path) : tree.index.tracks(path);
        return tracked || !ignores(path, directory) ? Treatment.AS_IS : Treatment.LEFT_OUT;
    }

    @Override
    public Selection enter(RawPath name, Path directory) throws RunnerException {
        if (name.equals(GitPart.DOT_GIT)) {
            return GitPart.REPOSITORY;
        }
        // One that is tracked is a project's test data, every byte of which may count.
        if (GitRepository.isOne(directory) && !tree.index.tracksWithin(here.child(name))) {
            return GitPart.REPOSITORY;
        }
        var inner = GitRepository.at(directory);
        return inner.isPresent() ? ofWorkTree(directory, inner.get(), tree.user) : below(name, directory);
    }

    /** The selection for a directory of the same work tree. */
    GitSelection below(RawPath name, Path directory) throws RunnerException {
        RawPath path = here.child(name);
        var inner = new ArrayList<>(rules);
        addRulesOf(directory, path, inner);
        return new GitSelection(tree, path, inner, ignores(path, true));
    }

    /** Whether git would take nothing at all of this directory. */
    boolean takesNothing() {
        return ignored && !tree.index.tracksWithin(here);
    }

    @Override
    public boolean gitRules() {
        return true;
    }

    // What is below an ignored directory is ignored, whatever rules say about itself.
    private boolean ignores(RawPath path, boolean directory) {
        if (ignored) {
            return true;
        }
        for (int i = rules.size() - 1; i >= 0; i--) {
            Boolean opinion =
                    rules.get(i).node().checkIgnored(relative(path, rules.get(i).directory()), directory);
            if (opinion != null) {
                return opinion;
            }
        }
        return false;
    }

    private static String relative(RawPath path, RawPath directory) {
        int start = directory.equals(RawPath.ROOT) ? 0 : directory.bytes().length() + 1;
        RawPath relative = new RawPath(path.bytes().substring(start));
        // A name that is no UTF-8 can be matched by a star only, so what stands for its bytes does not matter.
        return relative.utf8().orElse(relative.bytes());
    }

    private static Path userExcludes(Config config, Path directory, GitUser user) {
        String value = config.getString("core", null, "excludesfile");
        return value == null || value.isEmpty()
                ? user.defaultExcludes()
                : GitConfigFile.resolve(value, directory, user);
    }

    private static void addRulesOf(Path directory, RawPath path, List<Rules> rules) throws RunnerException {
        Path file = directory.resolve(".gitignore");
        // As git does: a link is not followed here.
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            addRules(rules, path, file);
        }
    }

    private static void addRules(List<Rules> rules, RawPath directory, Path file) throws RunnerException {
        if (!Files.isRegularFile(file)) {
            return;
        }
        try (var in = Files.newInputStream(file)) {
            var node = new IgnoreNode();
            node.parse(file.toString(), in);
            rules.add(new Rules(directory, node));
        } catch (IOException e) {
            throw new RunnerException(
                    Fault.WORKSPACE, "cannot read git's ignore rules " + file + ": " + Reason.of(e), e);
        }
    }
}
