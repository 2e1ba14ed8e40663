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
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract against a real S3 server, with credentials from where AWS tools find them: {@code
 * ./dev test testkit -Dtest=S3ServerContractTest
 * -Ds3.url='s3://bucket/prefix?endpoint=http://host:port'}. Below the prefix each test has a store
 * of its own, which it empties.
 */
@EnabledIfSystemProperty(
        named = "s3.url",
        matches = "s3:.*",
        disabledReason = "no real S3 server: -Ds3.url=s3://bucket/prefix?endpoint=… is not given")
class S3ServerContractTest extends ObjectStoreContract {

    private final Environment environment =
            new SystemEnvironment((_, death) -> death.printStackTrace());

    /** Retried as in the daemon: some racing puts are told to try again, which is no outcome. */
    @Override
    protected ObjectStore open() throws IOException {
        String[] url = System.getProperty("s3.url", "").split("\\?", 2);
        String address = url[0].replaceAll("/$", "") + "/" + UUID.randomUUID();
        String options = url.length < 2 ? "" : "?" + url[1];
        return new RetryingObjectStore(
                S3ObjectStore.open(S3Address.parse(address + options)),
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
