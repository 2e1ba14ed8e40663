package io.lsmbd.server;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the process tells its caller. */
enum ExitCode {
    OK(0, "done, or stopped cleanly"),
    FAILED(1, "could not start, or had to stop"),
    USAGE(2, "wrong option, argument or configuration"),

    /** As shells have it for a process that SIGINT ended. */
    INTERRUPTED(130, "stopped at once by a second Ctrl-C; what was acknowledged is kept");

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
}
