package io.lsmbd.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.objectstore.ObjectKey;
import io.lsmbd.objectstore.ObjectStore;
import io.lsmbd.objectstore.PutCondition;
import io.lsmbd.objectstore.PutOutcome;
import io.lsmbd.objectstore.file.FileObjectStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two other processes and this one on one folder. */
class FileObjectStoreProcessesTest {
    private static final int PROCESSES = 2;

    @TempDir private Path folder;

    @Test
    void processesShareAFolderSafelyAndTheirRemainsAreRemoved()
            throws IOException, InterruptedException {
        ObjectStore store = FileObjectStore.open(folder, () -> 1_000);
        ByteBuffer zero = ByteBuffer.wrap("0".getBytes(UTF_8));
        assertThat(store.put(StoreRacer.COUNTER, List.of(zero), new PutCondition.IfAbsent()))
                .isInstanceOf(PutOutcome.Stored.class);
        List<Process> processes = new ArrayList<>();
        try {
            for (int i = 0; i < PROCESSES; i++) {
                processes.add(start("racer-" + i));
            }
            race(store, processes);
            assertThat(sessions()).hasSize(1 + PROCESSES);
        } finally {
            for (Process process : processes) {
                process.destroyForcibly().waitFor();
            }
        }
        assertThat(sessions()).hasSize(1 + PROCESSES);
        FileObjectStore.open(folder, () -> 1_000).close();
        assertThat(sessions()).hasSize(1);
        store.close();
        assertThat(sessions()).isEmpty();
    }

    private void race(ObjectStore store, List<Process> processes) throws IOException {
        List<BufferedReader> answers = new ArrayList<>();
        for (Process process : processes) {
            BufferedReader answer = process.inputReader(UTF_8);
            assertThat(answer.readLine()).isEqualTo("ready");
            answers.add(answer);
        }
        for (Process process : processes) {
            process.getOutputStream().write('!');
            process.getOutputStream().flush();
        }
        int created = 0;
        for (BufferedReader answer : answers) {
            String line = answer.readLine();
            assertThat(line).startsWith("created ");
            created += Integer.parseInt(line.split(" ", -1)[1]);
        }
        assertThat(created).isEqualTo(StoreRacer.OBJECTS);
        for (int i = 0; i < StoreRacer.OBJECTS; i++) {
            byte[] bytes = store.get(new ObjectKey("race/" + i)).bytes();
            assertThat(new String(bytes, UTF_8)).startsWith("racer-");
        }
        int sum = PROCESSES * StoreRacer.ADDITIONS;
        assertThat(new String(store.get(StoreRacer.COUNTER).bytes(), UTF_8))
                .isEqualTo(Integer.toString(sum));
    }

    private Process start(String name) throws IOException {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-ea",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreRacer.class.getName(),
                        folder.toString(),
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private List<Path> sessions() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve(".lsmbd/session"))) {
            return all.toList();
        }
    }
}
