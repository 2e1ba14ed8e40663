package io.lsmbd.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.ErrorInfo;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** The admin API from the other end. Every method blocks, at most as long as the time limit. */
final class AdminClient {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = ApiJson.lenient();

    private final URI endpoint;
    private final Duration limit;

    AdminClient(URI endpoint, Duration limit) {
        this.endpoint = endpoint;
        this.limit = limit;
    }

    <T> T get(String path, Class<T> type) throws CtlException {
        return parse(send("GET", path, BodyPublishers.noBody()), type);
    }

    <T> T post(String path, Object body, Class<T> type) throws CtlException {
        try {
            String json = JSON.writeValueAsString(body);
            return parse(send("POST", path, BodyPublishers.ofString(json)), type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of the API is not JSON", e);
        }
    }

    <T> T post(String path, Class<T> type) throws CtlException {
        return parse(send("POST", path, BodyPublishers.noBody()), type);
    }

    /** For what answers nothing. */
    void post(String path) throws CtlException {
        send("POST", path, BodyPublishers.noBody());
    }

    void delete(String path) throws CtlException {
        send("DELETE", path, BodyPublishers.noBody());
    }

    private String send(String method, String path, BodyPublisher body) throws CtlException {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint.resolve("/v1/" + path))
                        .timeout(limit)
                        .header("Content-Type", "application/json")
                        .method(method, body)
                        .build();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT).build()) {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw failure(response);
            }
            return response.body();
        } catch (HttpTimeoutException e) {
            throw new CtlException(
                    ExitCode.UNREACHABLE,
                    "no answer from %s in time".formatted(endpoint),
                    "give it longer with --timeout, or look at its log",
                    e);
        } catch (IOException e) {
            throw new CtlException(
                    ExitCode.UNREACHABLE,
                    "no lsmbd answers at " + endpoint,
                    "start it with `lsmbd dev`, or say where it is with --endpoint",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CtlException(ExitCode.FAILED, "interrupted", "", e);
        }
    }

    private CtlException failure(HttpResponse<String> response) {
        try {
            ErrorInfo info = JSON.readValue(response.body(), ErrorInfo.class);
            return new CtlException(ExitCode.of(info.kind()), info.error(), info.hint());
        } catch (JsonProcessingException e) {
            return new CtlException(
                    ExitCode.FAILED,
                    "%s answered %d, and not as lsmbd does"
                            .formatted(endpoint, response.statusCode()),
                    "is that the admin address of lsmbd?",
                    e);
        }
    }

    private <T> T parse(String json, Class<T> type) throws CtlException {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new CtlException(
                    ExitCode.FAILED,
                    "%s answered, but not as lsmbd does: %s"
                            .formatted(endpoint, e.getOriginalMessage()),
                    "is that the admin address of lsmbd?",
                    e);
        }
    }
}
