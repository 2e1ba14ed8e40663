package io.lsmbd.write;

import io.lsmbd.segment.Codec;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a volume's frames are compressed: {@code none}, {@code lz4}, {@code zstd} or {@code zstd:N}.
 */
public record Compression(Codec codec, int level) {
    private static final Pattern TEXT = Pattern.compile("(none|lz4|zstd)(?::([0-9]{1,2}))?");
    private static final int STANDARD_ZSTD = 3;
    private static final int MAX_ZSTD = 19;

    public static Compression parse(String text) {
        Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw refused(text);
        }
        Codec codec = Codec.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        String level = matcher.group(2);
        return switch (codec) {
            case NONE, LZ4 -> {
                if (level != null) {
                    throw refused(text);
                }
                yield new Compression(codec, 0);
            }
            case ZSTD -> {
                int number = level == null ? STANDARD_ZSTD : Integer.parseInt(level);
                if (number < 1 || number > MAX_ZSTD) {
                    throw refused(text);
                }
                yield new Compression(codec, number);
            }
        };
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "no such compression: \"%s\" (none, lz4, zstd, zstd:1 to zstd:%d)"
                        .formatted(text, MAX_ZSTD));
    }
}
