package io.lsmbd.nbd.transmission;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_DF;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_PAYLOAD_LEN;

import io.lsmbd.nbd.access.Access;
import io.lsmbd.nbd.handshake.NegotiatedExport;
import io.lsmbd.nbd.handshake.NegotiatedExport.SelectedContext;
import io.lsmbd.nbd.wire.BlockStatusQuery;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.RequestHeader;
import io.lsmbd.volume.BlockVolume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All checks of a request; what passes is within the volume and can be executed as it stands. */
final class RequestValidator {
    private final NegotiatedExport export;
    private final long size;
    private final boolean isReadOnly;
    private final int knownFlags;
    private final long misalignment;

    RequestValidator(NegotiatedExport export) {
        this.export = export;
        this.size = export.volume().sizeBytes();
        this.isReadOnly = export.access() == Access.READ_ONLY;
        this.knownFlags =
                switch (export.replies()) {
                    case SIMPLE -> ~(CMD_FLAG_DF | CMD_FLAG_PAYLOAD_LEN);
                    case STRUCTURED -> ~CMD_FLAG_PAYLOAD_LEN;
                    case EXTENDED -> ~0;
                };
        this.misalignment = export.sizes().minimum() - 1L;
    }

    /**
     * Null if the header is in order. A BLOCK_STATUS with a payload is to be checked by {@link
     * #select} as well. The command is never DISC.
     */
    @Nullable Refusal check(Request request) {
        NbdCommand command = request.command;
        RequestHeader header = request.header;
        if (command == null) {
            return Refusal.UNKNOWN_COMMAND;
        }
        if ((header.flags() & ~(command.flags() & knownFlags)) != 0) {
            return Refusal.WRONG_FLAG;
        }
        return switch (command) {
            case FLUSH, DISC -> null; // its offset and length mean nothing
            case BLOCK_STATUS -> {
                if (export.contexts().isEmpty()) {
                    yield Refusal.NO_CONTEXT;
                }
                yield header.hasFlag(CMD_FLAG_PAYLOAD_LEN)
                        ? checkQueryLength(header)
                        : checkRange(request);
            }
            case READ, WRITE, TRIM, CACHE, WRITE_ZEROES -> checkRange(request);
        };
    }

    private @Nullable Refusal checkQueryLength(RequestHeader header) {
        return BlockStatusQuery.isLength(header.length(), export.contexts().size())
                ? null
                : Refusal.MALFORMED_QUERY;
    }

    /** Null if the payload of the BLOCK_STATUS is in order; the request is then about that. */
    @Nullable Refusal select(Request request, BlockStatusQuery query) {
        List<SelectedContext> contexts = new ArrayList<>();
        for (int id : query.contextIds()) {
            Optional<SelectedContext> selected =
                    export.contexts().stream().filter(context -> context.id() == id).findFirst();
            if (selected.isEmpty() || contexts.contains(selected.get())) {
                return Refusal.UNKNOWN_CONTEXT;
            }
            contexts.add(selected.get());
        }
        request.contexts = contexts;
        request.length = query.effectLength();
        return checkRange(request);
    }

    private @Nullable Refusal checkRange(Request request) {
        NbdCommand command = request.command;
        if (isReadOnly && command != null && command.isMutation()) {
            return Refusal.READ_ONLY;
        }
        if (isBeyondEnd(request.offset(), request.length)) {
            return command == NbdCommand.WRITE || command == NbdCommand.WRITE_ZEROES
                    ? Refusal.NO_SPACE
                    : Refusal.BEYOND_END;
        }
        if (((request.offset() | request.length) & misalignment) != 0) {
            return Refusal.UNALIGNED;
        }
        if (request.movesData() && request.length > maximumPayload(request)) {
            return request.header.hasFlag(CMD_FLAG_DF)
                    ? Refusal.TOO_LONG_TO_KEEP_WHOLE
                    : Refusal.TOO_LONG;
        }
        if (command == NbdCommand.WRITE
                && BlockVolume.wholeSectorBytes(request.offset(), request.length)
                        > BlockVolume.MAX_WRITE_BYTES) {
            return Refusal.TOO_LONG;
        }
        return command == NbdCommand.BLOCK_STATUS && request.length == 0
                ? Refusal.EMPTY_RANGE
                : null;
    }

    private int maximumPayload(Request request) {
        return request.command == NbdCommand.READ
                ? export.sizes().maximumPayload()
                : NegotiatedExport.ACCEPTED_PAYLOAD;
    }

    /** Both are unsigned; nothing here can wrap. */
    private boolean isBeyondEnd(long offset, long length) {
        return Long.compareUnsigned(offset, size) > 0
                || Long.compareUnsigned(length, size - offset) > 0;
    }
}
