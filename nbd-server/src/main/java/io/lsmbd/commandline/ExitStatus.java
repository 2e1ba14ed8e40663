package io.lsmbd.commandline;

/** A number with which a program ends; each program lists its own as an enum. */
public interface ExitStatus {
    /** 0 to 255, as the caller's shell sees it. */
    int code();

    /** For the help. */
    String meaning();
}
