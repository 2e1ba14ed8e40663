package io.lsmbd.objectstore.s3;

import io.lsmbd.error.ObjectStoreException.Outlook;
import java.io.IOException;
import java.util.Optional;

/** The server answered something other than it was asked for. */
final class WrongAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Outlook outlook;

    /** Another attempt may go better. */
    WrongAnswerException(String message) {
        this(Outlook.RETRYABLE, message);
    }

    WrongAnswerException(Outlook outlook, String message) {
        super(message);
        this.outlook = outlook;
    }

    Outlook outlook() {
        return outlook;
    }

    /** The one that is {@code error} or among its causes: the SDK wraps what it passes on. */
    static Optional<WrongAnswerException> in(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof WrongAnswerException wrong) {
                return Optional.of(wrong);
            }
        }
        return Optional.empty();
    }
}
