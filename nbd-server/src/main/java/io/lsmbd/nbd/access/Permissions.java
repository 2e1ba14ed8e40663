package io.lsmbd.nbd.access;

import java.util.List;
import java.util.Optional;

/** What one client may do. */
public final class Permissions {
    private final List<AccessRule> granting;

    Permissions(List<AccessRule> granting) {
        this.granting = List.copyOf(granting);
    }

    /**
     * The most that any rule grants; empty means that the client is not even to learn whether there
     * is such a volume.
     */
    public Optional<Access> to(String volume) {
        return granting.stream()
                .filter(rule -> rule.covers(volume))
                .map(AccessRule::access)
                .max(Access::compareTo);
    }
}
