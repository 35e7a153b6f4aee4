package dev.thaw.runner.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Problem documents for what the server refuses before anybody else sees it: headers too large, a path that is none. */
final class PlainErrors extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        Problem problem = status == HttpStatus.PAYLOAD_TOO_LARGE_413 ? Problem.TOO_LARGE : Problem.BAD_REQUEST;
        if (status >= HttpStatus.INTERNAL_SERVER_ERROR_500) {
            problem = Problem.INTERNAL;
        }
        byte[] body = problem.document(HttpStatus.getMessage(status))
                .put("status", status)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }
}
