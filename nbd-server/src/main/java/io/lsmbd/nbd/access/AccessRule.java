package io.lsmbd.nbd.access;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Grants the clients that it describes access to the volumes that it names. Of several networks,
 * names or volumes any will do; a client has to fit networks and names alike.
 *
 * @param networks where clients come from; none means from anywhere
 * @param isUnixToo whether the Unix socket is among those places
 * @param names what client certificates say; none means that no certificate is needed
 */
public record AccessRule(
        List<Network> networks,
        boolean isUnixToo,
        List<NamePattern> names,
        List<Glob> volumes,
        Access access) {
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final String UNIX = "unix";

    /** Fits certificate names of one kind. */
    public record NamePattern(CertificateName.Kind kind, Glob value) {
        boolean fits(CertificateName name) {
            return name.kind() == kind && value.matches(name.value());
        }
    }

    public AccessRule {
        networks = List.copyOf(networks);
        names = List.copyOf(names);
        volumes = List.copyOf(volumes);
    }

    /**
     * From words between blanks: {@code volumes=web-* dns=web1.example.org network=10.0.0.0/8
     * read-only}. Network and names may be missing, volumes and access may not.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static AccessRule parse(String text) {
        var parser = new Parser();
        for (String word : BLANKS.split(text.strip(), -1)) {
            parser.take(word);
        }
        return parser.finish(text);
    }

    private static final class Parser {
        private final List<Network> networks = new ArrayList<>();
        private final List<NamePattern> names = new ArrayList<>();
        private final List<Glob> volumes = new ArrayList<>();
        private boolean isUnixToo;
        private @Nullable Access access;

        private void take(String word) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            String value = word.substring(equals + 1);
            Optional<CertificateName.Kind> kind = kindOf(key);
            if (word.equals("read-only") || word.equals("read-write")) {
                grant(word.equals("read-only") ? Access.READ_ONLY : Access.READ_WRITE);
            } else if (equals < 0) {
                throw unknown(word);
            } else if (key.equals("volumes")) {
                volumes.add(new Glob(value));
            } else if (key.equals("network") && value.equals(UNIX)) {
                isUnixToo = true;
            } else if (key.equals("network")) {
                networks.add(Network.parse(value));
            } else if (kind.isPresent()) {
                var wanted = new CertificateName(kind.get(), value);
                names.add(new NamePattern(wanted.kind(), new Glob(wanted.value())));
            } else {
                throw unknown(word);
            }
        }

        private static Optional<CertificateName.Kind> kindOf(String key) {
            return Arrays.stream(CertificateName.Kind.values())
                    .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(key))
                    .findFirst();
        }

        private static IllegalArgumentException unknown(String word) {
            return new IllegalArgumentException(
                    ("\"%s\" is none of volumes=, network=, cn=, dns=, uri=, email=, read-only,"
                                    + " read-write")
                            .formatted(word));
        }

        private void grant(Access granted) {
            if (access != null) {
                throw new IllegalArgumentException("a rule is read-only or read-write, once");
            }
            access = granted;
        }

        private AccessRule finish(String text) {
            if (volumes.isEmpty() || access == null) {
                throw new IllegalArgumentException(
                        ("\"%s\" lacks volumes= or read-only or read-write (write it as"
                                        + " volumes=web-* network=10.0.0.0/8 read-only)")
                                .formatted(text));
            }
            return new AccessRule(networks, isUnixToo, names, volumes, access);
        }
    }

    boolean needsCertificate() {
        return !names.isEmpty();
    }

    boolean fits(Client client) {
        boolean isAnywhere = networks.isEmpty() && !isUnixToo;
        boolean isPlaceRight =
                isAnywhere
                        || client.address()
                                .map(address ->
                                        networks.stream().anyMatch(n -> n.contains(address)))
                                .orElse(isUnixToo);
        return isPlaceRight && (names.isEmpty() || fitsAny(client));
    }

    private boolean fitsAny(Client client) {
        return client.names().stream()
                .anyMatch(name -> names.stream().anyMatch(pattern -> pattern.fits(name)));
    }

    boolean covers(String volume) {
        return volumes.stream().anyMatch(glob -> glob.matches(volume));
    }
}
