package io.lsmbd.model;

import java.util.regex.Pattern;

/**
 * What people call a volume; also its NBD export name. 1 to 128 characters out of letters, digits,
 * '.', '_' and '-', beginning with a letter or digit, so that it is a legal object key part, file
 * name and URL path as it stands.
 */
public record VolumeName(String value) implements Comparable<VolumeName> {
    private static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    public VolumeName {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    ("not a volume name: \"%s\" (letters, digits, '.', '_', '-'; at most 128;"
                                    + " first a letter or digit)")
                            .formatted(value.length() > 200 ? value.substring(0, 200) : value));
        }
    }

    public static boolean isLegal(String text) {
        return LEGAL.matcher(text).matches();
    }

    @Override
    public int compareTo(VolumeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
