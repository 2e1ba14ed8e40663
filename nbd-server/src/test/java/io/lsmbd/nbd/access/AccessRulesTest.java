package io.lsmbd.nbd.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
    /** The rules of the table below. */
    private static final AccessRules RULES =
            rules(
                    "volumes=web-* dns=web1.example.org read-write",
                    "volumes=web-* network=10.0.0.0/8 read-only",
                    "volumes=shared volumes=common network=10.1.0.0/16 network=fd00::/8"
                            + " read-write",
                    "volumes=*-backup cn=backup uri=spiffe://example.org/backup/*"
                            + " network=192.168.1.9 read-only",
                    "volumes=* network=unix read-write");

    private static AccessRules rules(String... texts) {
        return new AccessRules(Arrays.stream(texts).map(AccessRule::parse).toList());
    }

    @ParameterizedTest
    @CsvSource({
        // from where, with which names, which volume, may what
        "192.0.2.1,,                              web-1,      NONE",
        "192.0.2.1, DNS web1.example.org,         web-1,      READ_WRITE",
        "192.0.2.1, DNS WEB1.Example.ORG,         web-1,      READ_WRITE",
        "192.0.2.1, DNS web1.example.org.evil,    web-1,      NONE",
        "192.0.2.1, CN web1.example.org,          web-1,      NONE",
        "192.0.2.1, DNS web1.example.org,         web,        NONE",
        "192.0.2.1, DNS web1.example.org,         WEB-1,      NONE",
        "10.9.9.9,,                               web-1,      READ_ONLY",
        "10.9.9.9, DNS web1.example.org,          web-1,      READ_WRITE",
        "10.9.9.9,,                               shared,     NONE",
        "10.1.9.9,,                               shared,     READ_WRITE",
        "10.1.9.9,,                               common,     READ_WRITE",
        "10.1.9.9,,                               shared2,    NONE",
        "fd12::1,,                                common,     READ_WRITE",
        "fe80::1,,                                common,     NONE",
        "192.168.1.9, CN backup,                  db-backup,  READ_ONLY",
        "192.168.1.8, CN backup,                  db-backup,  NONE",
        "192.168.1.9, CN backup2,                 db-backup,  NONE",
        "192.168.1.9, URI spiffe://example.org/backup/db, db-backup, READ_ONLY",
        "192.168.1.9, CN backup;DNS x,            db-backup,  READ_ONLY",
        "192.168.1.9, CN backup,                  backup,     NONE",
        "unix,,                                   anything,   READ_WRITE",
        "unix, CN backup,                         '',         READ_WRITE",
        "11.0.0.0,,                               web-1,      NONE",
        "9.255.255.255,,                          web-1,      NONE",
    })
    void theAccessMatrix(String from, String names, String volume, String access) {
        assertThat(
                        RULES.permissionsOf(client(from, names))
                                .to(volume)
                                .map(Access::name)
                                .orElse("NONE"))
                .isEqualTo(access);
    }

    private static Client client(String from, @Nullable String names) {
        Set<CertificateName> certificate =
                names == null
                        ? Set.of()
                        : Arrays.stream(names.split(";", -1))
                                .map(name -> name.split(" ", 2))
                                .map(name ->
                                        new CertificateName(
                                                CertificateName.Kind.valueOf(name[0]), name[1]))
                                .collect(Collectors.toSet());
        return new Client(
                from.equals("unix") ? Optional.empty() : Optional.of(InetAddress.ofLiteral(from)),
                certificate);
    }

    @Test
    void withoutAnyRuleEverythingIsAllowed() {
        Client anyone = client("192.0.2.1", null);
        assertThat(AccessRules.EVERYTHING.permissionsOf(anyone).to("any"))
                .contains(Access.READ_WRITE);
    }

    @Test
    void addressesMappedIntoIpv6AreIpv4() {
        assertThat(RULES.permissionsOf(client("::ffff:10.9.9.9", null)).to("web-1"))
                .contains(Access.READ_ONLY);
    }

    @Test
    void onlyRulesWithNamesNeedCertificates() {
        assertThat(RULES.needCertificates()).isTrue();
        assertThat(rules("volumes=a network=::/0 read-only").needCertificates()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "volumes=a",
                "read-only",
                "volumes= read-only",
                "volumes=a read-only read-write",
                "volumes=a readonly",
                "volumes=a network= read-only",
                "volumes=a network=10.0.0.0/33 read-only",
                "volumes=a network=10.0.0.1/8 read-only",
                "volumes=a network=10.0.0.0/-1 read-only",
                "volumes=a network=10.0.0.0/ read-only",
                "volumes=a network=example.org read-only",
                "volumes=a network=UNIX read-only",
                "volumes=a CN=x read-only",
                "volumes=a cn= read-only",
                "volumes=a certificate=x read-only",
                "volume=a read-only",
            })
    void aRuleThatIsNotUnderstoodIsRefused(String rule) {
        assertThatThrownBy(() -> rules(rule)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "*,          '',    true",
        "*,          abc,   true",
        "a*,         a,     true",
        "a*,         ba,    false",
        "*a,         ba,    true",
        "*a,         ab,    false",
        "a?c,        abc,   true",
        "a?c,        ac,    false",
        "?,          '',    false",
        "*a*b*c*,    xaxbxcx, true",
        "*a*b*c*,    xaxcxb,  false",
        "**,         '',    true",
        "a.c,        abc,   false",
        "*ab,        aab,   true",
        "*ab*ab,     abxabab, true",
    })
    void globs(String pattern, String name, boolean matches) {
        assertThat(new Glob(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void noNameKeepsAGlobBusy() {
        String name = "a".repeat(4096);
        assertThat(new Glob("*a".repeat(60) + "b").matches(name)).isFalse();
    }
}
