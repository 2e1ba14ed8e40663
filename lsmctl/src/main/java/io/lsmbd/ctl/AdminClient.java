package io.lsmbd.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lsmbd.admin.api.ApiJson;
import io.lsmbd.admin.api.ErrorInfo;
import io.lsmbd.admin.api.StatusInfo;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The admin API from the other end. Every method blocks, at most as long as the time limit. */
final class AdminClient {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = ApiJson.lenient();

    private final URI endpoint;
    private final Duration limit;
    private final Waiting waiting;

    /** {@code told} of an answer that takes longer than this, in a sentence, once. */
    record Waiting(Duration patience, Consumer<String> told) {}

    AdminClient(URI endpoint, Duration limit, Waiting waiting) {
        this.endpoint = endpoint;
        this.limit = limit;
        this.waiting = waiting;
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
            HttpResponse<String> response = answer(client, request);
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

    private HttpResponse<String> answer(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(request, BodyHandlers.ofString());
        try {
            try {
                return answer.get(waiting.patience().toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException _) {
                waiting.told()
                        .accept(
                                "no answer from %s yet, waiting up to %d s%s"
                                        .formatted(endpoint, limit.toSeconds(), reason(client)));
                return answer.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** What the daemon says is wrong with it: most likely it waits for its store. */
    private String reason(HttpClient client) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint.resolve("/v1/status"))
                        .timeout(CONNECT_LIMIT)
                        .build();
        try {
            HttpResponse<String> status = client.send(request, BodyHandlers.ofString());
            List<String> problems = JSON.readValue(status.body(), StatusInfo.class).problems();
            return problems.isEmpty() ? "" : ": " + String.join("; ", problems);
        } catch (IOException _) {
            return "";
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
