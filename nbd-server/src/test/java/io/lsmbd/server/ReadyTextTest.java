package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.admin.api.CompressionText;
import io.lsmbd.admin.api.Durability;
import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.admin.api.VolumeState;
import io.lsmbd.commandline.CommandNames;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadyTextTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private static StatusInfo status(List<VolumeInfo> volumes) {
        return new StatusInfo(
                "1.2.3",
                StatusInfo.Health.OK,
                List.of(),
                "/data",
                "file:///data/store/",
                0,
                List.of(),
                new StatusInfo.WalUse(1, 0),
                volumes);
    }

    @Test
    void itTellsHowToLookAttachAndInspect() {
        var volume =
                new VolumeInfo(
                        "vol1",
                        "0000000000000001",
                        VolumeState.ONLINE,
                        10L << 30,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        new CompressionText("lz4"),
                        Durability.LOCAL,
                        null);
        var addresses =
                new ReadyText.Addresses(
                        List.of(new InetSocketAddress(LOOPBACK, 10809)),
                        NbdSection.Tls.ON,
                        Optional.of(Path.of("/data/nbd.sock")),
                        new InetSocketAddress(LOOPBACK, 10810));
        assertThat(ReadyText.of(status(List.of(volume)), addresses, CommandNames.INSTALLED))
                .isEqualTo(
                        """
                        lsmbd 1.2.3 is ready
                          store    file:///data/store/
                          data     /data
                          volume   vol1  10 GiB  online
                          admin    http://127.0.0.1:10810  (/readyz /metrics /v1/status)

                        look at it, no root needed:
                          nbdinfo nbd://127.0.0.1:10809/vol1
                          nbdinfo 'nbd+unix:///vol1?socket=/data/nbd.sock'
                          qemu-img info nbd://127.0.0.1:10809/vol1

                        use it as a disk:
                          sudo modprobe nbd && sudo nbd-client 127.0.0.1 10809 \
                        /dev/nbd0 -N vol1 -b 4096

                        look inside:
                          lsmctl status
                          curl http://127.0.0.1:10810/metrics

                        Every reply is in the WAL; FLUSH reaches the disk. Ctrl-C stops cleanly.
                        """);
    }

    @Test
    void withoutVolumesItTellsHowToCreateOne() {
        var addresses =
                new ReadyText.Addresses(
                        List.of(new InetSocketAddress(9)),
                        NbdSection.Tls.OFF,
                        Optional.empty(),
                        new InetSocketAddress(LOOPBACK, 8));
        assertThat(ReadyText.of(status(List.of()), addresses, new CommandNames("./dev ")))
                .contains("  ./dev lsmctl --endpoint http://127.0.0.1:8 volume create vol1 10GiB\n")
                .contains("nbdinfo nbd://127.0.0.1:9/NAME")
                .contains("  ./dev lsmctl --endpoint http://127.0.0.1:8 status\n");
    }

    @Test
    void whereTlsIsRequiredNobodyIsToldToComeWithout() {
        var addresses =
                new ReadyText.Addresses(
                        List.of(new InetSocketAddress(9), new InetSocketAddress(LOOPBACK, 8)),
                        NbdSection.Tls.REQUIRED,
                        Optional.of(Path.of("/data/nbd.sock")),
                        new InetSocketAddress(LOOPBACK, 7));
        assertThat(ReadyText.of(status(List.of()), addresses, CommandNames.INSTALLED))
                .contains("  nbdinfo 'nbds://HOST:9/NAME?tls-certificates=FOLDER'\n")
                .contains("  nbdinfo 'nbds://127.0.0.1:8/NAME?tls-certificates=FOLDER'\n")
                .contains("  nbdinfo 'nbd+unix:///NAME?socket=/data/nbd.sock'\n")
                .doesNotContain("nbd://", "sudo");
    }
}
