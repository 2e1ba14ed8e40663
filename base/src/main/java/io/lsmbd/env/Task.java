package io.lsmbd.env;

/** A running task; it ends by returning, never by interruption. */
public interface Task {
    void join();
}
