package io.lsmbd.server;

import io.lsmbd.config.Settings;
import io.lsmbd.nbd.access.AccessRule;
import io.lsmbd.nbd.access.AccessRules;
import java.util.List;

/** {@code [access]}: who may open which volume. */
public record AccessSection(List<AccessRule> allow) {
    public AccessSection {
        allow = List.copyOf(allow);
    }

    static AccessSection read(Settings in) {
        return new AccessSection(
                in.list(
                        "access.allow",
                        "",
                        "Who may open which volumes, each rule as `volumes=web-* "
                                + "dns=web1.example.org network=10.0.0.0/8 read-write`; see "
                                + "ACCESS.md. Without any rule, whoever can connect may open every "
                                + "volume.",
                        AccessRule::parse));
    }

    AccessRules rules() {
        return new AccessRules(allow);
    }
}
