package io.lsmbd.nbd.access;

import java.util.List;

/**
 * All rules: a client may do what any of them grants. Where there is no rule at all, everyone may
 * do everything.
 */
public final class AccessRules {
    /** Whoever can connect may open every volume. */
    public static final AccessRules EVERYTHING = new AccessRules(List.of());

    private static final AccessRule ALL = AccessRule.parse("volumes=* read-write");

    private final List<AccessRule> rules;

    public AccessRules(List<AccessRule> rules) {
        this.rules = List.copyOf(rules);
    }

    /** Whether some rule asks for a certificate. */
    public boolean needCertificates() {
        return rules.stream().anyMatch(AccessRule::needsCertificate);
    }

    /** What that client may do. */
    public Permissions permissionsOf(Client client) {
        return new Permissions(
                rules.isEmpty()
                        ? List.of(ALL)
                        : rules.stream().filter(rule -> rule.fits(client)).toList());
    }
}
