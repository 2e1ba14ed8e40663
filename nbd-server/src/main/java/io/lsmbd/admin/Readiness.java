package io.lsmbd.admin;

import java.util.List;

/** Whether clients should come. */
@FunctionalInterface
public interface Readiness {
    /** Why not, a sentence each; empty when they should. Quick, never blocks. */
    List<String> obstacles();
}
