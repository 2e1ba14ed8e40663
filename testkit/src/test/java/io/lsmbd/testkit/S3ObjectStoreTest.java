package io.lsmbd.testkit;

import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.s3.S3Address;
import io.lsmbd.objectstore.s3.S3ObjectStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract over HTTP, against S3Proxy in this JVM. What that lacks, so that this proves nothing
 * about it: its compare-and-swap, and a get beside a put, are atomic only because {@link S3Server}
 * takes them one by one; it has neither TLS nor roles nor a disk, and never asks for less. {@link
 * S3ServerContractTest} is for a real server.
 */
class S3ObjectStoreTest extends ObjectStoreContract {
    private static @Nullable S3Server server;
    private static int stores;

    @BeforeAll
    static void startServer() throws IOException {
        S3Server.provideCredentials();
        server = S3Server.start(S3Server.Races.SAFE);
    }

    @AfterAll
    static void stopServer() {
        S3Server.withdrawCredentials();
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ObjectStore open() throws IOException {
        if (server == null) {
            throw new IllegalStateException("no server");
        }
        return S3ObjectStore.open(S3Address.parse(server.address("stores/" + stores++)));
    }
}
