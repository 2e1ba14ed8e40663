package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Why a request failed.
 *
 * @param error what is wrong, in a sentence
 * @param hint what can be done; may be empty
 */
public record ErrorInfo(Kind kind, String error, String hint) {
    /** What a program needs to know. */
    public enum Kind {
        /** The request itself makes no sense. */
        @JsonProperty("invalid")
        INVALID,
        /** There is no such volume, segment or path. */
        @JsonProperty("not-found")
        NOT_FOUND,
        /** Understood, but not as things stand. */
        @JsonProperty("refused")
        REFUSED,
        /** Stored bytes are damaged. */
        @JsonProperty("corrupt")
        CORRUPT,
        /** The object store or the local disk does not answer; try again. */
        @JsonProperty("unavailable")
        UNAVAILABLE,
        /** A bug, or something nobody thought of. */
        @JsonProperty("internal")
        INTERNAL
    }
}
