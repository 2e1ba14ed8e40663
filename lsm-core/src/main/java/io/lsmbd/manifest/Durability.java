package io.lsmbd.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an acknowledged FLUSH of a volume has survived to (DESIGN.md 1). */
public enum Durability {
    /** Loss of power: the local log is synced. */
    @JsonProperty("local")
    LOCAL,
    /** Loss of the host: a segment in the store holds it. */
    @JsonProperty("object")
    OBJECT
}
