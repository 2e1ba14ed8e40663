package io.lsmbd.server;

import io.lsmbd.env.Environment;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreFitness;
import io.lsmbd.objectstore.probe.StoreFitness.Answer;
import io.lsmbd.objectstore.probe.StoreFitness.Unknown;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets the daemon write to a store only if a second daemon could be fenced there (DESIGN.md 5). */
final class StoreGate {
    private static final Logger LOG = LoggerFactory.getLogger(StoreGate.class);

    private StoreGate() {}

    /**
     * Asks the store, and tries it if nothing is known; nothing of a volume is touched. Blocks.
     *
     * @return the risks that the user took, a sentence each
     * @throws StartException if the store is not fit, with what failed and what to do
     * @throws StorageException if the store gives no clear answer, which says nothing about it
     */
    static List<String> pass(
            StoreSection section,
            ObjectStore store,
            Environment environment,
            MeterRegistry registry)
            throws StorageException, StartException {
        Unknown unknown = section.isOurs() ? Unknown.IS_TRUSTED : Unknown.IS_TRIED;
        Answer answer = new StoreFitness(store, environment).judge(unknown);
        List<String> risks =
                switch (answer) {
                    case Answer.Remembered _, Answer.Trusted _ -> List.of();
                    case Answer.Tried(ProbeReport report) -> {
                        LOG.info(
                                "store tried, its conditional writes work store={} writers={}"
                                        + " rounds={} millis={}",
                                report.store(),
                                report.writers(),
                                report.rounds(),
                                report.tookMillis());
                        yield List.of();
                    }
                    case Answer.Unfit(ProbeReport report) -> admit(section, store, report);
                };
        int unsafe = risks.isEmpty() ? 0 : 1;
        Gauge.builder("lsmbd.store.unsafe", () -> unsafe)
                .description("1 if a second daemon could destroy volumes in this store")
                .register(registry);
        return risks;
    }

    private static List<String> admit(StoreSection section, ObjectStore store, ProbeReport report)
            throws StartException {
        String failures =
                report.brokenConditionalWrites().stream()
                        .map(StoreGate::describe)
                        .collect(Collectors.joining(", "));
        return switch (section.fencing()) {
            case REQUIRED -> throw refusal(store, report, failures);
            case WAIVED -> {
                LOG.warn(
                        "conditional writes do not work in this store: a second daemon, also by"
                                + " mistake, destroys volumes store={} failed={}",
                        store.location(),
                        failures);
                yield List.of(
                        "conditional writes do not work in this store (store.unsafe-single-writer):"
                                + " a second daemon, also by mistake, destroys volumes");
            }
        };
    }

    private static String describe(CheckResult check) {
        return check.name() + ": " + check.finding();
    }

    private static StartException refusal(ObjectStore store, ProbeReport report, String failures) {
        Instant when = Instant.ofEpochSecond(TimeUnit.MILLISECONDS.toSeconds(report.atMillis()));
        String as = report.store().equals(store.location()) ? "" : " as " + report.store();
        return new StartException(
                ("conditional writes do not work in %s, so two daemons could destroy each other's"
                                + " volumes: %s (tried %s%s, %d rounds); keep volumes in another"
                                + " store, or mend this one and try it: lsmctl doctor --store URL;"
                                + " where certainly no second daemon opens it:"
                                + " --unsafe-single-writer")
                        .formatted(store.location(), failures, when, as, report.rounds()));
    }
}
