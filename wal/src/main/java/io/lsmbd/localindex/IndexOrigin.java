package io.lsmbd.localindex;

import java.nio.file.Path;

/** How an index came to be what it is when it was opened. */
public sealed interface IndexOrigin {
    /** An earlier run's index. */
    record Opened() implements IndexOrigin {}

    /** There was none. */
    record Created() implements IndexOrigin {}

    /** The one that was there is damaged and lies in {@code movedTo} now; this one is empty. */
    record Rebuilt(String reason, Path movedTo) implements IndexOrigin {}
}
