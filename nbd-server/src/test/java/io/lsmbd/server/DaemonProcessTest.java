package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The daemon as a process of its own: signals and exit codes. */
@Timeout(120)
class DaemonProcessTest {
    @TempDir Path folder;

    private Process lsmbd(String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
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
                .contains("stopping signal=SIGTERM")
                .doesNotContain("ERROR");
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
