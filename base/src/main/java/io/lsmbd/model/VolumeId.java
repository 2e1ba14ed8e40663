package io.lsmbd.model;

/**
 * A volume's identity for ever: 64 random bits, chosen at creation, never reused. Its text form, in
 * object keys and messages, is 16 lower-case hexadecimal digits.
 */
public record VolumeId(long value) implements Comparable<VolumeId> {
    private static final int DIGITS = 16;

    public static VolumeId parse(String text) {
        if (text.length() != DIGITS || !text.chars().allMatch(VolumeId::isLowerHex)) {
            throw new IllegalArgumentException(
                    "not a volume id (16 lower-case hexadecimal digits): \"" + text + '"');
        }
        return new VolumeId(Long.parseUnsignedLong(text, 16));
    }

    private static boolean isLowerHex(int c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    @Override
    public int compareTo(VolumeId other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return "%016x".formatted(value);
    }
}
