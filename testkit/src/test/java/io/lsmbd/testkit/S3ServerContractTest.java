package io.lsmbd.testkit;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract against a real S3 server, with credentials from where AWS tools find them: {@code
 * ./dev test testkit -Dtest=S3ServerContractTest
 * -Ds3.url='s3://bucket/prefix?endpoint=http://host:port'}.
 */
@EnabledIfSystemProperty(
        named = "s3.url",
        matches = "s3:.*",
        disabledReason = "no real S3 server: -Ds3.url=s3://bucket/prefix?endpoint=… is not given")
class S3ServerContractTest extends RealS3Contract {
    @Override
    String address() {
        return System.getProperty("s3.url", "");
    }
}
