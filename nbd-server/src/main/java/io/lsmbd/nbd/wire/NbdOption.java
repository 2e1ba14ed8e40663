package io.lsmbd.nbd.wire;

import java.util.List;

/** What a client asks for during the handshake ("Option types"), its data taken apart. */
public sealed interface NbdOption {
    /** Chooses an export and ends the handshake without any reply that could tell of an error. */
    record ExportName(String name) implements NbdOption {}

    record Abort() implements NbdOption {}

    record ListExports() implements NbdOption {}

    record StartTls() implements NbdOption {}

    @SuppressWarnings("AvoidCommonTypeNames") // the specification's name
    record Info(String name, List<Integer> wanted) implements NbdOption {
        public Info {
            wanted = List.copyOf(wanted);
        }
    }

    record Go(String name, List<Integer> wanted) implements NbdOption {
        public Go {
            wanted = List.copyOf(wanted);
        }
    }

    record StructuredReply() implements NbdOption {}

    record ListMetaContext(String name, List<String> queries) implements NbdOption {
        public ListMetaContext {
            queries = List.copyOf(queries);
        }
    }

    record SetMetaContext(String name, List<String> queries) implements NbdOption {
        public SetMetaContext {
            queries = List.copyOf(queries);
        }
    }

    record ExtendedHeaders() implements NbdOption {}

    /** One that lsmbd does not serve. */
    record Unsupported() implements NbdOption {}

    /** One that cannot be obeyed as it stands; {@code replyType} is a REP_ERR. */
    record Malformed(int replyType, String problem) implements NbdOption {}
}
