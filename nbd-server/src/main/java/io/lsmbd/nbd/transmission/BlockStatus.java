package io.lsmbd.nbd.transmission;

import io.lsmbd.nbd.wire.Extents;

/** What a BLOCK_STATUS learns of the context with that id. */
record BlockStatus(int contextId, Extents extents) {}
