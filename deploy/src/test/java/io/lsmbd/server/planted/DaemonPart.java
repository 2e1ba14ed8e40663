package io.lsmbd.server.planted;

/** What the operator's tool must not see. */
public record DaemonPart() {}
