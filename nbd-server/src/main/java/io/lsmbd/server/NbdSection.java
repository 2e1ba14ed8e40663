package io.lsmbd.server;

import io.lsmbd.config.ListenAddress;
import io.lsmbd.config.Setting;
import io.lsmbd.config.Settings;
import io.lsmbd.nbd.Transport;
import java.util.List;

/** {@code [nbd]}: where disks are served. */
public record NbdSection(
        List<ListenAddress> listen, String unix, Transport transport, int threads) {
    static final String AUTO = "auto";
    static final String NONE = "none";

    public NbdSection {
        listen = List.copyOf(listen);
        Bounds.check("nbd.threads", threads, 0, 256);
        if (listen.isEmpty() && unix.equals(NONE)) {
            throw new IllegalArgumentException("nbd.listen is empty and nbd.unix is none");
        }
    }

    static NbdSection read(Settings in) {
        return new NbdSection(
                in.list(
                        "nbd.listen",
                        "127.0.0.1:10809",
                        "TCP addresses, as HOST:PORT.",
                        ListenAddress::parse),
                in.text(
                        "nbd.unix",
                        AUTO,
                        "Path of the Unix socket. auto is nbd.sock below data.dir, none is no "
                                + "socket."),
                in.value(
                        new Setting(
                                "nbd.transport",
                                "auto|epoll|io_uring|nio",
                                "auto",
                                "How sockets are served; auto takes the best that works here."),
                        Transport::parse),
                in.integer("nbd.threads", "0", "Event loops; 0 is one per processor."));
    }
}
