package io.lsmbd.admin;

import io.lsmbd.config.ListenAddress;
import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import java.util.List;
import java.util.function.Function;

/** {@code [admin]}: the HTTP port for health, metrics and {@code lsmctl}. */
public record AdminConfig(ListenAddress listen, List<String> hostNames, int maxConnections) {
    public AdminConfig {
        hostNames = List.copyOf(hostNames);
        if (maxConnections < 4 || maxConnections > 10_000) {
            throw new IllegalArgumentException(
                    "admin.max-connections is %d but must be from 4 to 10000"
                            .formatted(maxConnections));
        }
    }

    /** The section's keys. */
    public static AdminConfig read(Settings in) {
        return new AdminConfig(
                in.value(
                        new Setting(
                                "admin.listen",
                                "HOST:PORT",
                                "127.0.0.1:10810",
                                "Health, metrics and the admin API. It has no authentication: "
                                        + "keep it on this host."),
                        ListenAddress::parse),
                in.list(
                        "admin.host-names",
                        "",
                        "Names, beside localhost and IP addresses, under which clients may call "
                                + "the API.",
                        Function.identity()),
                in.integer("admin.max-connections", "64", "HTTP connections at the same time."));
    }
}
