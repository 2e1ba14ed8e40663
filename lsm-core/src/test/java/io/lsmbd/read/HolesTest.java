package io.lsmbd.read;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HolesTest {
    private static List<String> text(Holes holes) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < holes.count(); i++) {
            runs.add(holes.start(i) + "-" + holes.end(i));
        }
        return runs;
    }

    @Test
    void neighboursAreJoinedAndShortRunsLeftOut() {
        Holes holes = new Holes(1000);
        holes.begin(0);
        holes.add(0, 999);
        holes.add(2000, 400);
        assertThat(text(holes)).isEmpty();
        holes.add(2400, 600);
        assertThat(text(holes)).containsExactly("2000-3000");
        holes.add(5000, 10);
        holes.add(6000, 0);
        for (int i = 1; i <= 20; i++) {
            holes.add(i * 10_000, 1000);
        }
        assertThat(text(holes)).hasSize(21).startsWith("2000-3000", "10000-11000");
        assertThat(text(holes)).endsWith("200000-201000");
    }

    @Test
    void countFromTheReadsStartAndBeginAnew() {
        Holes holes = new Holes(1);
        holes.begin(28);
        holes.add(28, 512);
        holes.add(1052, 512);
        assertThat(text(holes)).containsExactly("0-512", "1024-1536");
        holes.begin(40);
        assertThat(text(holes)).isEmpty();
        holes.add(1576, 4);
        assertThat(text(holes)).containsExactly("1536-1540");
    }

    @Test
    void areNotRememberedWhereUnwanted() {
        Holes holes = Holes.unwanted();
        holes.begin(0);
        holes.add(0, 1 << 30);
        holes.add((1 << 30) + 1, 5);
        assertThat(holes.count()).isZero();
        // Any number of threads use it at once.
        assertThat(holes).hasFieldOrPropertyWithValue("size", 0);
        holes.begin(77);
        assertThat(holes).hasFieldOrPropertyWithValue("base", 0);
    }
}
