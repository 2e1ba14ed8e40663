package io.lsmbd.nbd;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;

/** The kernel's interface to sockets. */
public enum Transport {
    /** epoll where there is one, else NIO. */
    AUTO("auto"),
    EPOLL("epoll"),
    /** Measured slower than epoll for this traffic. */
    IO_URING("io_uring"),
    NIO("nio");

    private final String text;

    Transport(String text) {
        this.text = text;
    }

    /** From its name in the configuration. */
    public static Transport parse(String text) {
        return Arrays.stream(values())
                .filter(transport -> transport.text.equals(text))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "not a transport (auto, epoll, io_uring, nio): " + text));
    }

    @Override
    public String toString() {
        return text;
    }

    /** What AUTO means on this machine. */
    Transport resolved() {
        if (this != AUTO) {
            return this;
        }
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    IoHandlerFactory ioHandler() {
        return switch (resolved()) {
            case EPOLL -> {
                Epoll.ensureAvailability();
                yield EpollIoHandler.newFactory();
            }
            case IO_URING -> {
                IoUring.ensureAvailability();
                yield IoUringIoHandler.newFactory();
            }
            case AUTO, NIO -> NioIoHandler.newFactory();
        };
    }

    Class<? extends ServerChannel> tcpServer() {
        return switch (resolved()) {
            case EPOLL -> EpollServerSocketChannel.class;
            case IO_URING -> IoUringServerSocketChannel.class;
            case AUTO, NIO -> NioServerSocketChannel.class;
        };
    }

    Class<? extends ServerChannel> unixServer() {
        return switch (resolved()) {
            case EPOLL -> EpollServerDomainSocketChannel.class;
            case IO_URING -> IoUringServerDomainSocketChannel.class;
            case AUTO, NIO -> NioServerDomainSocketChannel.class;
        };
    }

    SocketAddress unixAddress(Path path) {
        return switch (resolved()) {
            case EPOLL, IO_URING -> new DomainSocketAddress(path.toFile());
            case AUTO, NIO -> UnixDomainSocketAddress.of(path);
        };
    }
}
