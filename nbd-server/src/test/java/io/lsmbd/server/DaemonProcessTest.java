package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own: signals and exit codes. */
@Timeout(120)
class DaemonProcessTest {
    @TempDir Path folder;

    private Process lsmbd(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // Who is started in the background is deaf to SIGINT, and so are its children.
        command.addAll(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:TieredStopAtLevel=1");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
    }

    private Process dev() throws IOException {
        return lsmbd(
                "dev",
                "--upload.max-age=1h",
                "--nbd.listen=127.0.0.1:0",
                "--admin.listen=127.0.0.1:0",
                "--wal.file-size=16MiB",
                "--cache.disk-size=0");
    }

    private String readyText(Process process) throws IOException {
        var text = new StringBuilder();
        BufferedReader out = process.inputReader();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            text.append(line).append('\n');
            if (line.startsWith("Every reply")) {
                return text.toString();
            }
        }
        throw new IOException("not ready: " + Files.readString(folder.resolve("err")));
    }

    @Test
    void sigtermStopsItCleanlyAndItStartsAgain() throws IOException, InterruptedException {
        for (int life = 0; life < 2; life++) {
            Process process = dev();
            try {
                assertThat(readyText(process)).contains("volume   vol1  10 GiB  online");
                process.destroy();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).isZero();
                assertThat(folder.resolve("lsmbd-data/wal")).isDirectory();
            } finally {
                process.destroyForcibly();
            }
        }
        assertThat(Files.readString(folder.resolve("err")))
                .contains("signal=SIGTERM")
                .doesNotContain("ERROR");
    }

    private static DiskClient clientOf(String readyText) throws IOException {
        Matcher uri = Pattern.compile("nbd://127.0.0.1:([0-9]+)/vol1").matcher(readyText);
        assertThat(uri.find()).isTrue();
        int port = Integer.parseInt(uri.group(1));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        return new DiskClient(address, "vol1");
    }

    private static void interrupt(Process process) throws IOException, InterruptedException {
        String pid = Long.toString(process.pid());
        assertThat(new ProcessBuilder("kill", "-INT", pid).start().waitFor()).isZero();
    }

    @Test
    void sigintUploadsAndDetachesAndTellsHowFarItIs() throws IOException, InterruptedException {
        Process process = dev();
        try (DiskClient client = clientOf(readyText(process))) {
            client.write(0, new byte[1 << 20]);
            interrupt(process);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(folder.resolve("err")))
                .containsSubsequence(
                        "stopping, a second signal stops at once signal=SIGINT",
                        "still to do clients=1 unuploaded=1",
                        "volume detached volume=vol1",
                        "stopped millis=");
    }

    @Test
    void aSecondSigintGivesUpTheUploadAndLosesNothing() throws IOException, InterruptedException {
        byte[] written = new byte[1 << 20];
        Arrays.fill(written, (byte) 7);
        Path store = folder.resolve("lsmbd-data/store");
        Process process = dev();
        try (DiskClient client = clientOf(readyText(process))) {
            client.write(4096, written);
            Files.move(store, folder.resolve("away"));
            Files.writeString(store, "a file where a folder should be");
            interrupt(process);
            assertThat(client.isAtEnd()).isTrue();
            awaitInLog(process, "the object store has failed for");
            interrupt(process);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(130);
        } finally {
            process.destroyForcibly();
        }
        Files.delete(store);
        Files.move(folder.resolve("away"), store);
        Process next = dev();
        try (DiskClient client = clientOf(readyText(next))) {
            assertThat(client.read(4096, written.length)).isEqualTo(written);
        } finally {
            next.destroyForcibly();
        }
    }

    private void awaitInLog(Process process, String text) throws IOException {
        while (!Files.readString(folder.resolve("err")).contains(text)) {
            assertThat(process.isAlive()).isTrue();
            Thread.onSpinWait();
        }
    }

    @Test
    void aMistakeInTheConfigurationIsExitCode2() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("my.toml"), "[wal]\nbuget = 1\n");
        Process process = lsmbd("run", "--config", "my.toml");
        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(Files.readString(folder.resolve("err")))
                .isEqualTo(
                        "lsmbd: my.toml:2: unknown key \"wal.buget\";"
                                + " did you mean \"wal.budget\"?\n");
    }
}
