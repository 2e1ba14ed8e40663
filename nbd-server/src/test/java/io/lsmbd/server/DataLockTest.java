package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataLockTest {
    @TempDir Path folder;

    @Test
    void theDirectoryIsMadeAndTheOwnerNamed() throws StartException, IOException {
        Path data = folder.resolve("a/b");
        try (DataLock _ = DataLock.take(data)) {
            assertThat(Files.readString(data.resolve("lock")).strip())
                    .isEqualTo(Long.toString(ProcessHandle.current().pid()));
        }
    }

    @Test
    void aSecondDaemonIsToldWhoHasIt() throws StartException, IOException {
        try (DataLock _ = DataLock.take(folder)) {
            assertThatThrownBy(() -> DataLock.take(folder))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("in use by another lsmbd (process ")
                    .hasMessageContaining("--data-dir");
        }
    }

    @Test
    void aLockThatWasLeftIsFree() throws StartException, IOException {
        DataLock.take(folder).close();
        DataLock.take(folder).close();
    }

    @Test
    void aFileInTheWayIsAClearError() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> DataLock.take(file))
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("cannot use data.dir");
    }
}
