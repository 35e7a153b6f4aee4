package dev.thaw.runner.guest;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.job.Deadline;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Asks guestd, each question on a stream of its own, and turns what can go wrong into faults. */
final class Requests {
    private final Yamux session;

    Requests(Yamux session) {
        this.session = session;
    }

    /** What is done with an answer. The stream is this one's to close, unless it throws. */
    interface Answered<T> {
        T with(GuestStream stream, GuestAnswer answer)
                throws IOException, RunnerException, InterruptedException, TimeoutException;
    }

    /** Sends the request and waits for the answer; {@code what} names the request in faults. */
    <T> T ask(String what, byte[] request, Deadline deadline, Answered<T> answered)
            throws RunnerException, InterruptedException {
        try {
            return askOnNewStream(what, request, deadline, answered);
        } catch (TimeoutException e) {
            throw new RunnerException(Fault.DEADLINE, "guestd did not answer " + what + " before the deadline", e);
        } catch (IOException e) {
            throw lost(session, e);
        }
    }

    /** The fault for a call that {@code why} has ended; a breach that only this call saw ends the session for all. */
    static RunnerException lost(Yamux session, IOException why) {
        if (why instanceof GuestLostException lost) {
            session.lose(lost);
        }
        return new RunnerException(Fault.GUEST_LOST, String.valueOf(why.getMessage()), why);
    }

    /** Loads the classes that the first request and its answer need. */
    static void rehearse() throws GuestLostException {
        byte[] line = GuestRequest.signal(1);
        GuestAnswer.parse(line).checkOnly("signal").number("signal", 1, 1);
    }

    private <T> T askOnNewStream(String what, byte[] request, Deadline deadline, Answered<T> answered)
            throws IOException, RunnerException, InterruptedException, TimeoutException {
        GuestStream stream = session.open();
        boolean done = false;
        try {
            stream.write(request, deadline);
            byte[] line = stream.readLine(deadline);
            if (line == null) {
                throw GuestLostException.breach("no answer to " + what);
            }
            T result = answered.with(stream, GuestAnswer.parse(line));
            done = true;
            return result;
        } finally {
            if (!done) {
                stream.close();
            }
        }
    }
}
