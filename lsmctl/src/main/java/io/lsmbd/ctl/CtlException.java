package io.lsmbd.ctl;

/** The command did not succeed; message and hint are for the user. */
final class CtlException extends Exception {
    private static final long serialVersionUID = 1L;
    private final ExitCode exitCode;
    private final String hint;

    CtlException(ExitCode exitCode, String message, String hint) {
        super(message);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    CtlException(ExitCode exitCode, String message, String hint, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.hint = hint;
    }

    ExitCode exitCode() {
        return exitCode;
    }

    String hint() {
        return hint;
    }
}
