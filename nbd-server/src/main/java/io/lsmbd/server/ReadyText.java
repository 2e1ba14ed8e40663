package io.lsmbd.server;

import io.lsmbd.admin.api.StatusInfo;
import io.lsmbd.admin.api.VolumeInfo;
import io.lsmbd.commandline.CommandNames;
import io.lsmbd.config.Settings;
import io.lsmbd.model.DataSize;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/** What the daemon prints once clients can come: where it is, and the commands to use it. */
final class ReadyText {
    private ReadyText() {}

    /** Where the daemon can be reached; {@code tls}: over TCP. */
    record Addresses(
            List<InetSocketAddress> nbd,
            NbdSection.Tls tls,
            Optional<Path> unix,
            InetSocketAddress admin) {
        Addresses {
            nbd = List.copyOf(nbd);
        }
    }

    static String of(StatusInfo status, Addresses addresses, CommandNames names) {
        var text = new StringJoiner("\n", "", "\n");
        text.add("lsmbd %s is ready".formatted(status.version()));
        text.add("  store    " + status.store());
        text.add("  data     " + status.dataDir());
        for (VolumeInfo volume : status.volumes()) {
            text.add(
                    "  volume   %s  %s  %s"
                            .formatted(
                                    volume.name(),
                                    new DataSize(volume.sizeBytes()),
                                    Settings.word(volume.state())));
        }
        String admin = "http://" + hostPort(addresses.admin());
        text.add("  admin    %s  (/readyz /metrics /v1/status)".formatted(admin));
        String lsmctl = names.lsmctl() + (isUsualAdmin(addresses) ? "" : " --endpoint " + admin);
        String volume = status.volumes().isEmpty() ? "NAME" : status.volumes().getFirst().name();
        for (String problem : status.problems()) {
            text.add("  !        " + problem);
        }
        // With problems there may be some that nobody could find yet.
        if (status.volumes().isEmpty() && status.problems().isEmpty()) {
            text.add("")
                    .add("no volume yet:")
                    .add("  %s volume create vol1 10GiB".formatted(lsmctl));
        }
        text.add("").add("look at it, no root needed:");
        for (InetSocketAddress nbd : addresses.nbd()) {
            String uri = uri(nbd, addresses.tls()) + "/" + volume;
            text.add(
                    addresses.tls() == NbdSection.Tls.REQUIRED
                            ? "  nbdinfo '%s?tls-certificates=FOLDER'".formatted(uri)
                            : "  nbdinfo " + uri);
        }
        addresses
                .unix()
                .ifPresent(path ->
                        text.add("  nbdinfo 'nbd+unix:///%s?socket=%s'".formatted(volume, path)));
        if (addresses.tls() == NbdSection.Tls.REQUIRED) {
            text.add("  (docs/ACCESS.md: certificates, and how QEMU and nbd-client use them)");
        } else if (!addresses.nbd().isEmpty()) {
            InetSocketAddress nbd = addresses.nbd().getFirst();
            text.add("  qemu-img info nbd://%s/%s".formatted(hostPort(nbd), volume));
            text.add("").add("use it as a disk:");
            text.add(
                    "  sudo modprobe nbd && sudo nbd-client %s %d /dev/nbd0 -N %s -b 4096"
                            .formatted(reachable(nbd), nbd.getPort(), volume));
        }
        text.add("").add("look inside:");
        text.add("  %s status".formatted(lsmctl));
        text.add("  curl %s/metrics".formatted(admin));
        text.add("");
        text.add("Every reply is in the WAL; FLUSH reaches the disk. Ctrl-C stops cleanly.");
        return text.toString();
    }

    private static boolean isUsualAdmin(Addresses addresses) {
        return hostPort(addresses.admin()).equals("127.0.0.1:10810");
    }

    /** A wildcard address is no place to connect to. */
    private static String reachable(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
    }

    /** Of a server, without a volume; with TLS a certificate has the name that we do not know. */
    static String uri(InetSocketAddress address, NbdSection.Tls tls) {
        if (tls != NbdSection.Tls.REQUIRED) {
            return "nbd://" + hostPort(address);
        }
        return address.getAddress().isAnyLocalAddress()
                ? "nbds://HOST:" + address.getPort()
                : "nbds://" + hostPort(address);
    }

    static String hostPort(InetSocketAddress address) {
        String host = reachable(address);
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
