package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a volume is. */
public enum VolumeState {
    /** Serves clients. */
    @JsonProperty("online")
    ONLINE,
    /** Serves clients, but uploads do not get through: writes wait once the WAL is full. */
    @JsonProperty("degraded")
    DEGRADED,
    /** In the store, but not attached here: another daemon has it, or the attach failed. */
    @JsonProperty("offline")
    OFFLINE,
    /** Not served until `lsmctl volume accept-loss`: unsynced writes may be gone. */
    @JsonProperty("possible-loss")
    POSSIBLE_LOSS,
    /** Another daemon took it over. */
    @JsonProperty("fenced")
    FENCED,
    /** Stopped because stored bytes are damaged. */
    @JsonProperty("corrupt")
    CORRUPT,
    /** Stopped for another reason; see the problem. */
    @JsonProperty("failed")
    FAILED
}
