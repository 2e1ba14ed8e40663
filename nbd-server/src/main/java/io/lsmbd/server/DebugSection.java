package io.lsmbd.server;

import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.env.Environment;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.fault.FaultRule;
import io.lsmbd.objectstore.fault.FaultyObjectStore;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code [debug]}: what only who tries out lsmbd itself wants. */
public record DebugSection(Enabled enabled, List<FaultRule> faults, int seed) {
    private static final Logger LOG = LoggerFactory.getLogger(DebugSection.class);

    /** Whether anything else of the section may be set. */
    public enum Enabled {
        FALSE,
        TRUE
    }

    public DebugSection {
        faults = List.copyOf(faults);
        if (enabled == Enabled.FALSE && !faults.isEmpty()) {
            throw new IllegalArgumentException(
                    "debug.fault makes the store fail on purpose: it needs debug.enabled = true");
        }
    }

    static DebugSection read(Settings in) {
        return new DebugSection(
                in.value(
                        new Setting(
                                "debug.enabled",
                                "true|false",
                                "false",
                                "Allows the other keys of this section, which are for developers "
                                        + "of lsmbd."),
                        DebugSection::enabled),
                in.list(
                        "debug.fault",
                        "",
                        "Makes the store slow, forgetful or wrong, each rule as `latency op=put "
                                + "prefix=v/ p=0.1 ms=20`; see FAULTS.md.",
                        FaultRule::parse),
                in.integer(
                        "debug.seed", "1", "The same seed brings the same chances to the rules."));
    }

    private static Enabled enabled(String text) {
        return switch (text.strip()) {
            case "true" -> Enabled.TRUE;
            case "false" -> Enabled.FALSE;
            default -> throw new IllegalArgumentException("write true or false, not " + text);
        };
    }

    /** The store itself, unless there are faults. */
    ObjectStore around(ObjectStore store, Environment environment) {
        faults.forEach(rule ->
                LOG.warn(
                        "the store is made to fail on purpose fault=\"{}\" seed={}",
                        rule.text(),
                        seed));
        return FaultyObjectStore.around(store, environment, faults, seed);
    }
}
