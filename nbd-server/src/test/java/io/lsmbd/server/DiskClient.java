package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.wire.NbdConstants;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** As little of an NBD client as it takes to use a disk. */
final class DiskClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int FLUSH = 3;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final long sizeBytes;

    /** In transmission, by the oldest option (NBD protocol, NBD_OPT_EXPORT_NAME). */
    DiskClient(InetSocketAddress server, String export) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        in.skipNBytes(18);
        out.writeInt(NbdConstants.FLAG_FIXED_NEWSTYLE | NbdConstants.FLAG_NO_ZEROES);
        out.writeLong(NbdConstants.OPTION_MAGIC);
        out.writeInt(NbdConstants.OPT_EXPORT_NAME);
        out.writeInt(export.length());
        out.writeBytes(export);
        out.flush();
        sizeBytes = in.readLong();
        in.skipNBytes(2);
    }

    /** As negotiated. */
    long sizeBytes() {
        return sizeBytes;
    }

    void write(long offset, byte[] payload) throws IOException {
        assertThat(tryWrite(offset, payload)).isZero();
    }

    /** Returns the error of the reply, 0 for none. */
    int tryWrite(long offset, byte[] payload) throws IOException {
        request(WRITE, offset, payload.length);
        out.write(payload);
        out.flush();
        return answer();
    }

    /** Answered only once transmission has begun on the other side, too. */
    void flush() throws IOException {
        request(FLUSH, 0, 0);
        expectSuccess();
    }

    byte[] read(long offset, int length) throws IOException {
        request(READ, offset, length);
        expectSuccess();
        return in.readNBytes(length);
    }

    private void request(int command, long offset, int length) throws IOException {
        out.writeInt(NbdConstants.REQUEST_MAGIC);
        out.writeInt(command);
        out.writeLong(0);
        out.writeLong(offset);
        out.writeInt(length);
        out.flush();
    }

    private void expectSuccess() throws IOException {
        assertThat(answer()).isZero();
    }

    private int answer() throws IOException {
        assertThat(in.readInt()).isEqualTo(NbdConstants.SIMPLE_REPLY_MAGIC);
        int error = in.readInt();
        in.skipNBytes(8);
        return error;
    }

    boolean isAtEnd() throws IOException {
        return in.read() == -1;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
