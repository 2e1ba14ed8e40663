package io.lsmbd.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.objectstore.s3.S3Address.Checksums;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class S3AddressTest {

    @Test
    void aBucketIsEnough() {
        S3Address address = S3Address.parse("s3://my-bucket");
        assertThat(address.bucket()).isEqualTo("my-bucket");
        assertThat(address.prefix()).isEmpty();
        assertThat(address.endpoint()).isEmpty();
        assertThat(address.isPathStyle()).isFalse();
        assertThat(address.sendsChecksums()).isTrue();
        assertThat(address).hasToString("s3://my-bucket/");
    }

    @Test
    void everythingCanBeSaid() {
        S3Address address =
                S3Address.parse(
                        "s3://bucket/some/prefix/?endpoint=https://s3.example.org:9000"
                                + "&region=eu-central-1&profile=lab&path-style=off"
                                + "&checksums=when-required&storage-class=STANDARD_IA"
                                + "&encryption=kms&kms-key=arn:aws:kms:x+y&expected-owner=1234"
                                + "&requester-pays=on&timeout-seconds=120&connections=16");
        assertThat(address.prefix()).isEqualTo("some/prefix/");
        assertThat(address.endpoint()).contains(URI.create("https://s3.example.org:9000"));
        assertThat(address.region()).contains("eu-central-1");
        assertThat(address.profile()).contains("lab");
        assertThat(address.isPathStyle()).isFalse();
        assertThat(address.checksums()).isEqualTo(Checksums.WHEN_REQUIRED);
        assertThat(address.sendsChecksums()).isFalse();
        assertThat(address.upload().storageClass()).contains("STANDARD_IA");
        assertThat(address.upload().encryption()).contains("aws:kms");
        assertThat(address.upload().kmsKey()).contains("arn:aws:kms:x+y");
        assertThat(address.expectedOwner()).contains("1234");
        assertThat(address.requesterPays()).isTrue();
        assertThat(address.requestTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(address.connections()).isEqualTo(16);
        assertThat(address).hasToString("s3://bucket/some/prefix/ at https://s3.example.org:9000");
    }

    @Test
    void otherEndpointsHaveTheBucketInThePath() {
        assertThat(S3Address.parse("s3://bucket?endpoint=https://host:9000").isPathStyle())
                .isTrue();
        assertThat(S3Address.parse("s3://bucket?endpoint=https://host:9000").endpoint())
                .contains(URI.create("https://host:9000"));
    }

    @Test
    void mistakesAreExplained() {
        assertRefused("s3:bucket", "no bucket's name");
        assertRefused("s3:///prefix", "no bucket's name");
        assertRefused("s3://bucket:80/x", "no bucket's name");
        assertRefused("s3://b/x", "no bucket's name");
        assertRefused("http://bucket/x", "write s3://bucket/prefix");
        assertRefused("s3://bucket/a b", "not an S3 address");
        assertRefused("s3://bucket/a//b", "other characters");
        assertRefused("s3://bucket/a/../b", "other characters");
        assertRefused("s3://bucket/%41", "other characters");
        assertRefused("s3://bucket/" + "x".repeat(501), "more than 500");
        assertRefused("s3://key:secret@bucket/x", "no keys in the address");
        assertRefused("s3://bucket?regoin=x", "unknown option \"regoin\"; there are checksums, ");
        assertRefused("s3://bucket?region=", "without value");
        assertRefused("s3://bucket?region=a&region=b", "twice");
        assertRefused("s3://bucket?checksums=maybe", "auto, when-required, when-supported");
        assertRefused("s3://bucket?connections=0", "from 1 to 1024");
        assertRefused("s3://bucket?timeout-seconds=99999999999", "from 1 to 3600");
        assertRefused("s3://bucket?kms-key=x", "needs encryption=kms");
        assertRefused("s3://bucket?endpoint=ftp://host", "endpoint is https://host");
        assertRefused("s3://bucket?endpoint=host:9000", "endpoint is https://host");
        assertRefused("s3://bucket?endpoint=host", "endpoint is https://host");
        assertRefused("s3://bucket?endpoint=127.0.0.1:9000", "endpoint is https://host");
        assertRefused("s3://bucket?endpoint=https://host/?x=y", "endpoint is https://host");
    }

    private static void assertRefused(String url, String why) {
        assertThatThrownBy(() -> S3Address.parse(url))
                .as("%s", url)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
