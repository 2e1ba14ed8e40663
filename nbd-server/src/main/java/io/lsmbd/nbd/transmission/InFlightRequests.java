package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.wire.HeaderStyle;
import java.util.ArrayDeque;

/**
 * The requests of one connection that are begun and not answered, and the idle objects for the next
 * ones. Sees to it that each is answered exactly once. Its connection's event loop owns it.
 */
final class InFlightRequests {
    private final HeaderStyle style;
    private final int maxRequests;
    private final long maxBytes;
    private final ArrayDeque<Request> idle = new ArrayDeque<>();
    private int count;
    private long bytes;

    InFlightRequests(TransmissionLimits limits, HeaderStyle style) {
        this.style = style;
        this.maxRequests = limits.maxRequestsInFlight();
        this.maxBytes = limits.maxBytesInFlight().bytes();
    }

    /** An idle request, to be filled and either begun or given {@link #back}. */
    Request next() {
        Request request = idle.pollLast();
        return request == null ? new Request(style) : request;
    }

    void back(Request request) {
        idle.addLast(request);
    }

    /** Whether the bounds let it begin now; alone it may always. */
    boolean hasRoomFor(Request request) {
        return count == 0 || (count < maxRequests && bytes + request.payloadBytes() <= maxBytes);
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
        request.reset();
        idle.addLast(request);
    }

    int count() {
        return count;
    }
}
