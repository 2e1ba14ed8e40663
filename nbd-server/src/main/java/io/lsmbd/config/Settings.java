package io.lsmbd.config;

import io.lsmbd.model.DataSize;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a config record reads its fields from. Each method names a key, the default as a user would
 * write it, and its help; it returns the value that was given, else the default, and remembers all
 * of it for {@link #resolved}. One thread.
 */
public final class Settings {
    private static final String AUTO = "auto";

    private final Map<String, Given> given;
    private final Map<String, Resolved> resolved = new LinkedHashMap<>();

    public Settings(Map<String, Given> given) {
        this.given = Map.copyOf(given);
    }

    /** A value that its text does not make sense for; the message names key and origin. */
    static final class BadValueException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadValueException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    public String text(String key, String fallback, String help) {
        return value(new Setting(key, "text", fallback, help), Function.identity());
    }

    public DataSize size(String key, String fallback, String help) {
        return value(new Setting(key, "size", fallback, help), DataSize::parse);
    }

    public Duration duration(String key, String fallback, String help) {
        return value(new Setting(key, "duration", fallback, help), Durations::parse);
    }

    public int integer(String key, String fallback, String help) {
        return value(new Setting(key, "integer", fallback, help), Settings::parseInteger);
    }

    /** Empty for {@code auto}, the default; what comes of it is told to {@link #derived}. */
    public Optional<DataSize> sizeOrAuto(String key, String help) {
        return value(new Setting(key, "size", AUTO, help), orAuto(DataSize::parse));
    }

    /** Like {@link #sizeOrAuto}. */
    public Optional<Integer> integerOrAuto(String key, String help) {
        return value(new Setting(key, "integer", AUTO, help), orAuto(Settings::parseInteger));
    }

    private static <T> Function<String, Optional<T>> orAuto(Function<String, T> parse) {
        return text ->
                text.strip().equals(AUTO) ? Optional.empty() : Optional.of(parse.apply(text));
    }

    /** A key that was {@code auto} became {@code value}, because of the keys {@code from}. */
    public void derived(String key, Object value, String from) {
        resolved.computeIfPresent(
                key,
                (_, auto) ->
                        new Resolved(
                                auto.setting(),
                                new Given(value.toString(), new Origin.Derived(from))));
    }

    /** Elements without the blanks around them; an empty text is an empty list. */
    public <T> List<T> list(
            String key, String fallback, String help, Function<String, T> parseElement) {
        return value(
                new Setting(key, "list", fallback, help),
                text -> parseList(text).stream().map(parseElement).toList());
    }

    /** One of an enum's constants, written in lower case with '-' for '_'. */
    public <E extends Enum<E>> E choice(String key, E[] choices, String fallback, String help) {
        String words = Arrays.stream(choices).map(Settings::word).collect(Collectors.joining("|"));
        return value(
                new Setting(key, words, fallback, help), text -> parseChoice(text, choices, words));
    }

    /** Anything else; {@code parse} throws IllegalArgumentException for what it cannot read. */
    public <T> T value(Setting setting, Function<String, T> parse) {
        Given value =
                given.getOrDefault(
                        setting.key(), new Given(setting.defaultText(), new Origin.Default()));
        if (resolved.put(setting.key(), new Resolved(setting, value)) != null) {
            throw new IllegalStateException("key read twice: " + setting.key());
        }
        try {
            return parse.apply(value.text());
        } catch (IllegalArgumentException e) {
            String origin = value.origin().toString();
            String where = origin.endsWith(setting.key()) ? origin : origin + ": " + setting.key();
            throw new BadValueException("%s: %s".formatted(where, e.getMessage()), e);
        }
    }

    /** Everything that was read, in the order of reading. */
    public List<Resolved> resolved() {
        return List.copyOf(resolved.values());
    }

    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static int parseInteger(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a whole number: \"%s\"".formatted(text), e);
        }
    }

    private static List<String> parseList(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    private static <E extends Enum<E>> E parseChoice(String text, E[] choices, String words) {
        for (E choice : choices) {
            if (word(choice).equals(text.strip())) {
                return choice;
            }
        }
        throw new IllegalArgumentException(
                "\"%s\" is not one of %s".formatted(text, words.replace("|", ", ")));
    }
}
