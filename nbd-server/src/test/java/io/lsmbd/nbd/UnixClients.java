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

    /** The type of the first reply to an option. */
    static int replyTo(Path socket, byte[] option) throws IOException {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            client.write(ByteBuffer.wrap(RawNbdClient.clientFlags(3)));
            client.write(ByteBuffer.wrap(option));
            ByteBuffer answer = ByteBuffer.allocate(18 + 20);
            while (answer.hasRemaining()) {
                assertThat(client.read(answer)).isPositive();
            }
            return answer.getInt(18 + 12);
        }
    }
}
