package io.lsmbd.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it: {@code 512}, {@code 4KiB}, {@code 1.5 GiB}, {@code 10G}.
 * Units K, M, G, T, P, E are powers of 1024 with or without "iB"; KB, MB, ... are powers of 1000.
 * What {@link #toString} prints, {@link #parse} reads.
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern TEXT =
            Pattern.compile(
                    "([0-9]+(?:\\.[0-9]+)?) ?(?:([KMGTPE])(iB|B)?|B)?", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "KMGTPE";

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

    /**
     * A fraction that is no whole number of bytes is rounded up to whole sectors: whoever writes
     * 3.2GiB does not mean it to the byte.
     *
     * @throws IllegalArgumentException if it is no size
     */
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
        BigDecimal exact = number.multiply(unit);
        boolean isWhole = exact.stripTrailingZeros().scale() <= 0;
        if (!isWhole && matcher.group(2) == null) {
            throw new IllegalArgumentException(
                    "not a whole number of bytes: \"%s\"".formatted(text));
        }
        BigDecimal bytes = isWhole ? exact : wholeSectors(exact);
        try {
            return new DataSize(bytes.longValueExact());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("not below 2^63 bytes: \"%s\"".formatted(text), e);
        }
    }

    private static BigDecimal wholeSectors(BigDecimal bytes) {
        BigDecimal sector = BigDecimal.valueOf(Sectors.BYTES);
        return bytes.divide(sector, 0, RoundingMode.CEILING).multiply(sector);
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** {@code 512 B}, {@code 10 GiB}, {@code 3.2 GiB}: one decimal where it is not exact. */
    @Override
    public String toString() {
        double value = bytes;
        int power = 0;
        while (power < UNITS.length() && Math.round(10 * value) >= 10 * 1024) {
            value /= 1024;
            power++;
        }
        String unit = power == 0 ? "B" : UNITS.charAt(power - 1) + "iB";
        String format = value == Math.rint(value) ? "%.0f %s" : "%.1f %s";
        return String.format(Locale.ROOT, format, value, unit);
    }
}
