package io.lsmbd.env;

import java.io.IOException;
import java.util.List;

/**
 * A local directory whose entries durability rests on. A created, renamed or deleted entry survives
 * a power loss only after {@link #sync}.
 */
public interface LogDirectory {
    /** For messages. */
    String path();

    /** Names of the entries, sorted. */
    List<String> list() throws IOException;

    /** Opens for reading and writing; fails if absent. */
    LogFile open(String name) throws IOException;

    /** Creates and opens; fails if present. */
    LogFile create(String name) throws IOException;

    /** Atomically renames over any file of the new name. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    void sync() throws IOException;
}
