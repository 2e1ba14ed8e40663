package io.lsmbd.nbd.access;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * One of the names for which a certificate was issued. The kinds are kept apart: an authority that
 * checks who owns a host name may well let anyone choose a common name.
 */
public record CertificateName(Kind kind, String value) {
    /** Where in the certificate a name stands. */
    public enum Kind {
        /** The common name of the subject. */
        CN(-1),
        EMAIL(1),
        DNS(2),
        URI(6);

        /** The tag of such a name among the subject's alternative names (RFC 5280, 4.2.1.6). */
        private final int tag;

        Kind(int tag) {
            this.tag = tag;
        }

        static Optional<Kind> ofTag(int tag) {
            return Arrays.stream(values()).filter(kind -> kind.tag == tag).findFirst();
        }
    }

    public CertificateName {
        // Host names have no case (RFC 4343).
        value = kind == Kind.DNS ? value.toLowerCase(Locale.ROOT) : value;
    }

    /**
     * The names in a certificate whose chain has been verified. One that cannot be read counts as
     * absent: names only ever grant.
     */
    public static Set<CertificateName> of(X509Certificate certificate) {
        Set<CertificateName> names = new HashSet<>();
        commonName(certificate).ifPresent(names::add);
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> name : alternatives) {
                    if (name.get(0) instanceof Integer tag && name.get(1) instanceof String text) {
                        Kind.ofTag(tag).ifPresent(kind -> names.add(of(kind, text)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return Set.copyOf(names);
        }
        return Set.copyOf(names);
    }

    private static CertificateName of(Kind kind, String text) {
        return new CertificateName(kind, text);
    }

    /** A subject with several common names leaves open who it is, and so has none. */
    private static Optional<CertificateName> commonName(X509Certificate certificate) {
        List<CertificateName> found = new ArrayList<>();
        try {
            var subject = new LdapName(certificate.getSubjectX500Principal().getName());
            for (Rdn part : subject.getRdns()) {
                @Nullable Attribute names = part.toAttributes().get("CN");
                for (int i = 0; names != null && i < names.size(); i++) {
                    found.add(of(Kind.CN, String.valueOf(names.get(i))));
                }
            }
        } catch (NamingException e) {
            return Optional.empty();
        }
        return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
    }

    /** As in a rule: {@code dns=web1.example.org}. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(Locale.ROOT) + "=" + value;
    }
}
