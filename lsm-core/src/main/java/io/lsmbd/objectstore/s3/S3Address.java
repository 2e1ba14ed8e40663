package io.lsmbd.objectstore.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a store is and how to talk to it, as in {@code
 * s3://bucket/prefix?endpoint=https://host:9000&region=eu-central-1}. Credentials are never part of
 * it: they come from the usual AWS chain, of which {@code profile} may name an entry.
 *
 * @param bucket the bucket's name
 * @param prefix before every key: empty, or ending with a slash
 * @param endpoint whose S3 it is; AWS if empty
 * @param region of the bucket; that of the AWS chain if empty
 * @param profile of the AWS configuration files, for region and credentials
 * @param pathStyle whether the bucket is part of the path instead of the host
 * @param checksums when objects are sent and checked with S3's own checksums
 * @param upload what is asked for with every object that is stored
 * @param expectedOwner the account that the bucket has to belong to
 * @param requesterPays whether the caller pays for requests
 * @param requestTimeout of one attempt of a request, from its first byte to its last
 * @param connections the most at a time
 */
public record S3Address(
        String bucket,
        String prefix,
        Optional<URI> endpoint,
        Optional<String> region,
        Optional<String> profile,
        PathStyle pathStyle,
        Checksums checksums,
        Upload upload,
        Optional<String> expectedOwner,
        boolean requesterPays,
        Duration requestTimeout,
        int connections) {

    /** How the bucket is named in requests. */
    public enum PathStyle {
        /** In the path for every endpoint but AWS: few others have a DNS name for each bucket. */
        AUTO,
        ON,
        OFF
    }

    /** Which requests carry S3's checksums. Segments have checksums of their own, always. */
    public enum Checksums {
        /** As {@code when-supported}. */
        AUTO,
        /** Objects are stored with a CRC32C that the server compares, and are checked when read. */
        WHEN_SUPPORTED,
        /** None but where S3 demands it; for servers that know no checksums but MD5. */
        WHEN_REQUIRED
    }

    /**
     * What is asked for with every object.
     *
     * @param storageClass as S3 names it: {@code STANDARD}
     * @param encryption {@code AES256} or {@code aws:kms}, by the server
     * @param kmsKey for the latter, if not the account's own
     */
    public record Upload(
            Optional<String> storageClass, Optional<String> encryption, Optional<String> kmsKey) {}

    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,253}");
    private static final Pattern PREFIX =
            Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*)?");
    private static final int LONGEST_PREFIX = 500;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);
    private static final int CONNECTIONS = 64;
    private static final int MOST_CONNECTIONS = 1024;

    /** Keys of the options, taken away as they are read, so that what is left is unknown. */
    private record Options(Map<String, String> left, Set<String> known) {
        Optional<String> text(String name) {
            known.add(name);
            return Optional.ofNullable(left.remove(name));
        }

        boolean isOn(String name) {
            return choice(Switch.class, name, Switch.OFF) == Switch.ON;
        }

        <E extends Enum<E>> E choice(Class<E> type, String name, E normal) {
            Optional<String> text = text(name);
            if (text.isEmpty()) {
                return normal;
            }
            for (E value : type.getEnumConstants()) {
                if (spelled(value).equals(text.get())) {
                    return value;
                }
            }
            Set<String> choices = new TreeSet<>();
            for (E value : type.getEnumConstants()) {
                choices.add(spelled(value));
            }
            throw new IllegalArgumentException(
                    "%s is one of %s, not \"%s\""
                            .formatted(name, String.join(", ", choices), text.get()));
        }

        private static String spelled(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        int number(String name, int normal, int most) {
            String text = text(name).orElse(Integer.toString(normal));
            if (!text.matches("[0-9]{1,9}")
                    || Integer.parseInt(text) < 1
                    || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException(
                        "%s is a number from 1 to %d, not \"%s\"".formatted(name, most, text));
            }
            return Integer.parseInt(text);
        }

        void refuseRest() {
            if (!left.isEmpty()) {
                throw new IllegalArgumentException(
                        "unknown option \"%s\"; there are %s"
                                .formatted(
                                        left.keySet().iterator().next(),
                                        String.join(", ", new TreeSet<>(known))));
            }
        }
    }

    private enum Switch {
        ON,
        OFF
    }

    /** Server-side encryption as it is spelled in an address. */
    private enum Encryption {
        NONE(null),
        S3("AES256"),
        KMS("aws:kms");

        private final @Nullable String name;

        Encryption(@Nullable String name) {
            this.name = name;
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException saying what is wrong with it, without repeating a secret
     */
    public static S3Address parse(String text) {
        refuseKeys(text);
        URI uri = uri(text);
        String bucket = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "no bucket's name: \"%s\" (write s3://bucket/prefix)".formatted(bucket));
        }
        Options options = new Options(query(uri), new TreeSet<>());
        S3Address address =
                new S3Address(
                        bucket,
                        prefix(uri.getRawPath()),
                        options.text("endpoint").map(S3Address::endpoint),
                        options.text("region"),
                        options.text("profile"),
                        options.choice(PathStyle.class, "path-style", PathStyle.AUTO),
                        options.choice(Checksums.class, "checksums", Checksums.AUTO),
                        upload(options),
                        options.text("expected-owner"),
                        options.isOn("requester-pays"),
                        Duration.ofSeconds(
                                options.number(
                                        "timeout-seconds",
                                        (int) REQUEST_TIMEOUT.toSeconds(),
                                        3600)),
                        options.number("connections", CONNECTIONS, MOST_CONNECTIONS));
        options.refuseRest();
        return address;
    }

    /**
     * A secret key may have a slash, so the parser alone does not find one. Nothing is repeated.
     */
    private static void refuseKeys(String text) {
        int query = text.indexOf('?');
        if (text.substring(0, query < 0 ? text.length() : query).contains("@")) {
            throw new IllegalArgumentException(
                    "no keys in the address: they come from the environment, ~/.aws or the host's"
                            + " role, as for other AWS tools");
        }
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(text);
            if ("s3".equals(uri.getScheme()) && uri.getRawFragment() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Without its cause, which repeats all of the text.
            throw new IllegalArgumentException("not an S3 address: " + e.getReason());
        }
        throw new IllegalArgumentException("not an S3 address (write s3://bucket/prefix)");
    }

    private static String prefix(String path) {
        String prefix = path.replaceAll("^/|/$", "");
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "the prefix \"%s\" has other characters than letters, digits, . _ - and /"
                            .formatted(prefix));
        }
        if (prefix.length() > LONGEST_PREFIX) {
            throw new IllegalArgumentException(
                    "the prefix has more than %d characters".formatted(LONGEST_PREFIX));
        }
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> options = new LinkedHashMap<>();
        if (uri.getRawQuery() == null) {
            return options;
        }
        for (String option : uri.getRawQuery().split("&", -1)) {
            String[] parts = option.split("=", 2);
            if (parts.length < 2 || parts[1].isEmpty()) {
                throw new IllegalArgumentException(
                        "an option without value (write name=value, joined by &)");
            }
            // A plus is a plus: forms alone mean a space by it.
            String value = URLDecoder.decode(parts[1].replace("+", "%2B"), StandardCharsets.UTF_8);
            if (options.put(parts[0], value) != null) {
                throw new IllegalArgumentException(
                        "option \"%s\" is there twice".formatted(parts[0]));
            }
        }
        return options;
    }

    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean isBare = uri.getRawUserInfo() == null && uri.getRawQuery() == null;
            if (isHttp && isBare && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Not as the cause: it repeats the text, which may have a secret in it.
            throw new IllegalArgumentException(
                    "endpoint is https://host[:port] or http://host[:port]: " + e.getReason());
        }
        throw new IllegalArgumentException("endpoint is https://host[:port] or http://host[:port]");
    }

    private static Upload upload(Options options) {
        Encryption encryption = options.choice(Encryption.class, "encryption", Encryption.NONE);
        Optional<String> kmsKey = options.text("kms-key");
        if (kmsKey.isPresent() && encryption != Encryption.KMS) {
            throw new IllegalArgumentException("kms-key needs encryption=kms");
        }
        return new Upload(
                options.text("storage-class"), Optional.ofNullable(encryption.name), kmsKey);
    }

    /** The same store, spoken to in another way. */
    S3Address withChecksums(Checksums other) {
        return new S3Address(
                bucket,
                prefix,
                endpoint,
                region,
                profile,
                pathStyle,
                other,
                upload,
                expectedOwner,
                requesterPays,
                requestTimeout,
                connections);
    }

    /** Whether requests name the bucket in their path. */
    boolean isPathStyle() {
        return switch (pathStyle) {
            case ON -> true;
            case OFF -> false;
            case AUTO -> endpoint.isPresent();
        };
    }

    /** Whether stored objects carry a CRC32C for the server to compare. */
    boolean sendsChecksums() {
        return checksums != Checksums.WHEN_REQUIRED;
    }

    /** Bucket, prefix and endpoint: what messages and logs name a store by. */
    @Override
    public String toString() {
        String where = "s3://" + bucket + "/" + prefix;
        return endpoint.map(uri -> where + " at " + uri).orElse(where);
    }
}
