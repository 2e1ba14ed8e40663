package io.lsmbd.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.ErrorInfo;
import java.nio.charset.StandardCharsets;

/** What goes back over HTTP. */
record Answer(int status, String contentType, byte[] body) {
    private static final JsonMapper JSON = ApiJson.strict();

    static final int OK = 200;
    static final int CREATED = 201;
    static final int NO_CONTENT = 204;
    static final int CONFLICT = 409;
    static final int UNAVAILABLE = 503;

    static Answer text(int status, String text) {
        return new Answer(
                status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer metrics(String text) {
        return new Answer(
                OK,
                "text/plain; version=0.0.4; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8));
    }

    static Answer json(int status, Object value) {
        try {
            return new Answer(status, "application/json", JSON.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of the API is not JSON", e);
        }
    }

    static Answer error(int status, ErrorInfo.Kind kind, String error, String hint) {
        return json(status, new ErrorInfo(kind, error, hint));
    }

    static Answer nothing() {
        return new Answer(NO_CONTENT, "", new byte[0]);
    }
}
