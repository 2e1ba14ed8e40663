package io.lsmbd.ctl;

import io.lsmbd.model.DataSize;
import java.util.Locale;

/** Figures as people read them. */
final class Units {
    private Units() {}

    /** As {@link DataSize} prints it: {@code 512 B}, {@code 3.2 GiB}, {@code 10 GiB}. */
    static String bytes(long bytes) {
        return new DataSize(bytes).toString();
    }

    /** {@code 0.8 s}, {@code 1m 30s}, {@code 2d 4h}: two units at most. */
    static String age(long millis) {
        long seconds = millis / 1000;
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        if (seconds < 3600) {
            return seconds / 60 + "m " + seconds % 60 + "s";
        }
        long hours = seconds / 3600;
        return hours < 24
                ? hours + "h " + seconds / 60 % 60 + "m"
                : hours / 24 + "d " + hours % 24 + "h";
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 client connection}, {@code 2 client connections}. */
    static String count(long number, String thing) {
        return count(number) + " " + thing + (number == 1 ? "" : "s");
    }

    static String percent(long part, long whole) {
        return whole == 0 ? "-" : String.format(Locale.ROOT, "%.0f %%", 100.0 * part / whole);
    }
}
