package io.lsmbd.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lsmbd.admin.api.VolumeInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminClientTest {
    private static final String STATUS =
            """
            {"version":"1","health":"ok","problems":["the store does not answer"],"dataDir":"d",
             "store":"s","upMillis":1,"nbd":[],"wal":{"budgetBytes":1,"usedBytes":0},"volumes":[]}
            """;
    private final CountDownLatch isTold = new CountDownLatch(1);
    private final List<String> told = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/status", exchange -> reply(exchange, STATUS));
        server.createContext("/v1/fast", exchange -> reply(exchange, "null"));
        // As a volume that is created in an outage: it is waited for until the user knows.
        server.createContext(
                "/v1/slow",
                exchange -> {
                    try {
                        isTold.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    reply(exchange, "null");
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.close();
    }

    private static void reply(HttpExchange exchange, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private AdminClient client(Duration patience) {
        return new AdminClient(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                Duration.ofMinutes(1),
                new AdminClient.Waiting(
                        patience,
                        line -> {
                            told.add(line);
                            isTold.countDown();
                        }));
    }

    @Test
    void whoeverWaitsIsToldWhy() throws CtlException {
        client(Duration.ofMillis(1)).post("slow", VolumeInfo.class);
        assertThat(told)
                .singleElement()
                .asString()
                .contains("no answer from http://127.0.0.1:")
                .endsWith(" yet, waiting up to 60 s: the store does not answer");
    }

    @Test
    void anAnswerInTimeIsAllThereIs() throws CtlException {
        client(Duration.ofMinutes(1)).post("fast", VolumeInfo.class);
        assertThat(told).isEmpty();
    }
}
