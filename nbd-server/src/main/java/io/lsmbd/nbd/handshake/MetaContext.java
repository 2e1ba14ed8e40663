package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.wire.NbdConstants;
import java.util.List;

/** Something that BLOCK_STATUS can tell of an export. NBD protocol, "Metadata querying". */
public sealed interface MetaContext {
    /** As clients ask for it: namespace, colon, leaf. */
    String name();

    /** Which bytes are holes: {@code base:allocation}. */
    record Allocation() implements MetaContext {
        @Override
        public String name() {
            return NbdConstants.BASE_ALLOCATION;
        }
    }

    /** Where the bytes are just now, for tools: {@code lsmbd:location}. */
    record Location() implements MetaContext {
        @Override
        public String name() {
            return NbdConstants.LSMBD_LOCATION;
        }
    }

    /** What every export offers, as far as the transmission phase serves it. */
    static List<MetaContext> offered() {
        return List.of(new Allocation(), new Location());
    }
}
