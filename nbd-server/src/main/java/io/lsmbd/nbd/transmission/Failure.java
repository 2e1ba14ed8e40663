package io.lsmbd.nbd.transmission;

import io.lsmbd.error.CorruptDataException;
import io.lsmbd.error.FencedException;
import io.lsmbd.error.LocalStorageException;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.RefusedException;
import io.lsmbd.error.StorageException;
import io.lsmbd.error.VolumeClosedException;
import io.lsmbd.nbd.wire.NbdError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client is told of a request that was tried and failed. */
final class Failure {
    private static final Logger log = LoggerFactory.getLogger(Failure.class);
    private static final int MAX_MESSAGE = 512;
    private static final String BUG = "internal error; see the server's log";

    private static final String NO_MEMORY =
            "no memory for so much at once; ask for less, or give lsmbd a larger memory.budget";

    /** Whether another place would have been served. */
    private enum Scope {
        ONE_PLACE,
        REQUEST
    }

    private final NbdError error;
    private final String message;
    private final Scope scope;

    private Failure(NbdError error, String message, Scope scope) {
        this.error = error;
        this.message = message;
        this.scope = scope;
    }

    static Failure of(Refusal why) {
        return new Failure(why.error(), why.message(), Scope.REQUEST);
    }

    static Failure of(StorageException cause) {
        String text = String.valueOf(cause.getMessage());
        String shown = text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE);
        return new Failure(ErrorMapping.toNbd(cause), shown, scope(cause));
    }

    private static Scope scope(StorageException cause) {
        return switch (cause) {
            case CorruptDataException _ -> Scope.ONE_PLACE;
            case ObjectStoreException _ -> Scope.ONE_PLACE;
            case LocalStorageException _ -> Scope.ONE_PLACE;
            case FencedException _ -> Scope.REQUEST;
            case VolumeClosedException _ -> Scope.REQUEST;
            case RefusedException _ -> Scope.REQUEST;
        };
    }

    /** One request is lost to a bug; its connection and all others go on. */
    static Failure ofBug(Request request, Throwable bug) {
        log.error(
                "request failed unexpectedly command={} offset={} length={}",
                request.command,
                request.offset(),
                request.length,
                bug);
        return new Failure(NbdError.EIO, BUG, Scope.REQUEST);
    }

    /** There is no memory for so much at once just now; the connection and all others go on. */
    static Failure ofMemory(Request request, OutOfMemoryError cause) {
        log.warn(
                "no memory for a request command={} offset={} length={} reason={}",
                request.command,
                request.offset(),
                request.length,
                cause.getMessage());
        return new Failure(NbdError.ENOMEM, NO_MEMORY, Scope.REQUEST);
    }

    NbdError error() {
        return error;
    }

    /**
     * Whether it is known where in the request's range it failed, and what comes before is good.
     */
    boolean concernsOnePlace() {
        return scope == Scope.ONE_PLACE;
    }

    String message() {
        return message;
    }
}
