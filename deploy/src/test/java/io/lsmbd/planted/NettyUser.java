package io.lsmbd.planted;

/** Violates: Netty stays in the front end. */
record NettyUser(io.netty.buffer.ByteBuf payload) {}
