package io.lsmbd.config;

/** A setting and the value that won. */
public record Resolved(Setting setting, Given value) {}
