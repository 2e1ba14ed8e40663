package io.lsmbd.admin;

import io.lsmbd.admin.api.CostInfo;

/** What the admin API asks about money. Thread-safe. */
@FunctionalInterface
public interface CostAdmin {
    /** Asks the store nothing. */
    CostInfo cost();
}
