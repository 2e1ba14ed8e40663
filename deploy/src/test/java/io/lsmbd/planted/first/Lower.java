package io.lsmbd.planted.first;

import io.lsmbd.planted.second.Upper;

/** Violates: imports run one way, and packages are free of cycles. */
public record Lower(Upper above) {}
