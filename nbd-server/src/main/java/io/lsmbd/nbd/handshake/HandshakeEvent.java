package io.lsmbd.nbd.handshake;

/** What a server tells a connection's {@link HandshakeHandler}, as a user event. */
public enum HandshakeEvent {
    /** No more options, except that one soon is told why. */
    SERVER_STOPS,
    /** Newer connections need this one's place. */
    CROWDED_OUT
}
