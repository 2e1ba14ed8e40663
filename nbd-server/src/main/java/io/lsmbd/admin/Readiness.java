package io.lsmbd.admin;

import java.util.List;

/**
 * Whether clients should come. An outage of the object store is no obstacle: the daemon serves
 * writes into its log and reads of what is cached, and finishes the rest by itself. Whoever took it
 * out of service, or killed it, for that would make an outage of the store one of all its disks; so
 * {@code /readyz} goes on to answer 200 and only says what is wrong.
 */
@FunctionalInterface
public interface Readiness {
    /** Why not, a sentence each; empty when they should. Quick, never blocks. */
    List<String> obstacles();

    /** What is wrong although they should come, a sentence each. Quick, never blocks. */
    default List<String> problems() {
        return List.of();
    }
}
