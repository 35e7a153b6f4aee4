package dev.thaw.runner.api;

import dev.thaw.runner.fault.Fault;
import dev.thaw.runner.fault.RunnerException;
import dev.thaw.runner.records.Caller;
import dev.thaw.runner.records.Scope;
import dev.thaw.runner.records.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.URIUtil;

/** Finds who asks and what for, and turns all that goes wrong into a problem document: the one place that does. */
final class Door extends Handler.Abstract {
    private static final System.Logger LOG = System.getLogger(Door.class.getName());
    private static final String BEARER = "Bearer ";
    private static final int RETRY_AFTER_SECONDS = 5;

    private final List<Route> routes;
    private final Tokens tokens;

    Door(List<Route> routes, Tokens tokens) {
        this.routes = List.copyOf(routes);
        this.tokens = tokens;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // A browser takes everything for what it is said to be, artifacts above all.
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        try {
            if (!answer(request, response, callback)) {
                callback.succeeded();
            }
        } catch (ProblemException e) {
            problem(response, callback, e.problem(), String.valueOf(e.getMessage()));
        } catch (RunnerException e) {
            LOG.log(System.Logger.Level.ERROR, "a request has failed: " + e.getMessage());
            problem(response, callback, problem(e.fault()), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            // The client went away, or is too slow; there is nobody to tell.
            callback.failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem(response, callback, Problem.STOPPING, "the agent is stopping");
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "answering " + request.getMethod(), e);
            problem(response, callback, Problem.INTERNAL, "a bug of the agent's; its log has more");
        }
        return true;
    }

    /** Whether the callback is somebody else's by now. */
    private boolean answer(Request request, Response response, Callback callback)
            throws ProblemException, RunnerException, IOException, InterruptedException {
        List<String> path = path(request);
        var methods = new TreeSet<String>();
        for (Route route : routes) {
            Optional<List<String>> variables = route.match(path);
            if (variables.isPresent()) {
                methods.add(route.method());
                if (route.method().equals(request.getMethod())) {
                    Caller caller = caller(request, route.scope());
                    var call = new Call(request, response, caller, variables.get(), callback);
                    route.action().answer(call);
                    return call.handedOver();
                }
            }
        }
        if (methods.isEmpty()) {
            throw Problem.NOT_FOUND.with("there is nothing at this path; see docs/agent-api.yaml");
        }
        response.getHeaders().put(HttpHeader.ALLOW, String.join(", ", methods));
        throw Problem.METHOD_NOT_ALLOWED.with("this path has " + String.join(", ", methods));
    }

    private static List<String> path(Request request) throws ProblemException {
        var segments = new ArrayList<String>();
        try {
            for (String raw : Route.segments(request.getHttpURI().getPath())) {
                segments.add(URIUtil.decodePath(raw.split(";", 2)[0]));
            }
        } catch (IllegalArgumentException e) {
            throw Problem.BAD_REQUEST.with("the path is not one");
        }
        return segments;
    }

    private Caller caller(Request request, Optional<Scope> scope) throws ProblemException, RunnerException {
        if (scope.isEmpty()) {
            return new Caller.Anybody();
        }
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (header == null || !header.startsWith(BEARER)) {
            throw Problem.UNAUTHORIZED.with("send a token: Authorization: Bearer TOKEN");
        }
        Caller caller = tokens.caller(header.substring(BEARER.length()).strip())
                .orElseThrow(() -> Problem.UNAUTHORIZED.with(
                        "the token is unknown, revoked or expired; make one with: runner" + " agent token create"));
        if (!caller.may(scope.get())) {
            throw Problem.FORBIDDEN.with(
                    "this needs a token of scope " + scope.get().word());
        }
        return caller;
    }

    private static Problem problem(Fault fault) {
        return fault == Fault.NO_SPACE ? Problem.NO_SPACE : Problem.INTERNAL;
    }

    private static void problem(Response response, Callback callback, Problem problem, String detail) {
        if (response.isCommitted()) {
            // In the middle of a stream: it must not look as if it were whole.
            callback.failed(new IOException(detail));
            return;
        }
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        if (problem == Problem.UNAUTHORIZED) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        if (problem == Problem.QUEUE_FULL || problem == Problem.STOPPING) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        byte[] bytes = problem.document(detail).toString().getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(true, ByteBuffer.wrap(bytes), callback);
    }
}
