package io.lsmbd.nbd;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The file of a Unix socket: it outlives the daemon that made it. */
final class UnixSocketFile {
    private UnixSocketFile() {}

    /**
     * Removes what a dead daemon left behind.
     *
     * @throws IOException if somebody listens there, or it is something else
     */
    static void makeWayAt(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        boolean isSocket =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther();
        if (!isSocket) {
            throw new IOException(path + " exists and is not a socket");
        }
        try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            throw new IOException("another process listens on " + path);
        } catch (ConnectException e) {
            Files.deleteIfExists(path);
        }
    }
}
