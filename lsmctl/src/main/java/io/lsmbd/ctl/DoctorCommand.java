package io.lsmbd.ctl;

import io.lsmbd.ctl.terminal.Progress;
import io.lsmbd.env.Environment;
import io.lsmbd.error.ObjectStoreException;
import io.lsmbd.error.StorageException;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.decorator.RetryConfig;
import io.lsmbd.objectstore.decorator.RetryingObjectStore;
import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.ProbeConfig;
import io.lsmbd.objectstore.probe.ProbeListener;
import io.lsmbd.objectstore.probe.ProbeMemory;
import io.lsmbd.objectstore.probe.ProbeReport;
import io.lsmbd.objectstore.probe.StoreProbe;
import io.lsmbd.objectstore.url.ObjectStores;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code lsmctl doctor}: is this store fit for volumes? */
@Command(
        name = "doctor",
        description = {
            "Find out whether a store is fit for volumes, and how fast it is.",
            "",
            "Run it before the first volume is made: lsmbd is safe only in a store where",
            "of many writers exactly one wins. It tries that, and reading, listing,",
            "deleting, the clock, latency and throughput, with objects of its own that it",
            "removes; volumes in the store are not touched, and may be in use. It takes",
            "some seconds in a folder, about a minute in S3, where 200 rounds are about",
            "8,000 requests. Of a bucket it also reads the settings, as far as it may. What",
            "was found is kept in the store, as probe/result; lsmbd goes by it."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "  ${COMMAND-FULL-NAME} --store file:///mnt/nas/lsmbd",
            "  ${COMMAND-FULL-NAME} --store s3://bucket/lsmbd --rounds 1000",
            "  ${COMMAND-FULL-NAME} --store s3://bucket/lsmbd --policy > policy.json"
        })
final class DoctorCommand implements Callable<Integer> {
    /** A store that answers 503 now and then is not broken, only slow. */
    private static final RetryConfig RETRIES =
            new RetryConfig(Duration.ofSeconds(10), Duration.ofMillis(50), Duration.ofSeconds(2));

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @ParentCommand
    private Lsmctl lsmctl;

    @SuppressWarnings("NullAway.Init") // picocli sets it
    @Spec
    private CommandSpec command;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "200",
            description = "Of each race, 1 to 10000. Default: ${DEFAULT-VALUE}.")
    private int rounds = ProbeConfig.DEFAULT.rounds();

    @Option(
            names = "--writers",
            paramLabel = "N",
            defaultValue = "16",
            description = "That race, 2 to 64. Default: ${DEFAULT-VALUE}.")
    private int writers = ProbeConfig.DEFAULT.writers();

    @Option(
            names = "--policy",
            description = "Only print the IAM policy that lsmbd needs in S3, without asking it.")
    private boolean isPolicyWanted;

    /** What {@code -o json} prints. {@code remembered}: whether the store took the report. */
    record Diagnosis(
            boolean passed, boolean conditionalWrites, boolean remembered, ProbeReport report) {}

    @Override
    public Integer call() throws CtlException {
        String url = lsmctl.connection().store();
        if (url == null) {
            throw new ParameterException(
                    command.commandLine(), "which store? --store URL is missing");
        }
        if (isPolicyWanted) {
            command.commandLine().getOut().println(IamPolicy.of(url));
            return ExitCode.OK.code();
        }
        return examine(url, config());
    }

    private ProbeConfig config() {
        try {
            return new ProbeConfig(writers, rounds, ProbeConfig.DEFAULT.patience());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private int examine(String url, ProbeConfig config) throws CtlException {
        Environment environment = Offline.environment();
        try (ObjectStore bare = ObjectStores.openExisting(url, environment)) {
            ObjectStore store = new RetryingObjectStore(bare, environment, RETRIES);
            ProbeReport report =
                    run(new StoreProbe(store, environment, config))
                            .with(ObjectStores.review(url, environment));
            boolean isRemembered = remember(store, report);
            lsmctl.connection()
                    .print(
                            command.commandLine().getOut(),
                            new Diagnosis(
                                    report.hasPassed(),
                                    report.hasConditionalWrites(),
                                    isRemembered,
                                    report),
                            Diagnoses.lines(report));
            return (report.hasPassed() ? ExitCode.OK : ExitCode.FAILED).code();
        } catch (StorageException e) {
            throw Offline.failure(e);
        }
    }

    private static ProbeReport run(StoreProbe probe) throws ObjectStoreException {
        try (Progress progress = Progress.ofSteps("doctor", StoreProbe.CHECKS.size())) {
            return probe.run(
                    new ProbeListener() {
                        @Override
                        public void begins(String name) {
                            progress.at(name);
                        }

                        @Override
                        public void ended(CheckResult result) {
                            progress.done(1);
                        }
                    });
        }
    }

    private boolean remember(ObjectStore store, ProbeReport report) {
        try {
            new ProbeMemory(store).remember(report);
            return true;
        } catch (ObjectStoreException e) {
            var err = command.commandLine().getErr();
            err.println("lsmctl: this is not remembered in the store: " + e.getMessage());
            err.flush();
            return false;
        }
    }
}
