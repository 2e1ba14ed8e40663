package io.lsmbd.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import io.lsmbd.env.Environment;
import io.lsmbd.objectstore.ETag;
import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.decorator.MeteredObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.decorator.StorePrices;
import io.lsmbd.objectstore.s3.S3Address;
import io.lsmbd.objectstore.s3.S3ObjectStore;
import io.lsmbd.objectstore.url.ObjectStores;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Secrets with a text that is recognised, looked for in everything that anybody gets to see. */
class S3SecretsTest {
    private static final String CANARY = "canary";
    private static final ObjectKey KEY = new ObjectKey("v/1/manifest");
    private static final Duration TICK = Duration.ofMillis(1);

    private final Environment environment = new InstantSleep();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.lsmbd");
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void listen() {
        log.start();
        ours.addAppender(log);
        ours.setAdditive(false);
        ours.setLevel(Level.TRACE);
    }

    @AfterEach
    void stopListening() {
        S3Server.withdrawCredentials();
        ours.detachAppender(log);
        ours.setAdditive(true);
        ours.setLevel(null);
    }

    @Test
    void failingRequestsDoNotTellThem() throws IOException {
        try (S3Server server = S3Server.start(S3Server.Races.SAFE)) {
            S3Server.provideCredentials(CANARY + "-secret-key");
            System.setProperty("aws.sessionToken", CANARY + "-session-token");
            S3Address address = S3Address.parse(server.address("prefix"));
            try (S3ObjectStore bare = S3ObjectStore.open(address);
                    ObjectStore store = decorated(bare)) {
                fail(() -> store.put(KEY, body(), new PutCondition.IfAbsent()));
                fail(() -> store.put(KEY, body(), new PutCondition.IfMatches(new ETag("x"))));
                fail(() -> store.get(KEY));
                fail(() -> store.read(KEY, 1, ByteBuffer.allocate(1)));
                fail(() -> store.info(KEY));
                fail(() -> store.list("", null, 1));
                fail(() -> store.delete(List.of(KEY)));
                fail(() -> ObjectStores.open(server.address("prefix"), environment));
                fail(() -> ObjectStores.openReadOnly(server.address("prefix")));
                for (Object object : List.of(bare, store, address, address.upload())) {
                    seen.add(object.toString());
                }
                seen.add(store.location());
            }
        }
        lookAtLogsAndMetrics();
        // They were sent, and are what was refused.
        assertThat(seen).anyMatch(text -> text.contains("SignatureDoesNotMatch"));
        assertThat(log.list).anyMatch(event -> event.getLevel() == Level.DEBUG);
        assertThat(registry.getMeters()).isNotEmpty();
        assertThat(seen).noneMatch(text -> text.contains(CANARY));
    }

    @Test
    void addressesThatContainThemAreRefusedWithoutRepeatingThem() {
        for (String url :
                List.of(
                        "s3://AKIA:canary@bucket/prefix",
                        "s3://AKIA:cana/canary@bucket/prefix",
                        "s3://AKIA:can ary/canary@bucket/prefix",
                        "s3:AKIA:canary@bucket",
                        "s3://bucket/prefix?endpoint=https://AKIA:canary@host",
                        "s3://bucket/prefix?endpoint=https://AKIA:can%20ary/canary@host",
                        "s3://bucket/prefix?secret-key=canary",
                        "s3://bucket/prefix?canary")) {
            fail(() -> ObjectStores.open(url, environment));
            fail(() -> ObjectStores.openExisting(url, environment));
            fail(() -> ObjectStores.openReadOnly(url));
            fail(() -> ObjectStores.checkAddress(url));
        }
        lookAtLogsAndMetrics();
        assertThat(seen).noneMatch(text -> text.contains(CANARY));
    }

    private ObjectStore decorated(ObjectStore bare) {
        return new RetryingObjectStore(
                new MeteredObjectStore(bare, environment.nanoClock(), registry, StorePrices.FREE),
                environment,
                new RetryConfig(TICK, TICK, TICK));
    }

    private static List<ByteBuffer> body() {
        return List.of(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    private void fail(ThrowingCallable request) {
        Throwable failure = catchThrowable(request);
        assertThat(failure).isNotNull();
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        seen.add(text.toString());
    }

    private void lookAtLogsAndMetrics() {
        for (ILoggingEvent event : log.list) {
            IThrowableProxy failure = event.getThrowableProxy();
            seen.add(
                    event.getFormattedMessage()
                            + (failure == null ? "" : ThrowableProxyUtil.asString(failure)));
        }
        registry.getMeters().forEach(meter -> seen.add(meter.getId().toString()));
    }
}
