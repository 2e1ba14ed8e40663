package io.lsmbd.nbd.handshake;

import io.lsmbd.nbd.handshake.NegotiatedExport.SelectedContext;
import java.util.ArrayList;
import java.util.List;

/**
 * The metadata contexts that a client has selected, which hold for the export name that it gave.
 * NBD protocol, "Metadata querying".
 */
final class MetaContextSelection {
    private String exportName = "";
    private List<SelectedContext> selected = List.of();

    /** Those of {@code offered} that match some query: by name, or all of a namespace. */
    static List<MetaContext> list(List<MetaContext> offered, List<String> queries) {
        return offered.stream()
                .filter(context ->
                        queries.isEmpty()
                                || queries.contains(context.name())
                                || queries.contains(namespace(context)))
                .toList();
    }

    /** With its colon: the wildcard of a query. */
    private static String namespace(MetaContext context) {
        return context.name().substring(0, context.name().indexOf(':') + 1);
    }

    /**
     * Selects those of {@code offered} that are named, each once however often it is named, and
     * forgets the earlier selection. Wildcards select nothing.
     */
    List<SelectedContext> select(String export, List<MetaContext> offered, List<String> queries) {
        List<SelectedContext> chosen = new ArrayList<>();
        for (MetaContext context : offered) {
            if (queries.contains(context.name())) {
                chosen.add(new SelectedContext(chosen.size() + 1, context));
            }
        }
        exportName = export;
        selected = List.copyOf(chosen);
        return selected;
    }

    /** Also a SET_META_CONTEXT that fails replaces what was selected before. */
    void clear() {
        selected = List.of();
    }

    /** What was selected for an export of that name. */
    List<SelectedContext> forExport(String name) {
        return name.equals(exportName) ? selected : List.of();
    }
}
