package io.lsmbd.server;

/** What the process tells its caller; part of the help. */
final class ExitCode {
    static final int STOPPED_CLEANLY = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;

    /** As shells have it for a process that SIGINT ended. */
    static final int INTERRUPTED = 130;

    static final String HELP =
            """
            Exit codes:
              0    stopped cleanly
              1    could not start, or had to stop
              2    wrong option, argument or configuration
              130  stopped at once by a second Ctrl-C; nothing acknowledged is lost\
            """;

    private ExitCode() {}
}
