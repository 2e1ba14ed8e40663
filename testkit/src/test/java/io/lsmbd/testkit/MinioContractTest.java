package io.lsmbd.testkit;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.MinIOContainer;
import org.testcontainers.utility.DockerImageName;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * The contract against MinIO in a container, where there is an engine for containers and the image
 * can be had: public ones were withdrawn, so {@code -Dminio.image=NAME} names another.
 */
class MinioContractTest extends RealS3Contract {
    private static final String IMAGE =
            System.getProperty("minio.image", "minio/minio:RELEASE.2025-09-07T16-13-09Z");
    private static final String BUCKET = "contract";
    private static final String KEY_ID_PROPERTY = "aws.accessKeyId";
    private static final String SECRET_PROPERTY = "aws.secretAccessKey";

    private static @Nullable MinIOContainer server;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(
                DockerClientFactory.instance().isDockerAvailable(), "no container engine");
        MinIOContainer container =
                new MinIOContainer(
                        DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("minio/minio"));
        try {
            container.start();
        } catch (ContainerFetchException e) {
            Assumptions.abort("the image %s cannot be had: %s".formatted(IMAGE, e.getMessage()));
        }
        server = container;
        makeBucket(container);
        System.setProperty(KEY_ID_PROPERTY, container.getUserName());
        System.setProperty(SECRET_PROPERTY, container.getPassword());
    }

    private static void makeBucket(MinIOContainer container) {
        var credentials =
                AwsBasicCredentials.create(container.getUserName(), container.getPassword());
        try (S3AsyncClient client =
                S3AsyncClient.builder()
                        .endpointOverride(URI.create(container.getS3URL()))
                        .forcePathStyle(true)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(StaticCredentialsProvider.create(credentials))
                        .build()) {
            client.createBucket(request -> request.bucket(BUCKET)).join();
        }
    }

    @AfterAll
    static void stop() {
        System.clearProperty(KEY_ID_PROPERTY);
        System.clearProperty(SECRET_PROPERTY);
        if (server != null) {
            server.stop();
        }
    }

    @Override
    String address() {
        if (server == null) {
            throw new IllegalStateException("not started");
        }
        return "s3://" + BUCKET + "/test?endpoint=" + server.getS3URL();
    }
}
