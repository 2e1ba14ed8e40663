package io.lsmbd.nbd.tls;

import java.util.Arrays;

/** Versions of TLS that are still safe. */
public enum TlsVersion {
    TLS_1_2("1.2"),
    TLS_1_3("1.3");

    private final String number;

    TlsVersion(String number) {
        this.number = number;
    }

    /** From {@code 1.2} or {@code 1.3}. */
    public static TlsVersion parse(String number) {
        return Arrays.stream(values())
                .filter(version -> version.number.equals(number))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "not a version of TLS that is served (1.2, 1.3): " + number));
    }

    /** As the JDK calls it. */
    String protocol() {
        return "TLSv" + number;
    }

    @Override
    public String toString() {
        return number;
    }
}
