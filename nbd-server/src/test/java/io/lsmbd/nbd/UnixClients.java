package io.lsmbd.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Clients of a Unix socket, which {@link RawNbdClient} cannot be: the JDK has no Socket for it. */
final class UnixClients {
    private UnixClients() {}

    /** That many at the same time are let in. */
    static void assertGreeted(Path socket, int count) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            ByteBuffer magic = ByteBuffer.allocate(8);
            assertThat(clients.getLast().read(magic)).isEqualTo(8);
            assertThat(magic.array()).asString().isEqualTo("NBDMAGIC");
        }
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
