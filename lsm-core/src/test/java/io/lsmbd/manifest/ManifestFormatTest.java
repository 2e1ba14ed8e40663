package io.lsmbd.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.format.CorruptFormatException;
import io.lsmbd.model.VolumeId;
import io.lsmbd.model.VolumeName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ManifestFormatTest {
    static Manifest manifest() {
        return new Manifest(
                Manifest.FORMAT,
                new VolumeId(0x0123456789abcdefL),
                new VolumeName("vol1"),
                10L << 30,
                Durability.OBJECT,
                "zstd:3",
                1_700_000_000_000L,
                7,
                new Writer("00000000-0000-0001-0000-000000000002", "dir", "host/boot/pid/1", 5, 5),
                new Lease(15_000, 3),
                new Checkpoint(41, 6, 1234, null, 3),
                false);
    }

    @Test
    void decodesWhatItEncoded() throws CorruptFormatException {
        Manifest detached = manifest().detached();

        assertThat(ManifestFormat.decode(ManifestFormat.encode(manifest()))).isEqualTo(manifest());
        assertThat(ManifestFormat.decode(ManifestFormat.encode(detached))).isEqualTo(detached);
    }

    @Test
    void bytesOfFormatOneStayAsTheyAre() {
        String golden =
                """
                {"crc32c":"########","manifest":{"format":1,"volume":"0123456789abcdef",
                "name":"vol1","sizeBytes":10737418240,"durability":"object",
                "compression":"zstd:3","createdMillis":1700000000000,"epoch":7,
                "writer":{"id":"00000000-0000-0001-0000-000000000002","directory":"dir",
                "process":"host/boot/pid/1","lineageEpoch":5,"uploadWindow":5},
                "lease":{"durationMillis":15000,"renewals":3},
                "checkpoint":{"segment":41,"epoch":6,"lastLsn":1234,"map":null,
                "nextMapObject":3},"deleted":false}}
                """
                        .replace("\n", "");
        String actual = new String(ManifestFormat.encode(manifest()), StandardCharsets.UTF_8);

        assertThat(actual).isEqualTo(golden.replace("########", actual.substring(11, 19)));
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] good = ManifestFormat.encode(manifest());
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> ManifestFormat.decode(bad))
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @Test
    void everyTruncationIsFound() {
        byte[] good = ManifestFormat.encode(manifest());
        for (int length = 0; length < good.length; length++) {
            byte[] bad = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> ManifestFormat.decode(bad))
                    .isInstanceOf(CorruptFormatException.class);
        }
    }
}
