package io.lsmbd.server;

import io.lsmbd.env.LogDirectory;
import io.lsmbd.env.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * The data directory's identity: 128 random bits in hexadecimal, in its file {@code id}, made once.
 * A volume's manifest names the directory whose WAL may hold more of it; so a directory that was
 * lost and made anew is another one.
 */
final class DataIdentity {
    private static final String FILE = "id";
    private static final String UNFINISHED = "id.new";
    private static final int DIGITS = 32;

    private DataIdentity() {}

    /** Durable when this returns. */
    static String of(LogDirectory directory, RandomGenerator random) throws IOException {
        if (!directory.list().contains(FILE)) {
            create(directory, random);
        }
        try (LogFile file = directory.open(FILE)) {
            ByteBuffer content = ByteBuffer.allocate(DIGITS + 1);
            int length = file.read(0, content);
            String id = new String(content.array(), 0, length, StandardCharsets.US_ASCII).strip();
            if (!id.matches("[0-9a-f]{32}")) {
                throw new IOException(
                        "%s/%s is damaged: it holds no 32 hexadecimal digits"
                                .formatted(directory.path(), FILE));
            }
            return id;
        }
    }

    private static void create(LogDirectory directory, RandomGenerator random) throws IOException {
        if (directory.list().contains(UNFINISHED)) {
            directory.delete(UNFINISHED);
        }
        String id = "%016x%016x\n".formatted(random.nextLong(), random.nextLong());
        try (LogFile file = directory.create(UNFINISHED)) {
            file.write(0, ByteBuffer.wrap(id.getBytes(StandardCharsets.US_ASCII)));
            file.sync();
        }
        directory.rename(UNFINISHED, FILE);
        directory.sync();
    }
}
