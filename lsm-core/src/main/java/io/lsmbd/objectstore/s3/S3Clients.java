package io.lsmbd.objectstore.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** The SDK's client for an address. Why this one: docs/adr/20261121-s3-client.md. */
final class S3Clients {
    private static final Duration TO_CONNECT = Duration.ofSeconds(5);

    private S3Clients() {}

    /** Talks to nobody yet, but for the region of an AWS host that nobody has named. */
    static S3AsyncClient open(S3Address address) {
        boolean sendsChecksums = address.sendsChecksums();
        S3AsyncClientBuilder builder =
                S3AsyncClient.builder()
                        .httpClientBuilder(http(address))
                        .credentialsProvider(credentials(address))
                        .region(region(address))
                        .forcePathStyle(address.isPathStyle())
                        // Ours are computed before, once for all attempts.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(
                                sendsChecksums
                                        ? ResponseChecksumValidation.WHEN_SUPPORTED
                                        : ResponseChecksumValidation.WHEN_REQUIRED)
                        .serviceConfiguration(
                                // The HTTP client does not wait for what it would ask for.
                                S3Configuration.builder().expectContinueEnabled(false).build())
                        .overrideConfiguration(override ->
                                override.retryStrategy(AwsRetryStrategy.doNotRetry())
                                        .apiCallTimeout(address.requestTimeout()));
        address.endpoint().ifPresent(builder::endpointOverride);
        if (!sendsChecksums) {
            builder.addPlugin(LegacyMd5Plugin.create());
        }
        return builder.build();
    }

    private static AwsCrtAsyncHttpClient.Builder http(S3Address address) {
        return AwsCrtAsyncHttpClient.builder()
                .maxConcurrency(address.connections())
                .connectionTimeout(TO_CONNECT)
                .connectionAcquisitionTimeout(address.requestTimeout());
    }

    private static AwsCredentialsProvider credentials(S3Address address) {
        DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
        address.profile().ifPresent(chain::profileName);
        return chain.build();
    }

    /** Other stores than AWS seldom care which one it is, but it is part of every signature. */
    private static Region region(S3Address address) {
        if (address.region().isPresent()) {
            return Region.of(address.region().get());
        }
        if (address.endpoint().isEmpty()) {
            DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
            address.profile().ifPresent(chain::profileName);
            return chain.build().getRegion();
        }
        try {
            return configuredRegion(address).getRegion();
        } catch (SdkClientException _) {
            return Region.US_EAST_1;
        }
    }

    /** Without the question to the host's cloud: the store is somewhere else. */
    private static AwsRegionProvider configuredRegion(S3Address address) {
        return new AwsRegionProviderChain(
                new SystemSettingsRegionProvider(),
                new AwsProfileRegionProvider(
                        ProfileFile::defaultProfileFile, address.profile().orElse(null)));
    }
}
