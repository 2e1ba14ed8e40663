package io.lsmbd.config;

/** A value as somebody wrote it, not parsed yet. Elements of a list are separated by commas. */
public record Given(String text, Origin origin) {}
