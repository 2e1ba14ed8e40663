package io.lsmbd.nbd.transmission;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_DF;

import io.lsmbd.nbd.access.Access;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.RequestHeader;
import org.jspecify.annotations.Nullable;

/** All checks of a request; what passes is within the volume and can be executed as it stands. */
final class RequestValidator {
    private final NegotiatedExport export;
    private final long size;
    private final boolean isReadOnly;
    private final long misalignment;

    RequestValidator(NegotiatedExport export) {
        this.export = export;
        this.size = export.volume().sizeBytes();
        this.isReadOnly = export.access() == Access.READ_ONLY;
        this.misalignment = export.minimumBlock() - 1L;
    }

    /** Null if the request is in order. {@code command} is null for an unknown one, never DISC. */
    @Nullable Refusal check(@Nullable NbdCommand command, RequestHeader header) {
        if (command == null) {
            return Refusal.UNKNOWN_COMMAND;
        }
        if ((header.flags() & ~acceptedFlags(command)) != 0) {
            return Refusal.WRONG_FLAG;
        }
        if (command == NbdCommand.FLUSH) {
            return null; // its offset and length mean nothing
        }
        if (isReadOnly && command.isMutation()) {
            return Refusal.READ_ONLY;
        }
        if (isBeyondEnd(header.offset(), header.length())) {
            return command == NbdCommand.WRITE || command == NbdCommand.WRITE_ZEROES
                    ? Refusal.NO_SPACE
                    : Refusal.BEYOND_END;
        }
        if (((header.offset() | header.length()) & misalignment) != 0) {
            return Refusal.UNALIGNED;
        }
        return checkLength(command, header);
    }

    private int acceptedFlags(NbdCommand command) {
        return export.replies() == ReplyStyle.SIMPLE
                ? command.flags() & ~CMD_FLAG_DF
                : command.flags();
    }

    /** Offsets are unsigned; nothing here can wrap. */
    private boolean isBeyondEnd(long offset, long length) {
        return Long.compareUnsigned(offset, size) > 0 || length > size - offset;
    }

    private @Nullable Refusal checkLength(NbdCommand command, RequestHeader header) {
        boolean hasPayload = command == NbdCommand.READ || command == NbdCommand.WRITE;
        if (hasPayload && header.length() > NegotiatedExport.ACCEPTED_PAYLOAD) {
            return header.hasFlag(CMD_FLAG_DF) ? Refusal.TOO_LONG_TO_KEEP_WHOLE : Refusal.TOO_LONG;
        }
        if (command == NbdCommand.BLOCK_STATUS) {
            if (export.contexts().isEmpty()) {
                return Refusal.NO_CONTEXT;
            }
            return header.length() == 0 ? Refusal.EMPTY_RANGE : null;
        }
        return null;
    }
}
