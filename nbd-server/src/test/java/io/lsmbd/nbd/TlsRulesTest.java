package io.lsmbd.nbd;

import static io.lsmbd.nbd.RawNbdClient.goData;
import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for TLS that are not seen with a client's TLS in between. */
class TlsRulesTest {
    private static final int ALERT = 21;
    private static final int FATAL = 2;
    private static final int PROTOCOL_VERSION = 70;
    private static final int GREETING = 18;
    private static final int ACKNOWLEDGEMENT = 20;

    @TempDir private Path folder;
    private TlsFixture tls;

    @BeforeEach
    void makeFiles() {
        tls = new TlsFixture(folder);
    }

    /** Between one client and the server; remembers what the server sent. */
    private static final class Relay implements AutoCloseable {
        private final ServerSocket listening =
                new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
        private final Thread thread;

        Relay(SocketAddress server) throws IOException {
            thread = Thread.ofVirtual().start(() -> serve(server));
        }

        private void serve(SocketAddress server) {
            try (Socket client = listening.accept();
                    Socket beyond = new Socket()) {
                beyond.connect(server);
                Thread upwards =
                        Thread.ofVirtual()
                                .start(() -> copy(client, beyond, OutputStream.nullOutputStream()));
                copy(beyond, client, fromServer);
                client.shutdownOutput();
                upwards.join();
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private static void copy(Socket from, Socket to, OutputStream besides) {
            byte[] some = new byte[4096];
            try {
                InputStream in = from.getInputStream();
                for (int count = in.read(some); count >= 0; count = in.read(some)) {
                    besides.write(some, 0, count);
                    to.getOutputStream().write(some, 0, count);
                }
            } catch (IOException e) {
                // One of them is gone.
            }
        }

        SocketAddress address() {
            return listening.getLocalSocketAddress();
        }

        /** Once the server has closed the connection. */
        ByteBuffer fromServer() {
            NbdFixture.await(() -> !thread.isAlive());
            return ByteBuffer.wrap(fromServer.toByteArray());
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }

    /** TLS 1.2 tells the types of its records, also of those that are encrypted. */
    @Test
    @Proves({"NBD_OPT_STARTTLS", "NBD_CMD_DISC", "disc-closes"})
    void discEndsTlsBeforeTheConnection() throws IOException {
        try (NbdFixture nbd = tls.start();
                Relay relay = new Relay(nbd.address())) {
            try (RawNbdClient client = RawNbdClient.greeted(relay.address())) {
                client.startTls(TlsFixture.ANONYMOUS, "TLSv1.2");
                client.go("disk");
                client.send(RawNbdClient.request(2, 0, 1, 0, 0));
                assertThat(client.readToEnd()).isEmpty();
            }
            List<Integer> types = new ArrayList<>();
            ByteBuffer records = relay.fromServer().position(GREETING + ACKNOWLEDGEMENT);
            while (records.hasRemaining()) {
                types.add((int) records.get());
                records.getShort();
                int length = records.getShort();
                records.position(records.position() + length);
            }
            assertThat(types).hasSizeGreaterThan(3).last().isEqualTo(ALERT);
            assertThat(types).containsOnlyOnce(ALERT);
        }
    }

    /** No client here offers such a thing any more, so it is made by hand. */
    @ParameterizedTest
    @ValueSource(ints = {0x0300, 0x0301, 0x0302})
    @Proves({"NBD_OPT_STARTTLS", "tls-old-versions"})
    void versionsBefore12AreRefused(int version) throws IOException {
        ByteBuffer hello = ByteBuffer.allocate(49 + 5).put((byte) 22).putShort((short) 0x0301);
        hello.putShort((short) 49).putInt(1 << 24 | 45).putShort((short) version);
        hello.position(hello.position() + 32).put((byte) 0); // random, no session
        hello.putShort((short) 6).putShort((short) 0xc013).putShort((short) 0xc014);
        hello.putShort((short) 0x002f).put((byte) 1).put((byte) 0); // no compression
        assertThat(hello.hasRemaining()).isFalse();
        try (NbdFixture nbd = tls.start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(client.options(OPT_STARTTLS).getLast().type()).isEqualTo(REP_ACK);
            client.send(hello.array());
            byte[] alert = client.readToEnd();
            assertThat(alert).hasSize(7);
            assertThat(alert[0]).isEqualTo((byte) ALERT);
            assertThat(alert).endsWith(FATAL, PROTOCOL_VERSION);
            NbdFixture.await(() -> nbd.handshakeFailures("tls") == 1);
        }
    }

    @Test
    @Proves({"NBD_OPT_EXTENDED_HEADERS", "starttls-forgets"})
    void extendedHeadersDoNotOutliveStartTls() throws IOException {
        try (NbdFixture nbd = tls.offered().start();
                RawNbdClient client = nbd.greeted()) {
            client.negotiateExtended();
            client.select("disk", BASE_ALLOCATION);
            client.startTls(TlsFixture.ANONYMOUS);
            ByteBuffer info =
                    ByteBuffer.wrap(client.options(OPT_INFO, goData("disk")).getFirst().data());
            assertThat(info.getShort(10) & (FLAG_SEND_DF | FLAG_BLOCK_STATUS_PAYLOAD)).isZero();
            client.go("disk");
            assertThat(client.call(3, 0, 0, 0).isSimple()).isTrue();
        }
    }
}
