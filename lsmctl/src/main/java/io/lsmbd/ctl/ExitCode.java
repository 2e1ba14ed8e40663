package io.lsmbd.ctl;

import io.lsmbd.admin.api.ErrorInfo;

/** What lsmctl tells its caller; part of the help. */
enum ExitCode {
    OK(0),
    FAILED(1),
    USAGE(2),
    UNREACHABLE(3),
    REFUSED(4),
    DEGRADED(5),
    CORRUPT(6);

    static final String HELP =
            """
            Exit codes:
              0  done
              1  failed
              2  wrong option or argument
              3  the daemon or the store does not answer
              4  refused as things stand: no such volume, name taken, in use
              5  done, and something is degraded (status)
              6  stored bytes are damaged\
            """;

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
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
