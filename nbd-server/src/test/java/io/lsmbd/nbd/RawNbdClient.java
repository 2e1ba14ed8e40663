package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.BASE_ALLOCATION;
import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_PAYLOAD_LEN;
import static io.lsmbd.nbd.wire.NbdConstants.EXTENDED_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.EXTENDED_REQUEST_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.FLAG_FIXED_NEWSTYLE;
import static io.lsmbd.nbd.wire.NbdConstants.FLAG_NO_ZEROES;
import static io.lsmbd.nbd.wire.NbdConstants.OPTION_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.OPTION_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXTENDED_HEADERS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_SET_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STARTTLS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static io.lsmbd.nbd.wire.NbdConstants.REPLY_FLAG_DONE;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ACK;
import static io.lsmbd.nbd.wire.NbdConstants.REQUEST_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.SIMPLE_REPLY_MAGIC;
import static io.lsmbd.nbd.wire.NbdConstants.STRUCTURED_REPLY_MAGIC;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.handshake.NegotiatedExport.ReplyStyle;
import io.lsmbd.nbd.wire.NbdConstants;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A client that sends what it is told, right or wrong, and takes replies apart. */
final class RawNbdClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private static final long COOKIE = 0x1234_5678_9abc_def0L;

    private Socket socket;
    private DataInputStream in;
    private OutputStream out;
    private ReplyStyle replies = ReplyStyle.SIMPLE;

    /** The size of READ data in simple replies, which do not tell it themselves. */
    record OptionReply(int option, int type, byte[] data) {
        String text() {
            return new String(data, UTF_8);
        }
    }

    /**
     * A simple reply without its data, or a chunk; {@code type} is -1 for a simple reply. Only
     * extended ones tell the offset of their request.
     */
    record Reply(int type, int flags, long cookie, long requestOffset, int error, byte[] data) {
        boolean isSimple() {
            return type == -1;
        }

        ByteBuffer buffer() {
            return ByteBuffer.wrap(data);
        }
    }

    private RawNbdClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
        this.out = socket.getOutputStream();
    }

    /** Connects and says nothing. */
    static RawNbdClient connect(SocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(address);
        return new RawNbdClient(socket);
    }

    /** Like {@link #connect}, with a receive buffer as small as the kernel lets it be. */
    static RawNbdClient connectNarrow(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(address);
        return new RawNbdClient(socket);
    }

    /** Connects and exchanges flags. */
    static RawNbdClient greeted(SocketAddress address) throws IOException {
        RawNbdClient client = connect(address);
        client.readGreeting();
        client.send(clientFlags(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES));
        return client;
    }

    /** In transmission with simple replies. */
    static RawNbdClient simple(SocketAddress address, String export) throws IOException {
        RawNbdClient client = greeted(address);
        client.go(export);
        return client;
    }

    /** In transmission with structured replies and base:allocation. */
    static RawNbdClient structured(SocketAddress address, String export) throws IOException {
        RawNbdClient client = greeted(address);
        client.negotiateStructured(export);
        client.go(export);
        return client;
    }

    /** In transmission with extended headers and the given contexts. */
    static RawNbdClient extended(SocketAddress address, String export, String... contexts)
            throws IOException {
        RawNbdClient client = greeted(address);
        client.negotiateExtended();
        client.select(export, contexts);
        client.go(export);
        return client;
    }

    void negotiateStructured(String export) throws IOException {
        assertThat(options(OPT_STRUCTURED_REPLY).getLast().type()).isEqualTo(REP_ACK);
        select(export, BASE_ALLOCATION);
    }

    void negotiateExtended() throws IOException {
        assertThat(options(OPT_EXTENDED_HEADERS).getLast().type()).isEqualTo(REP_ACK);
    }

    /** Returns the ids of the contexts. */
    List<Integer> select(String export, String... contexts) throws IOException {
        List<OptionReply> replies =
                options(OPT_SET_META_CONTEXT, metaContextData(export, contexts));
        assertThat(replies.getLast().type()).isEqualTo(REP_ACK);
        assertThat(replies).hasSize(contexts.length + 1);
        return replies.subList(0, contexts.length).stream()
                .map(reply -> ByteBuffer.wrap(reply.data()).getInt())
                .toList();
    }

    void go(String export, int... infos) throws IOException {
        assertThat(options(OPT_GO, goData(export, infos)).getLast().type()).isEqualTo(REP_ACK);
    }

    /** Returns the handshake flags. */
    int readGreeting() throws IOException {
        assertThat(in.readLong()).isEqualTo(NbdConstants.INIT_MAGIC);
        assertThat(in.readLong()).isEqualTo(OPTION_MAGIC);
        return in.readUnsignedShort();
    }

    /** Goes on over TLS. */
    void startTls(SSLContext context, String... versions) throws IOException {
        assertThat(options(OPT_STARTTLS).getLast().type()).isEqualTo(REP_ACK);
        beginTls(context, versions).startHandshake();
    }

    /** Wraps the connection without waiting for the handshake. */
    SSLSocket beginTls(SSLContext context, String... versions) throws IOException {
        SSLSocket tls =
                (SSLSocket) context.getSocketFactory().createSocket(socket, "server", 0, true);
        if (versions.length > 0) {
            tls.setEnabledProtocols(versions);
        }
        socket = tls;
        in = new DataInputStream(new BufferedInputStream(tls.getInputStream(), 1 << 16));
        out = tls.getOutputStream();
        return tls;
    }

    /** Agrees on TLS and then sends something that only looks as if it were encrypted. */
    void startTlsThenSpoil(SSLContext context) throws IOException {
        OutputStream below = out;
        beginTls(context).startHandshake();
        below.write(new byte[] {23, 3, 3, 0, 40});
        below.write(new byte[40]);
    }

    /** Sends an option and reads its replies up to the last one. */
    List<OptionReply> options(int code, byte... data) throws IOException {
        send(option(code, data));
        List<OptionReply> answer = new ArrayList<>();
        do {
            answer.add(readOptionReply());
            assertThat(answer.getLast().option()).isEqualTo(code);
        } while (answer.getLast().type() > REP_ACK);
        if (answer.getLast().type() == REP_ACK) {
            replies =
                    switch (code) {
                        case OPT_STRUCTURED_REPLY -> ReplyStyle.STRUCTURED;
                        case OPT_EXTENDED_HEADERS -> ReplyStyle.EXTENDED;
                        case OPT_STARTTLS -> ReplyStyle.SIMPLE;
                        default -> replies;
                    };
        }
        return answer;
    }

    OptionReply readOptionReply() throws IOException {
        assertThat(in.readLong()).isEqualTo(OPTION_REPLY_MAGIC);
        int option = in.readInt();
        int type = in.readInt();
        return new OptionReply(option, type, in.readNBytes(in.readInt()));
    }

    /**
     * Sends a request, with the flag that a payload needs, and reads its reply, which is in one
     * piece and carries no simple READ data.
     */
    Reply call(int command, int flags, long offset, long length, byte... payload)
            throws IOException {
        List<Reply> chunks = chunks(command, flags, offset, length, payload);
        assertThat(chunks).hasSize(1);
        return chunks.getFirst();
    }

    /** As {@link #call}, with a reply in any number of pieces. */
    List<Reply> chunks(int command, int flags, long offset, long length, byte... payload)
            throws IOException {
        boolean hasExtendedHeaders = replies == ReplyStyle.EXTENDED;
        if (hasExtendedHeaders) {
            int payloadFlag = payload.length > 0 ? CMD_FLAG_PAYLOAD_LEN : 0;
            send(extendedRequest(command, flags | payloadFlag, COOKIE, offset, length));
        } else {
            send(request(command, flags, COOKIE, offset, length));
        }
        send(payload);
        List<Reply> chunks = new ArrayList<>();
        do {
            chunks.add(readChunk());
            assertThat(chunks.getLast().cookie()).isEqualTo(COOKIE);
            if (hasExtendedHeaders) {
                assertThat(chunks.getLast().requestOffset()).isEqualTo(offset);
            }
        } while ((chunks.getLast().flags() & REPLY_FLAG_DONE) == 0);
        return chunks;
    }

    Reply readReply() throws IOException {
        Reply reply = readChunk();
        assertThat(reply.flags()).as("the only chunk").isEqualTo(REPLY_FLAG_DONE);
        return reply;
    }

    /**
     * A simple reply counts as the last chunk. It is of the style that was agreed on, also where
     * the specification would let lsmbd choose.
     */
    Reply readChunk() throws IOException {
        boolean hasExtendedHeaders = replies == ReplyStyle.EXTENDED;
        assertThat(in.readInt())
                .isEqualTo(
                        switch (replies) {
                            case SIMPLE -> SIMPLE_REPLY_MAGIC;
                            case STRUCTURED -> STRUCTURED_REPLY_MAGIC;
                            case EXTENDED -> EXTENDED_REPLY_MAGIC;
                        });
        if (replies == ReplyStyle.SIMPLE) {
            int error = in.readInt();
            return new Reply(-1, REPLY_FLAG_DONE, in.readLong(), 0, error, new byte[0]);
        }
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        long requestOffset = hasExtendedHeaders ? in.readLong() : 0;
        long length = hasExtendedHeaders ? in.readLong() : in.readInt();
        byte[] data = in.readNBytes(Math.toIntExact(length));
        int error = (type & 0x8000) == 0 ? 0 : ByteBuffer.wrap(data).getInt();
        return new Reply(type, flags, cookie, requestOffset, error, data);
    }

    byte[] readBytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        assertThat(bytes).hasSize(count);
        return bytes;
    }

    long readLong() throws IOException {
        return in.readLong();
    }

    int readShort() throws IOException {
        return in.readUnsignedShort();
    }

    /** Everything until the server closes the connection. */
    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    void send(byte... bytes) throws IOException {
        out.write(bytes);
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with RST instead of FIN. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    // Bytes

    static byte[] clientFlags(int flags) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(flags).array();
    }

    static byte[] option(int code, byte... data) {
        return optionHeader(code, data.length, data);
    }

    /** An option whose length may lie. */
    static byte[] optionHeader(int code, int length, byte... data) {
        return ByteBuffer.allocate(16 + data.length)
                .putLong(OPTION_MAGIC)
                .putInt(code)
                .putInt(length)
                .put(data)
                .array();
    }

    static byte[] goData(String export, int... infos) {
        return bytes(data -> {
            string(data, export);
            data.writeShort(infos.length);
            for (int info : infos) {
                data.writeShort(info);
            }
        });
    }

    static byte[] metaContextData(String export, String... queries) {
        return bytes(data -> {
            string(data, export);
            data.writeInt(queries.length);
            for (String query : queries) {
                string(data, query);
            }
        });
    }

    static byte[] request(int command, int flags, long cookie, long offset, long length) {
        return ByteBuffer.allocate(NbdConstants.REQUEST_LENGTH)
                .putInt(REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset)
                .putInt((int) length)
                .array();
    }

    static byte[] extendedRequest(int command, int flags, long cookie, long offset, long length) {
        return ByteBuffer.allocate(NbdConstants.EXTENDED_HEADER_LENGTH)
                .putInt(EXTENDED_REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset)
                .putLong(length)
                .array();
    }

    private static void string(DataOutputStream data, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        data.writeInt(bytes.length);
        data.write(bytes);
    }

    @FunctionalInterface
    private interface Writing {
        void to(DataOutputStream data) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }
}
