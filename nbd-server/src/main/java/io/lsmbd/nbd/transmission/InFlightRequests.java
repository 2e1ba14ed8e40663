package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.limits.InFlightBudget;
import io.lsmbd.nbd.limits.InFlightLimits;
import io.lsmbd.nbd.wire.HeaderStyle;
import io.lsmbd.nbd.wire.NbdCommand;
import java.util.ArrayDeque;

/**
 * The requests of one connection that are begun and not answered, and the idle objects for the next
 * ones. Takes room for them from what all connections share. Sees to it that each is answered
 * exactly once. Its connection's event loop owns it.
 */
final class InFlightRequests {
    private final HeaderStyle style;
    private final InFlightBudget.Share share;
    private final int maxRequests;
    private final long maxBytes;
    private final ArrayDeque<Request> idle = new ArrayDeque<>();
    private int count;
    private long bytes;

    /** At most {@code limits} here, and what {@code share} has room for. */
    InFlightRequests(InFlightLimits limits, InFlightBudget.Share share, HeaderStyle style) {
        this.style = style;
        this.share = share;
        this.maxRequests = limits.requests();
        this.maxBytes = limits.bytes().bytes();
    }

    /** An idle request, to be filled and either begun or given {@link #back}. */
    Request next() {
        Request request = idle.pollLast();
        return request == null ? new Request(style) : request;
    }

    void back(Request request) {
        idle.addLast(request);
    }

    /** Whether this connection's bounds let it begin now; alone it may always. */
    boolean hasRoomFor(Request request) {
        return count == 0 || (count < maxRequests && bytes + request.payloadBytes() <= maxBytes);
    }

    /**
     * Takes room for a request, of whose payload so many bytes have arrived; false if there is none
     * now.
     */
    boolean takeRoom(Request request, int arrived) {
        long whole = request.memoryBytes();
        long now = request.command == NbdCommand.WRITE ? Math.min(whole, arrived) : whole;
        request.takenBytes = now;
        return share.begin(now, whole - now);
    }

    /** Likewise for a payload of which {@code arrived} bytes are there by now. */
    boolean takeMoreRoom(Request request, long arrived) {
        long more = arrived - request.takenBytes;
        if (more > 0) {
            if (!share.grow(more, request.length - arrived)) {
                return false;
            }
            request.takenBytes = arrived;
        }
        return true;
    }

    void begin(Request request, long nowNanos) {
        assert !request.isOpen;
        request.isOpen = true;
        request.startNanos = nowNanos;
        count++;
        bytes += request.payloadBytes();
    }

    /** Its reply has been written, or its connection is gone. */
    void end(Request request) {
        if (!request.isOpen) {
            throw new IllegalStateException(
                    "a second reply to cookie " + Long.toHexString(request.header.cookie()));
        }
        request.isOpen = false;
        count--;
        bytes -= request.payloadBytes();
        share.end(request.takenBytes);
        request.reset();
        idle.addLast(request);
    }

    int count() {
        return count;
    }

    /** Forgets the idle objects. */
    void trim() {
        idle.clear();
    }
}
