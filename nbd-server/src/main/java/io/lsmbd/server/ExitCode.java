package io.lsmbd.server;

import io.lsmbd.commandline.ExitStatus;

/** What the process tells its caller. */
enum ExitCode implements ExitStatus {
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

    @Override
    public int code() {
        return code;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
