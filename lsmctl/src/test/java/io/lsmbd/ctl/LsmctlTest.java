package io.lsmbd.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.admin.AdminConfig;
import io.lsmbd.admin.AdminServer;
import io.lsmbd.admin.MemoryVolumes;
import io.lsmbd.admin.api.CostInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.config.ListenAddress;
import io.lsmbd.env.SystemEnvironment;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The whole tool against a real admin server, with volumes in memory. */
class LsmctlTest {
    private final MemoryVolumes volumes = new MemoryVolumes();
    private final AtomicReference<Optional<String>> badFiles =
            new AtomicReference<>(Optional.empty());
    private static final CostInfo COSTS =
            new CostInfo(
                    "EUR",
                    7_200_000,
                    List.of(
                            new CostInfo.Use("segment", 1200, 0, 0, 40L << 30, 0, 0.006),
                            new CostInfo.Use("read", 0, 12_000_000, 0, 0, 1L << 30, 4.8)),
                    4.806,
                    100L << 30,
                    2.3,
                    1732.46);

    private AdminServer server;

    /** What a run printed, and its exit code. */
    private record Run(int exitCode, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        server =
                AdminServer.open(
                        new AdminConfig(new ListenAddress("127.0.0.1", 0), List.of(), 64),
                        new SystemEnvironment((_, failure) -> failure.printStackTrace()),
                        List::of,
                        () -> "");
        server.serve(volumes, badFiles::get, () -> COSTS);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Run lsmctl(String... arguments) {
        return run(
                Map.of("LSMCTL_ENDPOINT", "http://127.0.0.1:" + server.address().getPort()),
                arguments);
    }

    private static Run run(Map<String, String> environment, String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        CommandLine line = Lsmctl.commandLine(environment);
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        int exitCode = line.execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    @Test
    void aVolumeIsCreatedListedAndDeleted() {
        assertThat(lsmctl("volume", "create", "vol1", "10GiB"))
                .isEqualTo(new Run(0, "volume vol1  10 GiB  online\n", ""));
        assertThat(lsmctl("volume", "list").out())
                .isEqualTo(
                        """
                        NAME    SIZE  USED  STORED  CLIENTS  STATE     LAG  UNUPLOADED
                        vol1  10 GiB   0 B     0 B        0  online  0.0 s         0 B
                        """);
        assertThat(lsmctl("volume", "delete", "vol1", "--yes"))
                .isEqualTo(new Run(0, "deleted vol1\n", ""));
        assertThat(volumes.list()).isEmpty();
    }

    @Test
    void reloadingTellsWhatIsWrongWithNewFiles() {
        assertThat(lsmctl("reload"))
                .isEqualTo(new Run(0, "the TLS files in use are the newest\n", ""));
        badFiles.set(Optional.of("tls.key k.pem: there is no such file"));
        assertThat(lsmctl("reload"))
                .isEqualTo(
                        new Run(
                                4,
                                "",
                                """
                                lsmctl: tls.key k.pem: there is no such file
                                correct the file; until then the old ones are in use
                                """));
    }

    @Test
    void theBillIsShownByPurpose() {
        assertThat(lsmctl("cost"))
                .isEqualTo(
                        new Run(
                                0,
                                """
                                PURPOSE    PUT         GET  DELETE      UP   DOWN        COST
                                segment  1,200           0       0  40 GiB    0 B  0.0060 EUR
                                read         0  12,000,000       0     0 B  1 GiB    4.80 EUR

                                requests   4.81 EUR in 2h 0m
                                kept       2.30 EUR a month for 100 GiB
                                a month    1,732.46 EUR, if it goes on like that
                                """,
                                ""));
        assertThat(lsmctl("cost", "-o", "json").out())
                .contains("\"purpose\" : \"read\"", "\"perMonth\" : 1732.46");
    }

    @Test
    void deletingAsksToBeSure() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("volume", "delete", "vol1"))
                .isEqualTo(
                        new Run(
                                4,
                                "",
                                """
                                lsmctl: vol1: 10 GiB, 3.0 GiB used; would be gone for ever
                                if you are sure: lsmctl volume delete vol1 --yes
                                """));
        assertThat(volumes.list()).hasSize(1);
    }

    @Test
    void aVolumeWithClientsIsDeletedOnlyByForce() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        volumes.connect("vol1", 2);
        assertThat(lsmctl("volume", "delete", "vol1").err())
                .contains("2 client connections;", "lsmctl volume delete vol1 --yes --force");
        Run refused = lsmctl("volume", "delete", "vol1", "--yes");
        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.err()).contains("volume vol1 has 2", "--force");
        assertThat(lsmctl("volume", "delete", "vol1", "--force").exitCode()).isEqualTo(4);
        assertThat(volumes.list()).hasSize(1);
        assertThat(lsmctl("volume", "delete", "vol1", "--yes", "--force"))
                .isEqualTo(new Run(0, "deleted vol1\n", ""));
        assertThat(volumes.list()).isEmpty();
    }

    @Test
    void aVolumeIsResizedAndClientsFromBeforeAreMentioned() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("volume", "resize", "vol1", "20", "GiB"))
                .isEqualTo(new Run(0, "volume vol1  20 GiB  online\n", ""));
        volumes.connect("vol1", 1);
        assertThat(lsmctl("volume", "resize", "vol1", "30GiB"))
                .isEqualTo(
                        new Run(
                                0,
                                """
                                volume vol1  30 GiB  online
                                1 client connection from before: they see the new size when they \
                                connect again
                                """,
                                ""));
    }

    @Test
    void aVolumeShrinksOnlyIfItIsHarmlessOrForced() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        Run refused = lsmctl("volume", "resize", "vol1", "1GiB");
        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.err()).contains("vol1 has data", "--force drops it");
        assertThat(lsmctl("volume", "resize", "vol1", "9GiB").out()).contains("9 GiB");
        volumes.connect("vol1", 2);
        assertThat(lsmctl("volume", "resize", "vol1", "8GiB").err())
                .contains("vol1 has 2", "--force cuts them off");
        assertThat(lsmctl("volume", "resize", "vol1", "1GiB", "--force"))
                .isEqualTo(new Run(0, "volume vol1  1 GiB  online\n", ""));
    }

    @Test
    void durabilityAndCompressionAreChangedLater() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("volume", "set", "vol1", "--durability", "object"))
                .isEqualTo(new Run(0, "volume vol1  compression lz4  durability object\n", ""));
        assertThat(lsmctl("volume", "set", "vol1", "--compression", "zstd:3"))
                .isEqualTo(new Run(0, "volume vol1  compression zstd:3  durability object\n", ""));
    }

    @Test
    void withoutVolumesTheListTellsHowToCreateOne() {
        assertThat(lsmctl("volume", "list").out()).contains("lsmctl volume create vol1 10GiB");
    }

    @Test
    void infoTellsWhatAVolumeIs() {
        volumes.put("vol1", VolumeState.POSSIBLE_LOSS, "12 records may be missing");
        assertThat(lsmctl("volume", "info", "vol1").out())
                .isEqualTo(
                        """
                        volume      vol1   id 0000000000000001   possible-loss
                        size        10 GiB   used 3 GiB   stored 5 GiB
                        unuploaded  2 MiB, oldest 0.8 s, log 25 % full
                        clients     0
                        kept        compression lz4   durability local
                        problem     12 records may be missing
                        """);
    }

    @Test
    void lossIsAccepted() {
        volumes.put("vol1", VolumeState.POSSIBLE_LOSS, "12 records may be missing");
        assertThat(lsmctl("volume", "accept-loss", "vol1").out())
                .isEqualTo("volume vol1  online\n");
    }

    @Test
    void statusIsOneScreen() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("status"))
                .isEqualTo(
                        new Run(
                                0,
                                """
                                lsmbd 1.2.3   ok   up 1m 30s
                                store     file:/data/store
                                data      /data
                                nbd       nbd://127.0.0.1:10809
                                wal       64 MiB of 8 GiB

                                NAME    SIZE   USED  STORED  CLIENTS  STATE     LAG  UNUPLOADED
                                vol1  10 GiB  3 GiB   5 GiB        0  online  0.8 s       2 MiB
                                """,
                                ""));
    }

    @Test
    void statusTellsDegradedAndCorruptByItsExitCode() {
        volumes.put("vol1", VolumeState.DEGRADED, "store unreachable for 3 s");
        Run degraded = lsmctl("status");
        assertThat(degraded.exitCode()).isEqualTo(5);
        assertThat(degraded.out()).contains("  ! vol1: store unreachable for 3 s\n");
        volumes.put("vol2", VolumeState.CORRUPT, "segment 7 is damaged");
        assertThat(lsmctl("status").exitCode()).isEqualTo(6);
    }

    @Test
    void theInsidesAreTables() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("inspect", "store").out())
                .isEqualTo(
                        """
                        store  file:/data/store   1 volumes

                        NAME  ID                SEGMENTS  PACKS  MAPS  STORED
                        vol1  0000000000000001       160      2     3   5 GiB
                        """);
        assertThat(lsmctl("inspect", "volume", "vol1").out())
                .endsWith(
                        """
                        writer      epoch 17 on vmhost3   lease 10.0 s, renewal 3
                        segments    committed 160   checkpoint 128
                        data        live 3 GiB (75 %)   dead 1 GiB
                        lsn         appended 91877   committed 91000
                        """);
        assertThat(lsmctl("inspect", "volume", "vol1", "--segments").out())
                .endsWith(
                        """

                        SEGMENT   LIVE   DEAD  LIVE %  STORED
                            159  3 GiB  1 GiB    75 %   5 GiB
                        """);
        assertThat(lsmctl("inspect", "lba", "vol1", "1GiB", "8KiB").out())
                .isEqualTo(
                        """
                            OFFSET  LENGTH  WHERE    SEGMENT  SECTOR  FRAME  CODEC  CRC32C    DETAIL
                        1073741824     512  segment      160       8      0  lz4    1badcafe
                        1073742336    7680  hole           -       -      -  -      -
                        """);
        assertThat(lsmctl("inspect", "wal").out())
                .isEqualTo(
                        """
                        wal       /data/wal   64 MiB of 8 GiB
                        position  appended 3145728   synced 2097152

                        FILE            FROM       TO   USED  RECORDS  VOLUMES
                        0000000001.wal     0  1048576  1 MiB      250        1

                        VOLUME  APPENDED  COMMITTED  UNUPLOADED  OLDEST
                        vol1       91877      91000       2 MiB   0.8 s
                        """);
    }

    @Test
    void aSegmentIsShownWithItsFramesAndVerified() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("inspect", "segment", "vol1", "7", "--frames", "--verify"))
                .isEqualTo(
                        new Run(
                                0,
                                """
                                segment  vol1 #7
                                object   v/0000000000000001/segments/00000000000000000007   68.4 KiB
                                written  2026-11-20T10:02:11Z   epoch 17   lsn 1000..1003
                                holds    1 frames   2 extents
                                verified 68.4 KiB, ok

                                SECTOR  SECTORS  OFFSET  STORED  CODEC  CRC32C
                                     0      128      64   60000  lz4    1badcafe

                                 LBA  SECTORS  ADDRESS
                                2048      128        0
                                4096        8     hole
                                """,
                                ""));
    }

    @Test
    void aDamagedSegmentIsItsOwnExitCode() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        Run verified = lsmctl("inspect", "segment", "vol1", "13", "--verify");
        assertThat(verified.exitCode()).isEqualTo(6);
        assertThat(verified.out()).contains("DAMAGED\n  frame 0 at offset 64: CRC\n");
        assertThat(lsmctl("inspect", "segment", "vol1", "13").exitCode()).isEqualTo(6);
    }

    @Test
    void jsonIsTheRecordOfTheApi() {
        volumes.put("vol1", VolumeState.ONLINE, null);
        assertThat(lsmctl("volume", "info", "vol1", "-o", "json").out())
                .isEqualTo(
                        """
                        {
                          "name" : "vol1",
                          "id" : "0000000000000001",
                          "state" : "online",
                          "sizeBytes" : 10737418240,
                          "liveBytes" : 3221225472,
                          "storedBytes" : 5368709120,
                          "unuploadedBytes" : 2097152,
                          "unuploadedAgeMillis" : 800,
                          "logFullness" : 0.25,
                          "clients" : 0,
                          "compression" : "lz4",
                          "durability" : "local"
                        }
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "volume create | 2 | NAME is missing; it takes NAME SIZE",
                "volume create v lots of it | 2 | not a size: \"lots of it\"",
                "volume delete | 2 | NAME is missing",
                "volume list all | 2 | \"all\" is one word too many; it takes options",
                "volume list --timeout soon | 2 | --timeout takes a whole number, not \"soon\"",
                "volume list --timeout 1 --timeout 2 | 2 | --timeout is given more than once",
                "volume list --endpoint | 2 | --endpoint needs a value: --endpoint=URL",
                "volume frobnicate | 2 | there are accept-loss, create, delete, info,",
                "help volume lsit | 2 | there is no command \"lsit\"; did you mean list?",
                "help status now | 2 | status has no commands of its own",
                "volume create v 1000 | 2 | multiple of 512",
                "volume create v lots | 2 | not a size",
                "volume create ../v 1GiB | 2 | not a volume name",
                "volume create v 1GiB --compression rar | 2 | not a compression",
                "volume create v | 2 | SIZE is missing; it takes NAME SIZE",
                "volume resize v | 2 | SIZE is missing; it takes NAME SIZE",
                "volume resize v 1000 | 2 | multiple of 512",
                "volume resize nobody 1GiB | 4 | there is no volume nobody",
                "volume set vol1 | 2 | nothing to set: durability, compression or both",
                "volume set vol1 --durability maybe | 2 | maybe",
                "volume set vol1 --compression rar | 2 | not a compression",
                "volume set nobody --durability object | 4 | there is no volume nobody",
                "volume lsit | 2 | did you mean list?",
                "volume list --enpoint x | 2 | did you mean --endpoint?",
                "volume list -o yaml | 2 | --output takes table or json, not \"yaml\"",
                "volume info a/b | 2 | not a volume name",
                "volume info nobody | 4 | there is no volume nobody",
                "volume create vol1 1GiB | 4 | there is a volume vol1",
                "inspect segment vol1 seven | 2 | seven",
                "inspect segment vol1 -7 | 2 | -7",
                "inspect lba vol1 100 | 2 | multiples of 512",
                "volume list --endpoint ftp://x | 2 | write it as http",
            })
    void aMistakeIsTwoLinesAndItsExitCode(String command, int exitCode, String reason) {
        volumes.put("vol1", VolumeState.ONLINE, null);
        Run run = lsmctl(command.split(" ", -1));
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(run.exitCode()).isEqualTo(exitCode);
    }

    @Test
    void withoutADaemonItSaysHowToStartOne() {
        server.close();
        Run run = lsmctl("status");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("no lsmbd answers at http://127.0.0.1:", "lsmbd dev");
    }

    @Test
    void aDaemonThatIsStillStartingIsUnreachable() throws IOException {
        server.close();
        server =
                AdminServer.open(
                        new AdminConfig(new ListenAddress("127.0.0.1", 0), List.of(), 64),
                        new SystemEnvironment((_, failure) -> failure.printStackTrace()),
                        List::of,
                        () -> "");
        Run run = lsmctl("volume", "list");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("still starting");
    }

    @Test
    void theEndpointOptionWinsOverTheVariable() {
        String right = "http://127.0.0.1:" + server.address().getPort();
        Map<String, String> wrong = Map.of("LSMCTL_ENDPOINT", "http://127.0.0.1:1");
        assertThat(run(wrong, "volume", "list").exitCode()).isEqualTo(3);
        assertThat(run(wrong, "--endpoint", right, "volume", "list").exitCode()).isZero();
        assertThat(run(wrong, "volume", "list", "--endpoint", right).exitCode()).isZero();
    }

    @Test
    void helpTeachesAndNamesTheExitCodes() {
        Run run = lsmctl("--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("lsmctl volume create vol1 10GiB", "Exit codes:", "6  ");
        assertThat(lsmctl("volume", "create", "--help").out()).contains("Such as 10GiB");
    }

    @Test
    void completionIsAScript() {
        assertThat(lsmctl("completion", "bash").out())
                .contains("lsmctl", "accept-loss", "--wal-dir");
        assertThat(lsmctl("completion", "zsh").out()).startsWith("autoload");
        assertThat(lsmctl("completion", "fish").exitCode()).isEqualTo(2);
    }

    @Test
    void theVersionIsPrinted() {
        assertThat(lsmctl("version").out()).startsWith("lsmctl ").isEqualTo(lsmctl("-V").out());
    }
}
