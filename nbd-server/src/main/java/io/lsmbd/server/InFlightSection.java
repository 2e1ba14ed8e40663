package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.limits.InFlightLimits;
import io.lsmbd.nbd.transmission.StallLimits;
import io.lsmbd.nbd.transmission.TransmissionLimits;
import java.time.Duration;
import java.util.Optional;

/** The part of {@code [limits]} that is about clients with an export. */
public record InFlightSection(
        int requestsPerConnection,
        DataSize bytesPerConnection,
        int requests,
        Optional<DataSize> bytes,
        Duration payloadTime,
        Duration replyTime) {
    private static final String AUTO = "auto";
    private static final DataSize LEAST_BYTES = DataSize.ofMebibytes(1);
    private static final DataSize MOST_BYTES = DataSize.ofGibibytes(1024);

    public InFlightSection {
        Bounds.check("limits.requests-per-connection", requestsPerConnection, 1, 65_536);
        Bounds.check("limits.bytes-per-connection", bytesPerConnection, LEAST_BYTES, MOST_BYTES);
        Bounds.check("limits.requests", requests, 16, 1_000_000);
        bytes.ifPresent(size -> Bounds.check("limits.bytes", size, LEAST_BYTES, MOST_BYTES));
        Bounds.check(
                "limits.payload-time", payloadTime, LimitsSection.SHORTEST, LimitsSection.LONGEST);
        Bounds.check("limits.reply-time", replyTime, LimitsSection.SHORTEST, LimitsSection.LONGEST);
    }

    static InFlightSection read(Settings in) {
        return new InFlightSection(
                in.integer(
                        "limits.requests-per-connection",
                        "256",
                        "Requests that one connection may have in flight; at this and the next "
                                + "three bounds it is not read until something is done."),
                in.size(
                        "limits.bytes-per-connection",
                        "64MiB",
                        "The same for the bytes that these read or write; a single request may "
                                + "have more."),
                in.integer(
                        "limits.requests",
                        "4096",
                        "Requests that all connections may have in flight; each may have half of "
                                + "what the others leave."),
                in.value(
                        new Setting(
                                "limits.bytes",
                                "size|auto",
                                AUTO,
                                "The same for bytes in memory: payload that has arrived, data "
                                        + "read, replies not yet sent. One request may come on "
                                        + "top. auto is half the network buffers of "
                                        + "memory.budget."),
                        InFlightSection::sizeOrAuto),
                in.duration(
                        "limits.payload-time",
                        "1m",
                        "How long a client may stop in the middle of a payload."),
                in.duration(
                        "limits.reply-time",
                        "1m",
                        "How long a client may leave replies unread that wait for it."));
    }

    private static Optional<DataSize> sizeOrAuto(String text) {
        return text.equals(AUTO) ? Optional.empty() : Optional.of(DataSize.parse(text));
    }

    TransmissionLimits transmissionLimits(MemoryPlan memory) {
        DataSize half = new DataSize(memory.network().bytes() / 2);
        return new TransmissionLimits(
                new InFlightLimits(requestsPerConnection, bytesPerConnection),
                new InFlightLimits(requests, bytes.orElse(half)),
                new StallLimits(payloadTime, replyTime));
    }
}
