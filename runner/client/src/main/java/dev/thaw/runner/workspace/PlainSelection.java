package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.RunnerException;
import java.nio.file.Path;

/** Takes everything, where there is no git work tree; one that begins further down has its rules. */
final class PlainSelection implements Selection {
    private final GitUser user;

    PlainSelection(GitUser user) {
        this.user = user;
    }

    @Override
    public Treatment of(RawPath name, boolean directory) {
        return name.equals(GitPart.DOT_GIT) && !directory ? Treatment.GIT_FILE : Treatment.AS_IS;
    }

    @Override
    public Selection enter(RawPath name, Path directory) throws RunnerException {
        if (name.equals(GitPart.DOT_GIT) || GitRepository.isOne(directory)) {
            return GitPart.REPOSITORY;
        }
        var repository = GitRepository.at(directory);
        return repository.isPresent() ? GitSelection.ofWorkTree(directory, repository.get(), user) : this;
    }

    @Override
    public boolean gitRules() {
        return false;
    }
}
