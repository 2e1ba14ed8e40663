package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.wire.NbdError;

/** Why a request is not even tried. */
enum Refusal {
    UNKNOWN_COMMAND(NbdError.EINVAL, "unknown command"),
    WRONG_FLAG(NbdError.EINVAL, "a flag that this command does not take"),
    READ_ONLY(NbdError.EPERM, "the export is read-only"),
    BEYOND_END(NbdError.EINVAL, "beyond the end of the export"),
    NO_SPACE(NbdError.ENOSPC, "beyond the end of the export"),
    UNALIGNED(NbdError.EINVAL, "not aligned to the minimum block size"),
    TOO_LONG(NbdError.EINVAL, "longer than the maximum payload"),
    TOO_LONG_TO_KEEP_WHOLE(NbdError.EOVERFLOW, "longer than the maximum payload"),
    NO_CONTEXT(NbdError.EINVAL, "no metadata context was negotiated"),
    UNKNOWN_CONTEXT(NbdError.EINVAL, "a metadata context that was not negotiated, or given twice"),
    MALFORMED_QUERY(NbdError.EINVAL, "not a list of some of the negotiated metadata contexts"),
    EMPTY_RANGE(NbdError.EINVAL, "status of an empty range"),
    SHUTTING_DOWN(NbdError.ESHUTDOWN, "the server is shutting down");

    private final NbdError error;
    private final String message;

    Refusal(NbdError error, String message) {
        this.error = error;
        this.message = message;
    }

    NbdError error() {
        return error;
    }

    String message() {
        return message;
    }
}
