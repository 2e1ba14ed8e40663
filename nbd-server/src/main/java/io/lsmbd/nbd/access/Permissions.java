package io.lsmbd.nbd.access;

import java.util.List;

/** What one client may do. */
public final class Permissions {
    private final List<AccessRule> granting;

    Permissions(List<AccessRule> granting) {
        this.granting = List.copyOf(granting);
    }

    /** The most that any rule grants; asks nobody whether there is such a volume. */
    public Access to(String volume) {
        Access most = Access.NONE;
        for (AccessRule rule : granting) {
            if (rule.covers(volume)) {
                most = most.or(rule.access());
            }
        }
        return most;
    }
}
