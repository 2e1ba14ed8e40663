package io.lsmbd.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * An S3 server in this JVM that keeps objects in memory, on a free port. Of racing
 * compare-and-swaps it lets several win, so puts and gets go through here one by one, unless a test
 * wants a server to be found out.
 */
final class S3Server implements AutoCloseable {
    static final String BUCKET = "bucket";
    static final String ACCESS_KEY = "test-access-key";
    static final String SECRET_KEY = "test-secret-key";

    /** Whether racing conditional puts have one winner. */
    enum Races {
        SAFE,
        UNSAFE
    }

    private final S3Proxy server;

    private S3Server(S3Proxy server) {
        this.server = server;
    }

    /** With an empty bucket. */
    static S3Server start(Races races) throws IOException {
        BlobStore objects = new TransientNio2BlobStore();
        objects.createContainer(BUCKET);
        S3Proxy server =
                S3Proxy.builder()
                        .blobStore(races == Races.SAFE ? new OneByOne(objects) : objects)
                        .endpoint(URI.create("http://127.0.0.1:0"))
                        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                        .ignoreUnknownHeaders(true)
                        .v4MaxNonChunkedRequestSize(64L << 20)
                        .build();
        try {
            server.start();
        } catch (Exception e) {
            throw new IOException("cannot start the S3 server", e);
        }
        return new S3Server(server);
    }

    /** One request at a time looks at the object that is there, or replaces it. */
    private static final class OneByOne extends ForwardingBlobStore {
        private final ReentrantLock lock = new ReentrantLock();

        OneByOne(BlobStore objects) {
            super(objects);
        }

        @Override
        public PutObjectResponse putBlob(PutObjectRequest request, InputStream body) {
            lock.lock();
            try {
                checkVersion(request);
                return super.putBlob(request, body);
            } finally {
                lock.unlock();
            }
        }

        /** The server takes the ETag and the checksum from one file, the bytes from the next. */
        @Override
        public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
            lock.lock();
            try {
                return super.getBlob(request);
            } finally {
                lock.unlock();
            }
        }

        private void checkVersion(PutObjectRequest request) {
            if (request.ifMatch() == null) {
                return;
            }
            HeadObjectResponse there = blobMetadataIfPresent(request.bucket(), request.key());
            if (there == null || !bare(request.ifMatch()).equals(bare(there.eTag()))) {
                throw S3Exception.builder()
                        .statusCode(412)
                        .awsErrorDetails(
                                AwsErrorDetails.builder().errorCode("PreconditionFailed").build())
                        .message("changed in the meantime")
                        .build();
            }
        }
    }

    private static String bare(String etag) {
        return etag.replace("\"", "");
    }

    /** What the AWS chain of this JVM finds first, until {@link #withdrawCredentials}. */
    static void provideCredentials() {
        provideCredentials(SECRET_KEY);
    }

    static void provideCredentials(String secretKey) {
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", secretKey);
    }

    static void withdrawCredentials() {
        for (String name : List.of("aws.accessKeyId", "aws.secretAccessKey", "aws.sessionToken")) {
            System.clearProperty(name);
        }
    }

    /** The address of a store in the bucket below that prefix. */
    String address(String prefix) {
        return "s3://%s/%s?endpoint=http://127.0.0.1:%d&region=us-east-1"
                .formatted(BUCKET, prefix, server.getPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("cannot stop the S3 server", e);
        }
    }
}
