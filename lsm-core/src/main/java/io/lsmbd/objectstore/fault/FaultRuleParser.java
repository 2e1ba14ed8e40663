package io.lsmbd.objectstore.fault;

import io.lsmbd.objectstore.ObjectKey.Area;
import io.lsmbd.objectstore.fault.FaultPlan.Operation;
import io.lsmbd.objectstore.fault.FaultRule.Source;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One rule from its text. What was understood leaves {@code given}: nothing may be left. */
final class FaultRuleParser {
    private static final long MOST_MILLIS = Duration.ofDays(1).toMillis();
    private static final long MOST_KIB = 1L << 30;
    private static final String FAULTS =
            "latency, late-reply, bandwidth, hang, lost-request, lost-reply, late-put, slow-down,"
                    + " unavailable, conflict, refused-condition, met-itself, bit-flip,"
                    + " short-body, stale-list";

    private final String text;
    private final String fault;
    private final Map<String, String> given = new LinkedHashMap<>();

    FaultRuleParser(String text) {
        this.text = text.strip();
        String[] words = this.text.split("\\s+");
        this.fault = words[0];
        for (String word : Arrays.asList(words).subList(1, words.length)) {
            int equals = word.indexOf('=');
            if (equals < 1 || equals == word.length() - 1) {
                throw refused("\"%s\" is not name=value".formatted(word));
            }
            String name = word.substring(0, equals);
            if (given.put(name, word.substring(equals + 1)) != null) {
                throw refused(name + " is given twice");
            }
        }
    }

    private IllegalArgumentException refused(String problem) {
        return new IllegalArgumentException("fault \"%s\": %s".formatted(text, problem));
    }

    FaultRule rule() {
        Source source = source();
        FaultRule.Target target = new FaultRule.Target(operations(), prefix(), area());
        FaultRule rule = new FaultRule(text, source, target, probability(), storms());
        if (!given.isEmpty()) {
            throw refused("%s has no %s=".formatted(fault, given.keySet().iterator().next()));
        }
        return rule;
    }

    private Source source() {
        return switch (fault) {
            case "latency" -> latency(millis("ms"), millisOrNone("jitter-ms"));
            case "late-reply" -> Source.of(new Fault.LateReply(Duration.ofMillis(millis("ms"))));
            case "bandwidth" ->
                    Source.of(new Fault.SlowBody(number("kib-per-second", MOST_KIB) << 10));
            case "hang" -> Source.of(new Fault.Silence(Duration.ofMillis(millis("ms"))));
            case "lost-request" -> Source.of(new Fault.LostRequest());
            case "lost-reply" -> Source.of(new Fault.LostReply());
            case "late-put" -> Source.of(new Fault.LatePutAfter(Duration.ofMillis(millis("ms"))));
            case "slow-down" -> Source.of(new Fault.SlowDown());
            case "unavailable" -> Source.of(new Fault.Unavailable());
            case "conflict" -> Source.of(new Fault.Conflict());
            case "refused-condition" -> Source.of(new Fault.RefusedCondition());
            case "met-itself" -> Source.of(new Fault.MetItself());
            case "bit-flip" -> random -> new Fault.FlippedBit(random.nextLong());
            case "short-body" -> Source.of(new Fault.ShortBody((int) number("bytes", 1L << 30)));
            case "stale-list" -> Source.of(new Fault.StaleList((int) number("keys", 1000)));
            default -> throw refused("there is no such fault; there are " + FAULTS);
        };
    }

    private static Source latency(long millis, long jitterMillis) {
        return random ->
                new Fault.Delay(Duration.ofMillis(millis + random.nextLong(jitterMillis + 1)));
    }

    private Set<Operation> operations() {
        @Nullable String words = given.remove("op");
        if (words == null) {
            return EnumSet.allOf(Operation.class);
        }
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        for (String word : words.split("\\+", -1)) {
            operations.add(constant("op", word, Operation.values()));
        }
        return operations;
    }

    private String prefix() {
        @Nullable String prefix = given.remove("prefix");
        return prefix == null ? "" : prefix;
    }

    private Optional<Area> area() {
        return Optional.ofNullable(given.remove("area"))
                .map(word -> constant("area", word, Area.values()));
    }

    private <E extends Enum<E>> E constant(String name, String word, E[] all) {
        for (E one : all) {
            if (one.name().toLowerCase(Locale.ROOT).equals(word)) {
                return one;
            }
        }
        String words =
                Arrays.stream(all)
                        .map(one -> one.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
        throw refused("%s=%s is not one of %s".formatted(name, word, words));
    }

    private double probability() {
        @Nullable String word = given.remove("p");
        if (word == null) {
            return 1;
        }
        double probability;
        try {
            probability = Double.parseDouble(word);
        } catch (NumberFormatException _) {
            throw refused("p=%s is not a number".formatted(word));
        }
        if (!(probability > 0 && probability <= 1)) {
            throw refused("p is more than 0 and at most 1, not " + word);
        }
        return probability;
    }

    private Optional<FaultRule.Storms> storms() {
        if (!given.containsKey("every-ms") && !given.containsKey("lasting-ms")) {
            return Optional.empty();
        }
        long every = millis("every-ms");
        long lasting = millis("lasting-ms");
        if (lasting > every) {
            throw refused("lasting-ms is at most every-ms");
        }
        return Optional.of(
                new FaultRule.Storms(Duration.ofMillis(every), Duration.ofMillis(lasting)));
    }

    private long millisOrNone(String name) {
        return given.containsKey(name) ? millis(name) : 0;
    }

    private long millis(String name) {
        return number(name, MOST_MILLIS);
    }

    /** 1 to {@code most}. */
    private long number(String name, long most) {
        @Nullable String word = given.remove(name);
        if (word == null) {
            throw refused("%s needs %s=".formatted(fault, name));
        }
        try {
            long number = Long.parseLong(word);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below, like a number out of range.
        }
        throw refused("%s is a whole number from 1 to %d, not %s".formatted(name, most, word));
    }
}
