package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.wire.BlockStatusQuery;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.RequestHeader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Makes requests of the bytes in a connection's {@link ReceiveBuffer}, one step at a time: a
 * header, or some of a payload. A payload that nobody wants is taken all the same, or else it would
 * be mistaken for requests. The connection's event loop owns it.
 */
final class RequestIntake {
    /** What a step came to. */
    enum Step {
        /** Something was taken; there may be more. */
        PROGRESS,
        /** The bytes end before the next step is complete. */
        NEEDS_BYTES,
        /** What comes next has to wait until others are answered; nothing was taken. */
        NO_ROOM,
        /** The client says goodbye. */
        DISCONNECT,
        /** Whatever this is, it is not the NBD protocol. */
        NOT_A_REQUEST,
        /** A payload of which the end will not come. */
        ENDLESS_PAYLOAD
    }

    /** What happens to requests. */
    interface Receiver {
        /** Whether a request may begin now; so many of the bytes behind its header are there. */
        boolean hasRoomFor(Request request, int arrived);

        /** Whether the connection may go on with a payload of which so many bytes are there. */
        boolean hasRoomForPayload(Request request, long arrived);

        /** A header was read; returns why the request is not to be executed, if so. */
        @Nullable Refusal begin(Request request);

        void refuse(Request request, Refusal why);

        /** Any request without a payload. */
        void execute(Request request);

        /** A BLOCK_STATUS with a payload. */
        void executeQuery(Request request, BlockStatusQuery query);

        /** The payload is in {@code payload} and then in the readable bytes of {@code rest}. */
        void executeWrite(Request request, PayloadBuffers payload, ByteBuf rest);
    }

    /**
     * Longer payloads are not even skipped: no request has them, and the connection would be of no
     * use for minutes.
     */
    private static final long MAX_SKIPPED = 0xffff_ffffL;

    private final ReceiveBuffer received;
    private final HeaderStyle style;
    private final InFlightRequests inFlight;
    private final Receiver receiver;
    private final PayloadBuffers payload = new PayloadBuffers();

    /** The request whose payload is arriving. */
    private @Nullable Request receiving;

    /** Why that payload, of which {@link #toSkip} bytes are still to come, is not wanted. */
    private @Nullable Refusal refusal;

    private long toSkip;

    RequestIntake(
            ReceiveBuffer received,
            HeaderStyle style,
            InFlightRequests inFlight,
            Receiver receiver) {
        this.received = received;
        this.style = style;
        this.inFlight = inFlight;
        this.receiver = receiver;
    }

    Step step() {
        ByteBuf in = received.current();
        if (in == null) {
            return Step.NEEDS_BYTES;
        }
        Request request = receiving;
        if (request == null) {
            return header(in);
        }
        return refusal == null ? payload(in, request) : skipPayload(in, request, refusal);
    }

    private Step header(ByteBuf in) {
        if (in.readableBytes() < style.requestLength()) {
            received.expectHeader();
            return Step.NEEDS_BYTES;
        }
        if (!RequestHeader.hasMagic(in, style)) {
            return Step.NOT_A_REQUEST;
        }
        Request request = inFlight.next();
        RequestHeader header = request.header;
        header.readFrom(in);
        request.command = NbdCommand.fromWire(header.type());
        request.length = header.length();
        Step step = step(request, in.readableBytes() - style.requestLength());
        if (step == Step.PROGRESS || step == Step.DISCONNECT) {
            in.skipBytes(style.requestLength());
        }
        if (step == Step.PROGRESS) {
            begin(request, in);
        } else {
            inFlight.back(request);
        }
        return step;
    }

    private Step step(Request request, int arrived) {
        if (request.command == NbdCommand.DISC) {
            return Step.DISCONNECT;
        }
        if (Long.compareUnsigned(request.header.payloadLength(), MAX_SKIPPED) > 0) {
            return Step.ENDLESS_PAYLOAD;
        }
        return receiver.hasRoomFor(request, arrived) ? Step.PROGRESS : Step.NO_ROOM;
    }

    private void begin(Request request, ByteBuf in) {
        Refusal problem = receiver.begin(request);
        long payloadLength = request.header.payloadLength();
        if (payloadLength > 0) {
            receiving = request;
            refusal = problem;
            toSkip = payloadLength;
        } else if (problem != null) {
            receiver.refuse(request, problem);
        } else if (request.command == NbdCommand.WRITE) {
            receiver.executeWrite(request, payload, in);
        } else {
            receiver.execute(request);
        }
    }

    private Step skipPayload(ByteBuf in, Request request, Refusal why) {
        int skipped = (int) Math.min(toSkip, in.readableBytes());
        in.skipBytes(skipped);
        toSkip -= skipped;
        if (toSkip > 0) {
            received.expectPayload((int) Math.min(toSkip, Integer.MAX_VALUE));
            return Step.NEEDS_BYTES;
        }
        receiving = null;
        refusal = null;
        receiver.refuse(request, why);
        return Step.PROGRESS;
    }

    private Step payload(ByteBuf in, Request request) {
        int rest = (int) request.header.length() - payload.bytes();
        int missing = rest - in.readableBytes();
        if (!receiver.hasRoomForPayload(request, request.length - Math.max(missing, 0))) {
            return Step.NO_ROOM;
        }
        if (missing > 0) {
            received.expectPayload(missing);
            if (received.shouldLeavePiece()) {
                payload.consumePiece(received.takePiece());
            }
            return Step.NEEDS_BYTES;
        }
        receiving = null;
        if (request.command == NbdCommand.WRITE) {
            receiver.executeWrite(request, payload, in);
        } else {
            // So short that it is in one place: only longer payloads are left in pieces.
            receiver.executeQuery(request, BlockStatusQuery.from(in, rest));
        }
        in.skipBytes(rest);
        return Step.PROGRESS;
    }

    /** The request whose payload is arriving, wanted or not. */
    @Nullable Request receiving() {
        return receiving;
    }

    /** How much of that payload is there. */
    long arrivedBytes(Request request) {
        ByteBuf in = received.current();
        long here = in == null ? 0 : in.readableBytes();
        long before = refusal == null ? payload.bytes() : request.header.payloadLength() - toSkip;
        return before + here;
    }

    /** How many of the requests in flight are still on their way here. */
    int incomplete() {
        return receiving == null ? 0 : 1;
    }

    /** Drops what has been received. Requests may hold the buffer, so its space stays theirs. */
    void ignoreReceived() {
        ByteBuf in = received.current();
        if (in != null) {
            in.skipBytes(in.readableBytes());
        }
    }

    /** Drops everything; the request whose payload did not arrive counts as ended. */
    void close() {
        if (receiving != null) {
            inFlight.end(receiving);
            receiving = null;
        }
        payload.release();
        received.close();
    }
}
