package io.lsmbd.nbd.transmission;

import io.lsmbd.error.StorageException;
import io.lsmbd.nbd.wire.NbdError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told of a request that was tried and failed. */
final class Failure {
    private static final Logger log = LoggerFactory.getLogger(Failure.class);
    private static final int MAX_MESSAGE = 512;
    private static final String BUG = "internal error; see the server's log";

    private final NbdError error;
    private final String message;

    private Failure(NbdError error, String message) {
        this.error = error;
        this.message = message;
    }

    static Failure of(Refusal why) {
        return new Failure(why.error(), why.message());
    }

    static Failure of(StorageException cause) {
        String text = String.valueOf(cause.getMessage());
        String shown = text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE);
        return new Failure(ErrorMapping.toNbd(cause), shown);
    }

    /** One request is lost to a bug; its connection and all others go on. */
    static Failure ofBug(Request request, Throwable bug) {
        log.error(
                "request failed unexpectedly command={} offset={} length={}",
                request.command,
                request.offset(),
                request.length,
                bug);
        return new Failure(NbdError.EIO, BUG);
    }

    NbdError error() {
        return error;
    }

    String message() {
        return message;
    }
}
