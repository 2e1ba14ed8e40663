package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.CMD_FLAG_PAYLOAD_LEN;
import static io.lsmbd.nbd.wire.NbdConstants.FLAG_FIXED_NEWSTYLE;
import static io.lsmbd.nbd.wire.NbdConstants.FLAG_NO_ZEROES;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXPORT_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXTENDED_HEADERS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_SET_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STARTTLS;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmbd.testkit.Mutator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What one client of the fuzzer sends, made from a seed: a plausible session, of which some parts
 * or the whole have been spoiled, in pieces that have nothing to do with where messages end.
 */
final class MalformedSession {
    /** What the client does when it has sent everything. */
    enum Ending {
        READ_ALL,
        CLOSE,
        /** Without having read anything, so that the server meets a reset. */
        CLOSE_UNREAD
    }

    private static final String[] EXPORTS = {"disk", "disk", "slow", "fixed", "", "nowhere"};
    private static final String[] CONTEXTS = {
        "base:allocation", "base:", "lsmbd:location", "lsmbd:", "qemu:dirty-bitmap:x", "", ":", "no"
    };

    /** Of the protocol there are eight. */
    private static final int COMMANDS = 10;

    private static final int WRITE = 1;
    private static final int DISC = 2;
    private static final int BLOCK_STATUS = 7;

    /** Fewer than what a socket takes without its peer reading, so that no client gets stuck. */
    private static final int MOST_BYTES = 64 << 10;

    /** More than the servers of the fuzzer allow an option to have. */
    private static final int TOO_LONG = 40 << 10;

    private static final int NEVER = Integer.MAX_VALUE;
    private static final int MOST_REQUESTS = 12;
    private static final int MOST_PIECES = 12;

    private final SplittableRandom random;
    private final Mutator mutator;
    private final long volumeBytes;
    private final List<byte[]> messages = new ArrayList<>();
    private boolean hasExtendedHeaders;

    private MalformedSession(long seed, long volumeBytes) {
        this.random = new SplittableRandom(seed);
        this.mutator = new Mutator(random);
        this.volumeBytes = volumeBytes;
    }

    /** Pieces to be sent one by one, and what then happens. */
    record Script(List<byte[]> pieces, Ending ending) {}

    /** The session of that seed with volumes of that size. */
    static Script of(long seed, long volumeBytes) {
        return new MalformedSession(seed, volumeBytes).make();
    }

    private Script make() {
        if (oneIn(3)) {
            shake();
            choose();
        } else {
            shakeAndChooseWell();
        }
        if (!oneIn(10)) {
            transmit();
        }
        byte[] all = concatenation();
        if (oneIn(8)) {
            all = mutator.mutate(all);
        }
        return new Script(pieces(all), ending());
    }

    private boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    /** Spoils one in so many. */
    private void add(int spoiledOneIn, byte[] message) {
        messages.add(oneIn(spoiledOneIn) ? mutator.mutate(message) : message);
    }

    // Handshake

    /** Sees to it that the session gets to its transmission phase. */
    private void shakeAndChooseWell() {
        messages.add(RawNbdClient.clientFlags(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES));
        agreeOnReplies();
        if (random.nextBoolean()) {
            messages.add(
                    RawNbdClient.option(
                            OPT_SET_META_CONTEXT,
                            RawNbdClient.metaContextData(
                                    "disk", "base:allocation", "lsmbd:location")));
        }
        messages.add(RawNbdClient.option(OPT_GO, RawNbdClient.goData(EXPORTS[random.nextInt(4)])));
    }

    private void agreeOnReplies() {
        if (random.nextBoolean()) {
            messages.add(RawNbdClient.option(OPT_STRUCTURED_REPLY));
        } else if (random.nextBoolean()) {
            messages.add(RawNbdClient.option(OPT_EXTENDED_HEADERS));
            hasExtendedHeaders = true;
        }
    }

    private void shake() {
        int flags = FLAG_FIXED_NEWSTYLE | (random.nextBoolean() ? FLAG_NO_ZEROES : 0);
        add(40, RawNbdClient.clientFlags(oneIn(20) ? random.nextInt(4) : flags));
        agreeOnReplies();
        for (int options = random.nextInt(4); options > 0; options--) {
            add(4, option());
        }
    }

    private byte[] option() {
        return switch (random.nextInt(11)) {
            case 0 -> RawNbdClient.option(OPT_LIST, noise(oneIn(4) ? random.nextInt(9) : 0));
            case 1, 2 -> RawNbdClient.option(oneIn(4) ? OPT_LIST_META_CONTEXT : OPT_INFO, infos());
            case 3, 4 -> RawNbdClient.option(OPT_LIST_META_CONTEXT, contexts());
            case 5, 6 -> RawNbdClient.option(OPT_SET_META_CONTEXT, contexts());
            case 7 -> RawNbdClient.option(random.nextInt(14), noise(random.nextInt(80)));
            case 8 -> RawNbdClient.option(random.nextInt(14), noise(random.nextInt(TOO_LONG)));
            case 9 -> join(RawNbdClient.option(OPT_STARTTLS), oneIn(2) ? clientHello() : noise(0));
            default -> RawNbdClient.optionHeader(random.nextInt(14), (int) mutator.edge());
        };
    }

    /** A TLS record of a handshake, the beginning of which is plausible. */
    private byte[] clientHello() {
        int length = random.nextInt(200);
        byte[] begin = {22, 3, 1, 0, (byte) length, 1, 0, 0, (byte) (length - 4), 3, 3};
        return join(begin, noise(length));
    }

    private byte[] infos() {
        int[] wanted = random.ints(random.nextInt(5), 0, 6).toArray();
        return RawNbdClient.goData(export(), wanted);
    }

    private byte[] contexts() {
        String[] queries = new String[random.nextInt(5)];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = CONTEXTS[random.nextInt(CONTEXTS.length)];
        }
        return RawNbdClient.metaContextData(export(), queries);
    }

    private String export() {
        return oneIn(50) ? "x".repeat(random.nextInt(5000)) : EXPORTS[random.nextInt(6)];
    }

    private void choose() {
        byte[] choice =
                oneIn(4)
                        ? RawNbdClient.option(OPT_EXPORT_NAME, export().getBytes(UTF_8))
                        : RawNbdClient.option(OPT_GO, infos());
        add(20, choice);
    }

    // Transmission

    private void transmit() {
        boolean staysInStep = random.nextBoolean();
        for (int requests = random.nextInt(MOST_REQUESTS); requests > 0; requests--) {
            add(staysInStep ? NEVER : 5, request());
        }
        if (oneIn(2)) {
            messages.add(header(DISC, 0, 0, 0));
        }
    }

    private byte[] request() {
        int command = random.nextInt(COMMANDS);
        if (command == DISC && !oneIn(4)) {
            command = BLOCK_STATUS;
        }
        int flags = oneIn(3) ? 1 << random.nextInt(7) : 0;
        long offset = oneIn(8) ? mutator.edge() : 512 * random.nextLong(volumeBytes / 512);
        long length = oneIn(8) ? mutator.edge() : 512 * random.nextLong(9);
        if (command == BLOCK_STATUS && hasExtendedHeaders && oneIn(2)) {
            byte[] query = query(length);
            return join(header(command, flags | CMD_FLAG_PAYLOAD_LEN, offset, query.length), query);
        }
        byte[] payload = payload(command, length);
        if (hasExtendedHeaders && payload.length > 0 && !oneIn(10)) {
            flags |= CMD_FLAG_PAYLOAD_LEN;
        }
        return join(header(command, flags, offset, length), payload);
    }

    /** Which contexts are wanted, of two that may have been selected. */
    private byte[] query(long length) {
        int ids = random.nextInt(3);
        ByteBuffer query = ByteBuffer.allocate(Long.BYTES + ids * Integer.BYTES).putLong(length);
        while (query.hasRemaining()) {
            query.putInt(random.nextInt(3));
        }
        return query.array();
    }

    /** As long as announced, most times. */
    private byte[] payload(int command, long length) {
        boolean isExpected = command == WRITE;
        if (isExpected != oneIn(40) && length >= 0 && length < MOST_BYTES / 4) {
            return noise(oneIn(40) ? random.nextInt(600) : (int) length);
        }
        return new byte[0];
    }

    private byte[] header(int command, int flags, long offset, long length) {
        boolean isExtended = hasExtendedHeaders != oneIn(50);
        long cookie = random.nextLong();
        return isExtended
                ? RawNbdClient.extendedRequest(command, flags, cookie, offset, length)
                : RawNbdClient.request(command, flags, cookie, offset, length);
    }

    // Bytes

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }

    private byte[] concatenation() {
        ByteBuffer all = ByteBuffer.allocate(messages.stream().mapToInt(m -> m.length).sum());
        messages.forEach(all::put);
        int length = Math.min(all.capacity(), MOST_BYTES);
        return ByteBuffer.allocate(length).put(0, all, 0, length).array();
    }

    /** One piece, or several of any length; what is behind the last one is never sent. */
    private List<byte[]> pieces(byte[] all) {
        List<byte[]> pieces = new ArrayList<>();
        int end = oneIn(4) ? random.nextInt(all.length + 1) : all.length;
        int at = 0;
        for (int more = oneIn(2) ? 0 : random.nextInt(MOST_PIECES); more > 0; more--) {
            int to = at + random.nextInt(end - at + 1);
            pieces.add(slice(all, at, to));
            at = to;
        }
        pieces.add(slice(all, at, end));
        return pieces;
    }

    private static byte[] slice(byte[] all, int from, int to) {
        return Arrays.copyOfRange(all, from, to);
    }

    private Ending ending() {
        return switch (random.nextInt(6)) {
            case 0 -> Ending.CLOSE;
            case 1 -> Ending.CLOSE_UNREAD;
            default -> Ending.READ_ALL;
        };
    }
}
