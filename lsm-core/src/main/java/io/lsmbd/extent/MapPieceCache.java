package io.lsmbd.extent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lsmbd.model.VolumeId;
import java.util.Optional;

/**
 * Decoded nodes, and pages that were read ahead, of the map objects of all volumes. Pieces never
 * change, so neither does an entry; a page leaves when it is taken, as it moves to the map itself.
 */
final class MapPieceCache {
    /** One piece, its checksum included; object numbers are those of one volume's map. */
    private record Key(VolumeId volume, PieceRef piece) {}

    private static final int ENTRY_BYTES = 120;

    private final Cache<Key, MapNode> nodes;
    private final Cache<Key, byte[]> pages;

    MapPieceCache(long maxBytes) {
        nodes =
                Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .maximumWeight(maxBytes / 2)
                        .weigher((Key _, MapNode node) -> ENTRY_BYTES + node.heapBytes())
                        .build();
        pages =
                Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .maximumWeight(maxBytes / 2)
                        .weigher((Key _, byte[] bytes) -> ENTRY_BYTES + bytes.length)
                        .build();
    }

    private static Key key(VolumeId volume, PieceRef piece) {
        return new Key(volume, piece);
    }

    Optional<MapNode> node(VolumeId volume, PieceRef piece) {
        return Optional.ofNullable(nodes.getIfPresent(key(volume, piece)));
    }

    void putNode(VolumeId volume, PieceRef piece, MapNode node) {
        nodes.put(key(volume, piece), node);
    }

    /** The bytes of a page, which are not here any more afterwards. */
    Optional<byte[]> takePage(VolumeId volume, PieceRef piece) {
        return Optional.ofNullable(pages.asMap().remove(key(volume, piece)));
    }

    void putPage(VolumeId volume, PieceRef piece, byte[] bytes) {
        pages.put(key(volume, piece), bytes);
    }
}
