package dev.thaw.runner.workspace;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.GitAddress;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;

/** Why an address could not be fetched, as a fault that a person can act on. */
final class FetchFault {
    private final GitAddress address;

    FetchFault(GitAddress address) {
        this.address = address;
    }

    RunnerException because(String reason) {
        return new RunnerException(Fault.WORKSPACE, unfetched(reason));
    }

    RunnerException late(Exception e) {
        return new RunnerException(Fault.DEADLINE, unfetched("it did not end in time"), e);
    }

    /** From what JGit or the host has thrown. */
    RunnerException of(Exception e) {
        return new RunnerException(Reason.diskFull(e) ? Fault.NO_SPACE : Fault.WORKSPACE, unfetched(reason(e)), e);
    }

    /** In words that name neither JGit's classes nor the address, which the message around names. */
    private String reason(Exception e) {
        if (e instanceof NoRemoteRepositoryException) {
            return "there is no git repository, or none without credentials";
        }
        if (e instanceof NotSupportedException) {
            return "there is no git repository";
        }
        Throwable deepest = e;
        while (deepest.getCause() != null && deepest.getCause() != deepest) {
            deepest = deepest.getCause();
        }
        String message = String.valueOf(deepest.getMessage()).replace(address.url() + ": ", "");
        if (message.contains("CredentialsProvider") || message.contains("not authorized")) {
            return "the server wants credentials, and there are none or not the right ones";
        }
        String line = message.lines().findFirst().orElse("").replaceAll("\\p{Cntrl}", "?");
        if (e instanceof TransportException
                && address.pinned()
                && (message.contains("not valid") || message.contains("not our ref"))) {
            return "the server does not give commit " + address.revision();
        }
        return deepest.getClass() == java.net.UnknownHostException.class ? "there is no host " + line : line;
    }

    private String unfetched(String reason) {
        return "cannot fetch " + address + ": " + reason;
    }
}
