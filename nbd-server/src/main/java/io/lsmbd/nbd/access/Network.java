package io.lsmbd.nbd.access;

import java.net.InetAddress;
import java.util.Optional;

/** The addresses that share their first {@code bits} bits with {@code first}. */
public record Network(InetAddress first, int bits) {
    public Network {
        int length = first.getAddress().length * Byte.SIZE;
        if (bits < 0 || bits > length) {
            throw new IllegalArgumentException(
                    "a prefix of %d bits; this kind of address has %d".formatted(bits, length));
        }
        byte[] bytes = first.getAddress();
        for (int bit = bits; bit < length; bit++) {
            if ((bytes[bit / Byte.SIZE] & maskOf(bit)) != 0) {
                throw new IllegalArgumentException(
                        "%s has bits beyond its prefix of %d; one address alone is /%d"
                                .formatted(first.getHostAddress(), bits, length));
            }
        }
    }

    /** {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address. Asks no name server. */
    static Network parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        Optional<InetAddress> first = literal(address);
        if (first.isEmpty() || (slash >= 0 && !text.substring(slash + 1).matches("[0-9]{1,3}"))) {
            throw new IllegalArgumentException(
                    "not a network: \"%s\" (write it as 10.0.0.0/8, fd00::/8 or 10.1.2.3)"
                            .formatted(text));
        }
        int bits =
                slash < 0
                        ? first.get().getAddress().length * Byte.SIZE
                        : Integer.parseInt(text.substring(slash + 1));
        return new Network(first.get(), bits);
    }

    private static Optional<InetAddress> literal(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    boolean contains(InetAddress address) {
        byte[] ours = first.getAddress();
        byte[] theirs = address.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            if (((ours[bit / Byte.SIZE] ^ theirs[bit / Byte.SIZE]) & maskOf(bit)) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int maskOf(int bit) {
        return 0x80 >> bit % Byte.SIZE;
    }
}
