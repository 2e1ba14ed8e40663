package io.lsmbd.admin.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** A compression as people write it: {@code none}, {@code lz4}, {@code zstd}, {@code zstd:7}. */
public record CompressionText(@JsonValue String value) {
    private static final Pattern LEGAL = Pattern.compile("none|lz4|zstd(:([1-9]|1[0-9]))?");

    @JsonCreator
    public CompressionText {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "not a compression: \"%s\" (none, lz4, zstd, zstd:1 to zstd:19)"
                            .formatted(value));
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
