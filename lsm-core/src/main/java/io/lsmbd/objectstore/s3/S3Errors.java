package io.lsmbd.objectstore.s3;

import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.ObjectStoreException.Outlook;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.http.HttpException;

/**
 * What S3's errors mean. Only {@code NoSuchKey} says that an object is absent: a bucket that is
 * gone, a proxy's 404 or a refusal say nothing about objects.
 */
final class S3Errors {
    private static final int NOT_MODIFIED = 304;
    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int INTERNAL_ERROR = 500;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int UNAVAILABLE = 503;

    /** How the SDK begins when its whole chain found none. */
    private static final String NO_CREDENTIALS = "Unable to load credentials";

    /** What the HTTP client says of connections that did not come about. */
    private static final Set<String> NO_CONNECTION =
            Set.of(
                    "AWS_IO_SOCKET_CONNECTION_REFUSED",
                    "AWS_IO_SOCKET_NO_ROUTE_TO_HOST",
                    "AWS_IO_DNS_INVALID_NAME",
                    "AWS_IO_DNS_NO_ADDRESS_FOR_HOST",
                    "AWS_IO_DNS_QUERY_FAILED",
                    "AWS_IO_TLS_ERROR_NEGOTIATION_FAILURE");

    private static final int LONGEST_REASON = 300;

    private S3Errors() {}

    /** Without the wrappings of futures. */
    static Throwable causeOf(CompletionException e) {
        Throwable cause = e;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** For everything but puts, which can end in more ways. */
    static ObjectStoreException failure(String what, Throwable error) {
        return new ObjectStoreException(outlook(error), what + ": " + reason(error), error);
    }

    private static Outlook outlook(Throwable error) {
        Optional<WrongAnswerException> wrong = WrongAnswerException.in(error);
        if (wrong.isPresent()) {
            return wrong.get().outlook();
        }
        if (!(error instanceof AwsServiceException service)) {
            return error instanceof Error ? Outlook.FINAL : Outlook.RETRYABLE;
        }
        if (isNoSuchKey(service)) {
            return Outlook.NOT_FOUND;
        }
        if (isThrottling(service)) {
            return Outlook.THROTTLED;
        }
        return switch (service.statusCode()) {
            case RANGE_NOT_SATISFIABLE, NOT_IMPLEMENTED -> Outlook.FINAL;
            // Clocks and sessions come back to order; a malformed request does not.
            case BAD_REQUEST -> isPassing(service) ? Outlook.RETRYABLE : Outlook.FINAL;
            // Refusals and a missing bucket, too: keys are rotated and rights restored while
            // clients wait, and none of it may be taken for the absence of data.
            default -> Outlook.RETRYABLE;
        };
    }

    /** Whether the server has too many requests: 503 whatever its code, 429, and S3's own words. */
    static boolean isThrottling(Throwable error) {
        return error instanceof AwsServiceException service
                && (service.statusCode() == UNAVAILABLE || service.isThrottlingException());
    }

    private static boolean isPassing(AwsServiceException service) {
        return switch (code(service)) {
            case "ExpiredToken",
                    "RequestTimeout",
                    "RequestTimeTooSkewed",
                    "TokenRefreshRequired",
                    "InvalidToken",
                    "IncompleteBody",
                    "BadDigest",
                    "XAmzContentSHA256Mismatch",
                    "XAmzContentChecksumMismatch" ->
                    true;
            default -> false;
        };
    }

    private static boolean isNoSuchKey(AwsServiceException service) {
        return service.statusCode() == NOT_FOUND && code(service).equals("NoSuchKey");
    }

    /** Whatever it is that was not found. */
    static boolean isNotFound(Throwable error) {
        return error instanceof AwsServiceException service && service.statusCode() == NOT_FOUND;
    }

    /** Of a conditional put: the server has looked and says that the condition does not hold. */
    static boolean isConditionFailure(Throwable error) {
        if (!(error instanceof AwsServiceException service)) {
            return false;
        }
        return switch (service.statusCode()) {
            // 304 is wrong for a PUT, and some say it.
            case PRECONDITION_FAILED, NOT_MODIFIED -> true;
            // If-Match of an object that is gone.
            case NOT_FOUND -> isNoSuchKey(service);
            default -> false;
        };
    }

    /**
     * Whether a put that failed so has certainly stored nothing: the server refused it, or was
     * never reached. An error inside the server, a time limit and a lost connection leave it open,
     * and so does any 503 but S3's own refusal to take more: MinIO's {@code SlowDownWrite} means
     * that some of its disks have the object.
     */
    static boolean hasCertainlyStoredNothing(Throwable error) {
        if (error instanceof AwsServiceException service) {
            int status = service.statusCode();
            boolean isRefusal = status >= BAD_REQUEST && status < INTERNAL_ERROR;
            return (isRefusal && status != REQUEST_TIMEOUT)
                    || status == NOT_IMPLEMENTED
                    || (status == UNAVAILABLE && code(service).equals("SlowDown"));
        }
        return wasNeverSent(error);
    }

    /** Whether there never was a connection that it could have been sent on. */
    private static boolean wasNeverSent(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpException http
                    && NO_CONNECTION.contains(CRT.awsErrorName(http.getErrorCode()))) {
                return true;
            }
        }
        return isWithoutCredentials(error);
    }

    private static boolean isWithoutCredentials(Throwable error) {
        return String.valueOf(error.getMessage()).contains(NO_CREDENTIALS);
    }

    /** Whether only a person can help, by another address, other rights or other credentials. */
    static boolean isMistake(Throwable error) {
        if (!(error instanceof AwsServiceException service)) {
            return isWithoutCredentials(error);
        }
        return !hint(service).isEmpty() && !isPassing(service);
    }

    /** One line for people: what happened and, where we know, what they can do. */
    static String reason(Throwable error) {
        Optional<WrongAnswerException> wrong = WrongAnswerException.in(error);
        if (wrong.isPresent()) {
            return printable(wrong.get().getMessage());
        }
        if (error instanceof ApiCallTimeoutException
                || error instanceof ApiCallAttemptTimeoutException) {
            return "no answer in time";
        }
        if (!(error instanceof AwsServiceException service)) {
            return isWithoutCredentials(error) ? noCredentials() : printable(error.getMessage());
        }
        // Not the server's own sentences: some repeat what was signed.
        String reason = "%s (%d)".formatted(printable(code(service)), service.statusCode());
        String hint = hint(service);
        return hint.isEmpty() ? reason : reason + ", " + hint;
    }

    private static String noCredentials() {
        return "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to"
                + " ~/.aws/credentials (docs/STORES.md)";
    }

    private static String hint(AwsServiceException service) {
        return switch (code(service)) {
            case "AccessDenied" -> "the credentials lack this right";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch" -> "the credentials are wrong";
            case "ExpiredToken" -> "the session is over: new credentials are needed";
            case "NoSuchBucket" -> "there is no such bucket: is its name right, was it created?";
            case "RequestTimeTooSkewed" -> "this host's clock is wrong";
            case "PermanentRedirect", "AuthorizationHeaderMalformed" ->
                    "the bucket is in another region: set region=";
            default -> "";
        };
    }

    private static String code(AwsServiceException service) {
        String code =
                Optional.ofNullable(service.awsErrorDetails())
                        .map(AwsErrorDetails::errorCode)
                        .orElse("");
        return code.isEmpty() ? statusName(service.statusCode()) : code;
    }

    private static String statusName(int status) {
        return switch (status) {
            case CONFLICT -> "Conflict";
            case PRECONDITION_FAILED -> "PreconditionFailed";
            default -> "HTTP";
        };
    }

    /** The first line of what somebody else wrote, without what a terminal might act on. */
    static String printable(@Nullable String text) {
        String line = String.valueOf(text).lines().findFirst().orElse("");
        String cut = line.length() > LONGEST_REASON ? line.substring(0, LONGEST_REASON) : line;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
