package io.lsmbd.ctl;

import io.lsmbd.admin.api.ErrorInfo;
import io.lsmbd.commandline.ExitStatus;

/** What lsmctl tells its caller. */
enum ExitCode implements ExitStatus {
    OK(0, "done"),
    FAILED(1, "failed"),
    USAGE(2, "wrong option or argument"),
    UNREACHABLE(3, "the daemon or the store does not answer"),
    REFUSED(4, "refused as things stand: no such volume, name taken, in use"),
    DEGRADED(5, "done, and something is degraded (status)"),
    CORRUPT(6, "stored bytes are damaged"),
    INCOMPLETE(7, "done, but not all of it: something is lost (wal salvage)");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    @Override
    public int code() {
        return code;
    }

    @Override
    public String meaning() {
        return meaning;
    }

    static ExitCode of(ErrorInfo.Kind kind) {
        return switch (kind) {
            case INVALID -> USAGE;
            case NOT_FOUND, REFUSED -> REFUSED;
            case CORRUPT -> CORRUPT;
            case UNAVAILABLE -> UNREACHABLE;
            case INTERNAL -> FAILED;
        };
    }
}
