package io.lsmbd.testkit;

import io.lsmbd.env.Environment;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.objectstore.ObjectInfo;
import io.lsmbd.objectstore.ObjectPage;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.s3.S3Address;
import io.lsmbd.objectstore.s3.S3ObjectStore;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** The contract against an S3 server that is not ours: each test has a prefix, which it empties. */
abstract class RealS3Contract extends ObjectStoreContract {
    private final Environment environment =
            new SystemEnvironment((_, death) -> death.printStackTrace());

    /** {@code s3://bucket/prefix?endpoint=…}. */
    abstract String address();

    /** Retried as in the daemon: some racing puts are told to try again, which is no outcome. */
    @Override
    protected final ObjectStore open() throws IOException {
        String[] url = address().split("\\?", 2);
        String prefix = url[0].replaceAll("/$", "") + "/" + UUID.randomUUID();
        String options = url.length < 2 ? "" : "?" + url[1];
        return new RetryingObjectStore(
                S3ObjectStore.open(S3Address.parse(prefix + options)),
                environment,
                RetryConfig.DEFAULT);
    }

    @AfterEach
    void empty() throws IOException {
        ObjectPage page;
        do {
            page = store().list("", null, ObjectStore.MAX_PAGE);
            store().delete(page.objects().stream().map(ObjectInfo::key).toList());
        } while (page.hasMore());
    }
}
