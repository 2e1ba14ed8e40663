package io.lsmbd.objectstore.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** Answers every request of any kind in the way it was told to. */
final class CannedServer implements AutoCloseable {

    /** What happens to a request. */
    @FunctionalInterface
    interface Reaction {
        void to(HttpExchange request) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<Reaction> reaction = new AtomicReference<>(error(500, "None"));

    CannedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange request) throws IOException {
        try (request) {
            reaction.get().to(request);
        }
    }

    void reacts(Reaction how) {
        reaction.set(how);
    }

    /** S3's error document; none for HEAD, as in HTTP. */
    static Reaction error(int status, String code) {
        return request -> {
            byte[] body =
                    "<Error><Code>%s</Code><Message>m</Message></Error>"
                            .formatted(code)
                            .getBytes(UTF_8);
            request.getRequestBody().readAllBytes();
            if (request.getRequestMethod().equals("HEAD") || status == 304) {
                request.sendResponseHeaders(status, -1);
            } else {
                request.getResponseHeaders().set("Content-Type", "application/xml");
                request.sendResponseHeaders(status, body.length);
                request.getResponseBody().write(body);
            }
        };
    }

    /** An answer that announces {@code length} bytes and sends those of {@code body}. */
    static Reaction answer(int status, Map<String, String> headers, int length, String body) {
        return request -> {
            request.getRequestBody().readAllBytes();
            headers.forEach(request.getResponseHeaders()::set);
            request.sendResponseHeaders(status, length == 0 ? -1 : length);
            request.getResponseBody().write(body.getBytes(UTF_8));
        };
    }

    /** The connection ends without an answer. */
    static Reaction hangUp() {
        return request -> request.getRequestBody().readAllBytes();
    }

    String address(String options) {
        return "s3://bucket/prefix?region=us-east-1&endpoint=http://127.0.0.1:%d%s"
                .formatted(server.getAddress().getPort(), options);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
