package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an acknowledged FLUSH has reached. */
public enum Durability {
    /** This host's disk; the object store follows within upload.max-age. */
    @JsonProperty("local")
    LOCAL,
    /** The object store. */
    @JsonProperty("object")
    OBJECT
}
