package io.lsmbd.extent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.format.FormatWriter;
import io.lsmbd.model.VolumeId;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class MapFormatTest {
    private interface Decoder {
        Object decode(ByteBuffer bytes) throws CorruptFormatException;
    }

    private static MapPage page() {
        int[] entries = {
            MapPage.packRun(0, 8), 7, 100, MapPage.packRun(32_000, 768), (int) 0xfff0_0000L, 0
        };
        return MapPage.of(300, entries, 0xffff_ffffL);
    }

    private static void assertFlipsAreFound(byte[] good, Decoder decoder) {
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(bad)))
                    .isInstanceOf(CorruptFormatException.class);
        }
        for (int length = 0; length < good.length; length++) {
            ByteBuffer shorter = ByteBuffer.wrap(good, 0, length).slice();
            assertThatThrownBy(() -> decoder.decode(shorter))
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @Test
    void aPageComesBackAndItsFlippedBitsAreFound() throws CorruptFormatException {
        byte[] bytes = PageFormat.encode(page());
        MapPage read = PageFormat.decode(ByteBuffer.wrap(bytes), 300);
        assertThat(read.count()).isEqualTo(2);
        assertThat(read.segment(1)).isEqualTo(0xfff0_0000L);
        assertThat(read.start(1)).isEqualTo(32_000);
        assertThat(read.length(1)).isEqualTo(768);
        assertThat(read.address(0)).isEqualTo(100);
        assertThat(read.lastSegment()).isEqualTo(0xffff_ffffL);
        assertThat(PageFormat.lastSegment(bytes)).isEqualTo(0xffff_ffffL);
        assertFlipsAreFound(bytes, in -> PageFormat.decode(in, 300));
        assertThatThrownBy(() -> PageFormat.decode(ByteBuffer.wrap(bytes), 301))
                .hasMessageContaining("page 300 where page 301 belongs");
    }

    @Test
    void impossiblePagesAreRefusedThoughTheirChecksumFits() {
        assertRefused(pageOf(1, 1, 1L << 40));
        assertRefused(pageOf(1, 5, 1, 32_767, 1, 2, 0));
        assertRefused(pageOf(1, 5, 1, 32_766, 1, 2, 0, 0));
        assertRefused(pageOf(1, 5, 1, 0, 0, 12, 0));
        assertRefused(pageOf(1, 5, 1, 0, 0, 2, 1));
        assertRefused(pageOf(1, 5, 1, 0, 8, 2, 0xffff_fffeL));
        assertRefused(pageOf(1, 5, 0, 0));
    }

    private static byte[] pageOf(long... fields) {
        FormatWriter out = new FormatWriter(64).u8(PageFormat.KIND);
        for (long field : fields) {
            out.varint(field);
        }
        return out.crcSince(0).toBytes();
    }

    private static void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> PageFormat.decode(ByteBuffer.wrap(bytes), 1))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void aNodeComesBackAndItsFlippedBitsAreFound() throws CorruptFormatException {
        PieceRef[] children = new PieceRef[MapNode.FAN_OUT];
        children[0] = new PieceRef(1, 48, 20, 0xffff_ffffL);
        children[255] = new PieceRef(9_999_999, 1 << 30, 1, 0);
        byte[] bytes = new MapNode(2, 1023, children).encode();
        assertThat(MapNode.decode(ByteBuffer.wrap(bytes), 2, 1023).children()).isEqualTo(children);
        assertFlipsAreFound(bytes, in -> MapNode.decode(in, 2, 1023));
        assertThatThrownBy(() -> MapNode.decode(ByteBuffer.wrap(bytes), 1, 1023))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void headersFootersAndTablesComeBackAndTheirFlippedBitsAreFound()
            throws CorruptFormatException {
        MapFormat.Header header = new MapFormat.Header(new VolumeId(-3), 7, 99, 1);
        byte[] bytes = MapFormat.encode(header);
        assertThat(MapFormat.decodeHeader(ByteBuffer.wrap(bytes))).isEqualTo(header);
        assertFlipsAreFound(bytes, MapFormat::decodeHeader);
        PieceRef piece = new PieceRef(7, 48, 30, 5);
        CheckpointRef ref = new CheckpointRef(7, 99, 4, null, piece, piece, 0, 0, 60);
        bytes = MapFormat.encode(ref);
        assertThat(MapFormat.decodeFooter(ByteBuffer.wrap(bytes))).isEqualTo(ref);
        assertFlipsAreFound(bytes, MapFormat::decodeFooter);
        List<MapObjectUsage> usage =
                List.of(new MapObjectUsage(3, 100, 1), new MapObjectUsage(1 << 20, 8, 8));
        bytes = MapFormat.encode(usage);
        assertThat(MapFormat.decodeObjectTable(ByteBuffer.wrap(bytes))).isEqualTo(usage);
        assertFlipsAreFound(bytes, MapFormat::decodeObjectTable);
    }

    @Test
    void theSegmentTableComesBackAndItsFlippedBitsAreFound() throws CorruptFormatException {
        SegmentTable table = new SegmentTable();
        for (long segment : new long[] {1, 2, 1023, 1024, 5_000_000}) {
            table.put(new SegmentUsage(segment, 65_536, 100, 0xffff_ffffL));
        }
        table.remove(2);
        byte[] bytes = SegmentTableFormat.encode(table);
        SegmentTable read = new SegmentTable();
        SegmentTableFormat.decode(ByteBuffer.wrap(bytes), read);
        assertThat(read.count()).isEqualTo(4);
        assertThat(read.usage(2)).isEmpty();
        assertThat(read.usage(5_000_000)).isEqualTo(table.usage(5_000_000));
        assertThat(read.mappedSectors()).isEqualTo(400);
        assertFlipsAreFound(
                bytes,
                in -> {
                    SegmentTableFormat.decode(in, new SegmentTable());
                    return in;
                });
    }

    @Test
    void pageSetsKnowTheirMembersInOrder() {
        PageSet set = new PageSet();
        assertThat(set.next(0)).isEqualTo(MapPage.MAX_PAGES);
        set.add(5);
        set.addRange(65_530, 65_540);
        set.add(MapPage.MAX_PAGES - 1);
        set.add(5);
        assertThat(set.count()).isEqualTo(12);
        assertThat(set.next(6)).isEqualTo(65_530);
        assertThat(set.next(65_536)).isEqualTo(65_536);
        assertThat(set.next(65_540)).isEqualTo(MapPage.MAX_PAGES - 1);
        assertThat(set.contains(65_539)).isTrue();
        assertThat(set.contains(65_540)).isFalse();
        set.clear();
        assertThat(set.isEmpty()).isTrue();
    }
}
