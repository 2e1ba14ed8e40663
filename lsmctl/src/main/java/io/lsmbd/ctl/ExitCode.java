package io.lsmbd.ctl;

import io.lsmbd.admin.api.ErrorInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/** What lsmctl tells its caller. */
enum ExitCode {
    OK(0, "done"),
    FAILED(1, "failed"),
    USAGE(2, "wrong option or argument"),
    UNREACHABLE(3, "the daemon or the store does not answer"),
    REFUSED(4, "refused as things stand: no such volume, name taken, in use"),
    DEGRADED(5, "done, and something is degraded (status)"),
    CORRUPT(6, "stored bytes are damaged");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    /** For the help: each number with what it means. */
    static Map<String, String> meanings() {
        Map<String, String> meanings = new LinkedHashMap<>();
        for (ExitCode exitCode : values()) {
            meanings.put(Integer.toString(exitCode.code), exitCode.meaning);
        }
        return meanings;
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
