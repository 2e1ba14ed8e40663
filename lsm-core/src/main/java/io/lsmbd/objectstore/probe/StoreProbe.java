package io.lsmbd.objectstore.probe;

import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.objectstore.ObjectStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Tries everything that lsmbd relies on in an object store, and measures it. What is put meanwhile
 * is below a prefix of the run's own and removed at its end; a store in use is not disturbed, but
 * for the load. A check that fails does not keep the others from being tried, unless these would
 * tell nothing then.
 *
 * <p>Give it the store with retries of what was certainly not done, if any: a store that answers
 * 503 now and then is not a broken one.
 */
public final class StoreProbe {
    public static final String ABSENCE = "absence";
    public static final String READ_AFTER_WRITE = "read-after-write";
    public static final String BODIES = "bodies";
    public static final String RANGES = "ranges";
    public static final String REFUSED_CREATE = "refused-create";
    public static final String CREATE_RACE = "create-race";
    public static final String STALE_SWAP = "stale-swap";
    public static final String SWAP_RACE = "swap-race";
    public static final String DELETE = "delete";
    public static final String LIST_AFTER_WRITE = "list-after-write";
    public static final String LIST_AFTER_DELETE = "list-after-delete";
    public static final String CLOCK = "clock";
    public static final String LATENCY = "latency";
    public static final String THROUGHPUT = "throughput";
    public static final String CLEAN_UP = "clean-up";

    /** All of them, in the order in which they are tried: later ones build on earlier ones. */
    public static final List<String> CHECKS =
            List.of(
                    ABSENCE,
                    READ_AFTER_WRITE,
                    BODIES,
                    RANGES,
                    REFUSED_CREATE,
                    CREATE_RACE,
                    STALE_SWAP,
                    SWAP_RACE,
                    DELETE,
                    LIST_AFTER_WRITE,
                    LIST_AFTER_DELETE,
                    CLOCK,
                    LATENCY,
                    THROUGHPUT,
                    CLEAN_UP);

    private final ObjectStore store;
    private final Environment environment;
    private final ProbeConfig config;

    public StoreProbe(ObjectStore store, Environment environment, ProbeConfig config) {
        this.store = store;
        this.environment = environment;
        this.config = config;
    }

    /**
     * Tries everything. Blocks for as long as the store takes, which {@link ProbeConfig#patience}
     * bounds for each check but for the last request of it.
     *
     * @throws ObjectStoreException if the store does not answer at all, so that nothing was found
     */
    public ProbeReport run(ProbeListener listener) throws ObjectStoreException {
        return run(CHECKS, listener);
    }

    /**
     * As {@link #run(ProbeListener)}, but only what a second writer's safety rests on: a part that
     * is short enough for the start of a daemon.
     */
    public ProbeReport runConditionalWrites() throws ObjectStoreException {
        List<String> names = new ArrayList<>(List.of(READ_AFTER_WRITE));
        names.addAll(ProbeReport.CONDITIONAL_WRITES);
        return run(names, ProbeListener.none());
    }

    private ProbeReport run(List<String> names, ProbeListener listener)
            throws ObjectStoreException {
        long startedMillis = environment.wallClock().millis();
        long startedNanos = environment.nanoClock().nanos();
        ProbeRoom room = new ProbeRoom(store, environment);
        requireAnswer(room);
        List<CheckResult> results = tryAll(room, names, listener);
        long took = TimeUnit.NANOSECONDS.toMillis(environment.nanoClock().nanos() - startedNanos);
        return new ProbeReport(
                ProbeReport.FORMAT,
                store.location(),
                startedMillis,
                took,
                config.writers(),
                config.rounds(),
                results);
    }

    /** Whether it is the right answer is for the checks to say. */
    private static void requireAnswer(ProbeRoom room) throws ObjectStoreException {
        try {
            var _ = room.inform(room.key("anything"));
        } catch (ObjectStoreException e) {
            if (e.isRetryable()) {
                throw e;
            }
        }
    }

    private List<CheckResult> tryAll(ProbeRoom room, List<String> names, ProbeListener listener) {
        List<CheckResult> results = new ArrayList<>();
        Set<String> fruitless = new HashSet<>();
        try {
            for (Check check : checks(room)) {
                if (!names.contains(check.name())) {
                    continue;
                }
                listener.begins(check.name());
                CheckResult result = tried(check, fruitless);
                if (result.isBad() || result.verdict() == Verdict.SKIPPED) {
                    fruitless.add(check.name());
                }
                results.add(result);
                listener.ended(result);
            }
        } finally {
            listener.begins(CLEAN_UP);
            CheckResult result = named(CLEAN_UP, room.cleanUp());
            results.add(result);
            listener.ended(result);
        }
        return results;
    }

    private static CheckResult tried(Check check, Set<String> fruitless) {
        return check.needs().stream()
                .filter(fruitless::contains)
                .findFirst()
                .map(reason -> named(check.name(), Finding.skipped("would need " + reason)))
                .orElseGet(() -> named(check.name(), check.run()));
    }

    private static CheckResult named(String name, Finding finding) {
        return new CheckResult(
                name, finding.verdict(), finding.text(), finding.figures(), finding.hint());
    }

    /** All but the last, which is no trial. */
    private List<Check> checks(ProbeRoom room) {
        ContentChecks content = new ContentChecks(store, room, config);
        ConditionChecks conditions = new ConditionChecks(room);
        RaceChecks races = new RaceChecks(room, environment, config);
        ListChecks lists = new ListChecks(store, room);
        SpeedChecks speed = new SpeedChecks(store, room, environment, config);
        String readWrite = "s3:GetObject and s3:PutObject";
        String delete = "s3:DeleteObject";
        String list = "s3:ListBucket";
        List<String> written = List.of(READ_AFTER_WRITE);
        return List.of(
                new Check(ABSENCE, List.of(), list, content::absence),
                new Check(READ_AFTER_WRITE, List.of(), readWrite, content::readAfterWrite),
                new Check(BODIES, written, readWrite, content::bodies),
                new Check(RANGES, written, readWrite, content::ranges),
                new Check(
                        REFUSED_CREATE,
                        written,
                        readWrite,
                        conditions::refusedCreate,
                        conditions::refusesCreates),
                new Check(
                        CREATE_RACE,
                        written,
                        readWrite,
                        races::creates,
                        conditions::refusesCreates),
                new Check(
                        STALE_SWAP,
                        written,
                        readWrite,
                        conditions::staleSwap,
                        conditions::refusesSwaps),
                new Check(SWAP_RACE, written, readWrite, races::swaps, conditions::refusesSwaps),
                new Check(DELETE, written, delete, lists::delete),
                new Check(LIST_AFTER_WRITE, written, list, lists::listAfterWrite),
                new Check(
                        LIST_AFTER_DELETE,
                        List.of(READ_AFTER_WRITE, DELETE, LIST_AFTER_WRITE),
                        list,
                        lists::listAfterDelete),
                new Check(CLOCK, written, readWrite, speed::clock),
                new Check(LATENCY, written, readWrite, speed::latency),
                new Check(THROUGHPUT, written, readWrite, speed::throughput));
    }
}
