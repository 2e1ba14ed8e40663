package io.lsmbd.model;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 512}, {@code 4KiB}, {@code 1.5GiB}, {@code 10G}.
 * Units K, M, G, T, P are powers of 1024 with or without "iB"; KB, MB, ... are powers of 1000.
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern TEXT =
            Pattern.compile(
                    "([0-9]+(?:\\.[0-9]+)?) ?(?:([KMGTP])(iB|B)?|B)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGTP";

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size cannot be negative: " + bytes);
        }
    }

    public static DataSize ofMebibytes(long mebibytes) {
        return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
    }

    public static DataSize ofGibibytes(long gibibytes) {
        return new DataSize(Math.multiplyExact(gibibytes, 1L << 30));
    }

    public static DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a size: \"%s\" (write it as 512, 4KiB, 10GiB)".formatted(text));
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        BigDecimal unit = BigDecimal.ONE;
        if (matcher.group(2) != null) {
            int power = UNITS.indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
            boolean decimal = "B".equalsIgnoreCase(matcher.group(3));
            unit = BigDecimal.valueOf(decimal ? 1000 : 1024).pow(power);
        }
        try {
            return new DataSize(number.multiply(unit).longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "not a whole number of bytes below 2^63: \"%s\"".formatted(text), e);
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact or two-digit form with binary units: {@code 10GiB}, {@code 1.50MiB}. */
    @Override
    public String toString() {
        int power = bytes == 0 ? 0 : (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        if (power == 0) {
            return bytes + "B";
        }
        String unit = UNITS.charAt(Math.min(power, UNITS.length()) - 1) + "iB";
        long one = 1L << (10 * Math.min(power, UNITS.length()));
        return bytes % one == 0
                ? bytes / one + unit
                : String.format(Locale.ROOT, "%.2f%s", (double) bytes / one, unit);
    }
}
