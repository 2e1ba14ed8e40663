package io.lsmbd.objectstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A key below the store's prefix. Names are built and parsed only here; numbers are 20 digits,
 * zero-padded, so that listing order is commit order.
 *
 * <pre>
 * volumes/&lt;name&gt;                name -> volume id (create-only)
 * v/&lt;volume-id&gt;/manifest       JSON, compare-and-swap
 * v/&lt;volume-id&gt;/segments/&lt;n&gt;   create-only
 * v/&lt;volume-id&gt;/packs/&lt;n&gt;      compacted objects
 * v/&lt;volume-id&gt;/map/&lt;n&gt;        checkpoint pages
 * probe/result                  what was found out about the store itself, overwritten
 * probe/addresses/&lt;hash&gt;        the same, the newest of each address of the store
 * probe/runs/&lt;run&gt;/...          what a probe puts while it runs, removed at its end
 * </pre>
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {
    private static final Pattern LEGAL =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*");
    private static final int MAX_LENGTH = 512;

    /** The kinds of numbered objects of a volume. */
    public enum Kind {
        SEGMENT("segments"),
        PACK("packs"),
        MAP("map");

        private final String folder;

        Kind(String folder) {
            this.folder = folder;
        }
    }

    /** What the objects below a key or prefix are. */
    public enum Area {
        NAMES,
        MANIFEST,
        SEGMENTS,
        PACKS,
        MAP,
        OTHER
    }

    public ObjectKey {
        if (value.length() > MAX_LENGTH || !LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("not an object key: \"" + value + '"');
        }
    }

    public static ObjectKey volumeName(VolumeName name) {
        return new ObjectKey(volumeNamesPrefix() + name);
    }

    public static String volumeNamesPrefix() {
        return "volumes/";
    }

    public static String volumePrefix(VolumeId volume) {
        return "v/" + volume + "/";
    }

    public static String prefixOf(VolumeId volume, Kind kind) {
        return volumePrefix(volume) + kind.folder + "/";
    }

    public static ObjectKey manifest(VolumeId volume) {
        return new ObjectKey(volumePrefix(volume) + "manifest");
    }

    public static ObjectKey probeResult() {
        return new ObjectKey("probe/result");
    }

    /** As {@link #probeResult}, of those who had the store under this address. */
    public static ObjectKey probeResult(String location) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(location.getBytes(UTF_8));
            return new ObjectKey("probe/addresses/" + HexFormat.of().formatHex(hash, 0, 8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Everything that one run of a probe puts; {@code run} is 16 hexadecimal digits. */
    public static String probeRunPrefix(String run) {
        return "probe/runs/" + run + "/";
    }

    public static ObjectKey segment(VolumeId volume, long number) {
        return numbered(volume, Kind.SEGMENT, number);
    }

    public static ObjectKey map(VolumeId volume, long number) {
        return numbered(volume, Kind.MAP, number);
    }

    public static ObjectKey pack(VolumeId volume, long number) {
        return numbered(volume, Kind.PACK, number);
    }

    public static ObjectKey numbered(VolumeId volume, Kind kind, long number) {
        if (number < 0) {
            throw new IllegalArgumentException("an object number cannot be negative: " + number);
        }
        return new ObjectKey(prefixOf(volume, kind) + "%020d".formatted(number));
    }

    /** Of a key, or of a prefix that ends where a name of our own does. */
    public static Area areaOf(String key) {
        if (key.startsWith(volumeNamesPrefix())) {
            return Area.NAMES;
        }
        String[] parts = key.split("/", 4);
        if (!parts[0].equals("v") || parts.length < 3) {
            return Area.OTHER;
        }
        return switch (parts[2]) {
            case "manifest" -> Area.MANIFEST;
            case "segments" -> Area.SEGMENTS;
            case "packs" -> Area.PACKS;
            case "map" -> Area.MAP;
            default -> Area.OTHER;
        };
    }

    /** The number at the end of a key built by {@link #numbered}. */
    public long number() {
        String last = value.substring(value.lastIndexOf('/') + 1);
        if (last.length() != 20 || !last.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("not a numbered key: " + value);
        }
        return Long.parseLong(last);
    }

    @Override
    public int compareTo(ObjectKey other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
