package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The daemon at a glance.
 *
 * @param problems why health is not ok, and risks that the user took, a sentence each
 * @param nbd URIs to attach to, without a volume's name
 */
public record StatusInfo(
        String version,
        Health health,
        List<String> problems,
        String dataDir,
        String store,
        long upMillis,
        List<String> nbd,
        WalUse wal,
        List<VolumeInfo> volumes) {
    public StatusInfo {
        problems = List.copyOf(problems);
        nbd = List.copyOf(nbd);
        volumes = List.copyOf(volumes);
    }

    /** How much of the local log is taken. */
    public record WalUse(long budgetBytes, long usedBytes) {}

    /** The worst of all volumes. */
    public enum Health {
        @JsonProperty("ok")
        OK,
        @JsonProperty("degraded")
        DEGRADED,
        @JsonProperty("corrupt")
        CORRUPT
    }
}
