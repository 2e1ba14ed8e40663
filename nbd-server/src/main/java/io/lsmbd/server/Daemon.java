package io.lsmbd.server;

import io.lsmbd.admin.api.BuildInfo;
import io.lsmbd.admin.api.CreateVolume;
import io.lsmbd.commandline.CommandNames;
import io.lsmbd.env.NanoClock;
import io.lsmbd.env.SystemEnvironment;
import io.lsmbd.model.DataSize;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The life of the process, from the configuration to the exit code. */
final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private Daemon() {}

    /** Serves until a signal comes; returns the exit code. */
    static int run(ServerConfig config, List<CreateVolume> wanted, PrintWriter out)
            throws StartException {
        LogSetup.apply(config.log());
        warnOfOtherHeap(config.memoryPlan());
        var environment = new SystemEnvironment(Daemon::died);
        NanoClock clock = environment.nanoClock();
        long startedNanos = clock.nanos();
        LOG.info(
                "starting version={} data={} store={} memory={}",
                BuildInfo.read().version(),
                config.data().dir().toAbsolutePath(),
                config.store().location(config.data()),
                config.memory().budget());
        StopSignals signals = StopSignals.listen(environment);
        Wiring wiring = Wiring.of(config, environment, System.getenv());
        long stoppingNanos;
        try (wiring) {
            Wiring.Running running = wiring.start(wanted);
            LOG.info(
                    "ready nbd={} admin=http://{} millis={}",
                    running.admin().status().nbd(),
                    ReadyText.hostPort(running.addresses().admin()),
                    millis(clock.nanos() - startedNanos));
            if (!signals.isStopping()) {
                var names = CommandNames.of(System.getenv());
                out.print(ReadyText.of(running.admin().status(), running.addresses(), names));
                out.flush();
            }
            signals.await();
            stoppingNanos = clock.nanos();
        }
        LOG.info("stopped millis={}", millis(clock.nanos() - stoppingNanos));
        return (wiring.isCleanlyClosed() ? ExitCode.OK : ExitCode.FAILED).code();
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** The start script does not read the file, so a budget there alone does not size the heap. */
    private static void warnOfOtherHeap(MemoryPlan plan) {
        long heap = Runtime.getRuntime().maxMemory();
        boolean isTooSmall = heap < plan.heap().bytes() / 10 * 9;
        boolean isTooLarge = heap > plan.total().bytes() / 10 * 6;
        if (isTooSmall || isTooLarge) {
            LOG.warn(
                    "the heap does not fit memory.budget, set LSMBD_MEMORY_BUDGET as well"
                            + " heap={} wanted={} budget={}",
                    new DataSize(heap),
                    plan.heap(),
                    plan.total());
        }
    }

    /** A task that ended by itself leaves its work undone: better no process than half of one. */
    private static void died(Thread thread, Throwable failure) {
        LOG.error("a task died, so lsmbd ends task={}", thread.getName(), failure);
        Runtime.getRuntime().halt(ExitCode.FAILED.code());
    }
}
