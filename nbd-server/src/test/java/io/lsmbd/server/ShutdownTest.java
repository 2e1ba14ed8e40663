package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownTest {
    private final List<String> closed = new ArrayList<>();

    @Test
    void partsAreClosedInReverseOrderOnce() {
        var shutdown = new Shutdown();
        shutdown.add("first", () -> closed.add("first"));
        shutdown.add("second", () -> closed.add("second"));
        shutdown.close();
        shutdown.close();
        assertThat(closed).containsExactly("second", "first");
        assertThat(shutdown.isClean()).isTrue();
    }

    @Test
    void aFailureKeepsNoOtherPartOpen() {
        var shutdown = new Shutdown();
        shutdown.add("first", () -> closed.add("first"));
        shutdown.add(
                "second",
                () -> {
                    throw new IOException("disk full");
                });
        shutdown.close();
        assertThat(closed).containsExactly("first");
        assertThat(shutdown.isClean()).isFalse();
    }
}
