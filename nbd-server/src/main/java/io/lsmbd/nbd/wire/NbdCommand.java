package io.lsmbd.nbd.wire;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_DF;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_FAST_ZERO;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_FUA;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_NO_HOLE;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_PAYLOAD_LEN;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_REQ_ONE;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request's type. The spec wants FUA accepted with every command, whether it means much or not.
 */
public enum NbdCommand {
    READ(0, CMD_FLAG_FUA | CMD_FLAG_DF),
    WRITE(1, CMD_FLAG_FUA | CMD_FLAG_PAYLOAD_LEN),
    DISC(2, 0),
    FLUSH(3, CMD_FLAG_FUA),
    TRIM(4, CMD_FLAG_FUA),
    CACHE(5, CMD_FLAG_FUA),
    WRITE_ZEROES(6, CMD_FLAG_FUA | CMD_FLAG_NO_HOLE | CMD_FLAG_FAST_ZERO),
    BLOCK_STATUS(7, CMD_FLAG_FUA | CMD_FLAG_REQ_ONE | CMD_FLAG_PAYLOAD_LEN);

    private static final NbdCommand[] BY_CODE = new NbdCommand[values().length];

    static {
        for (NbdCommand command : values()) {
            BY_CODE[command.code] = command;
        }
    }

    private final int code;
    private final int flags;
    private final String label;

    NbdCommand(int code, int flags) {
        this.code = code;
        this.flags = flags;
        this.label = name().toLowerCase(Locale.ROOT);
    }

    /** The command of that wire code, null for one that lsmbd does not know. */
    public static @Nullable NbdCommand fromWire(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /**
     * The flags that may come with it. DF is one of them only after STRUCTURED_REPLY, PAYLOAD_LEN
     * only after EXTENDED_HEADERS.
     */
    public int flags() {
        return flags;
    }

    /** Whether it changes what the export holds. */
    public boolean isMutation() {
        return this == WRITE || this == TRIM || this == WRITE_ZEROES;
    }

    /** For metrics: {@code write_zeroes}. */
    public String label() {
        return label;
    }
}
