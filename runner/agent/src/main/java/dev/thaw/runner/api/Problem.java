package dev.thaw.runner.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** What is wrong with a request: the kinds of RFC 9457's problem documents that this API has. */
public enum Problem {
    /** It is not what the API's description says. */
    BAD_REQUEST(400, "the request is not as the API wants it"),
    /** Nobody knows who asks. */
    UNAUTHORIZED(401, "a token is needed"),
    /** The token is not good for this. */
    FORBIDDEN(403, "the token is not good for this"),
    /** There is no such thing, or not for this token. */
    NOT_FOUND(404, "there is no such thing"),
    /** The path has other methods. */
    METHOD_NOT_ALLOWED(405, "the path does not have this method"),
    /** The job is not in the state that this needs. */
    CONFLICT(409, "the job is not in a state for this"),
    /** The body is larger than it may be. */
    TOO_LARGE(413, "the body is too large"),
    /** The body is of another type. */
    UNSUPPORTED_TYPE(415, "the body has another type than is wanted"),
    /** The job asks for what this agent does not have. */
    CANNOT_RUN(422, "this agent cannot run the job"),
    /** The key was used for another request. */
    KEY_REUSED(422, "the idempotency key was used for another request"),
    /** So many jobs wait already. */
    QUEUE_FULL(429, "too many jobs wait"),
    /** A bug of the agent's. */
    INTERNAL(500, "the agent has failed"),
    /** The agent is about to stop. */
    STOPPING(503, "the agent takes no jobs now"),
    /** The host's disk is full. */
    NO_SPACE(507, "the host has no room left");

    private static final JsonMapper JSON = new JsonMapper();

    private final int status;
    private final String title;

    Problem(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** Ends a request with this problem. */
    public ProblemException with(String detail) {
        return new ProblemException(this, detail);
    }

    ObjectNode document(String detail) {
        String name = name().toLowerCase(Locale.ROOT).replace('_', '-');
        return JSON.createObjectNode()
                .put("type", "urn:thaw:problem:" + name)
                .put("title", title)
                .put("status", status)
                .put("detail", detail);
    }
}
