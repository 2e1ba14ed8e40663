package io.lsmbd.admin;

/** The request itself makes no sense, whatever the state of the volumes. */
final class BadRequestException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String hint;

    BadRequestException(int status, String error, String hint) {
        super(error);
        this.status = status;
        this.hint = hint;
    }

    Answer answer() {
        var kind =
                status == 404
                        ? io.lsmbd.admin.api.ErrorInfo.Kind.NOT_FOUND
                        : io.lsmbd.admin.api.ErrorInfo.Kind.INVALID;
        return Answer.error(status, kind, String.valueOf(getMessage()), hint);
    }
}
