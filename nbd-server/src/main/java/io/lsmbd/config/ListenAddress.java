package io.lsmbd.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A TCP address to listen on: {@code 127.0.0.1:10809}, {@code [::1]:10809}; port 0 is any. */
public record ListenAddress(String host, int port) {
    public ListenAddress {
        if (host.isEmpty() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "no such address: host \"%s\", port %d".formatted(host, port));
        }
    }

    public static ListenAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon).strip();
        String port = text.substring(colon + 1);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        if (isBracketed) {
            host = host.substring(1, host.length() - 1);
        }
        boolean isBareIpv6 = host.contains(":") && !isBracketed;
        if (host.isEmpty() || isBareIpv6 || !port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "not an address: \"%s\" (write it as 127.0.0.1:10809 or [::1]:10809)"
                            .formatted(text));
        }
        return new ListenAddress(host, Integer.parseInt(port));
    }

    /** Whether it is certain, without asking anybody, that only this host can connect. */
    public boolean isLoopback() {
        try {
            return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false; // some other name
        }
    }

    /** Resolves the host name; may ask the network for it. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
