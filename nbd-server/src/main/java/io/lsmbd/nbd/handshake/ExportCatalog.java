package io.lsmbd.nbd.handshake;

import io.lsmbd.model.DataSize;
import io.lsmbd.nbd.access.Access;
import io.lsmbd.nbd.access.Permissions;
import io.lsmbd.nbd.metrics.ConnectionMetrics.ExportRefusal;
import io.lsmbd.volume.BlockVolume;
import io.lsmbd.volume.VolumeCatalog;
import java.util.List;
import java.util.Optional;

/**
 * The volumes by their names as exports, as far as one client may open them; the others do not
 * exist for it. The empty name means the only volume. Nothing here asks disk or store.
 */
final class ExportCatalog {
    private static final int MAX_NAMED = 20;
    private static final int MAX_NAME_SHOWN = 128;

    private final VolumeCatalog volumes;
    private final Permissions permissions;

    /** A volume that the client may open. */
    record Export(BlockVolume volume, Access access) {
        String name() {
            return volume.name();
        }

        /** For people. */
        String description() {
            String size = new DataSize(volume.sizeBytes()).toString();
            return access == Access.READ_ONLY ? size + ", read-only" : size;
        }
    }

    ExportCatalog(VolumeCatalog volumes, Permissions permissions) {
        this.volumes = volumes;
        this.permissions = permissions;
    }

    Optional<Export> find(String exportName) {
        if (exportName.isEmpty()) {
            List<Export> some = first(2);
            // The only one so far may be another than the only one in a minute.
            return some.size() == 1 && volumes.isComplete()
                    ? Optional.of(some.getFirst())
                    : Optional.empty();
        }
        // Both are asked in any case: how long the answer takes does not tell which of them
        // refused.
        Optional<Access> permitted = permissions.to(exportName);
        Optional<BlockVolume> found = volumes.find(exportName);
        return found.flatMap(volume -> permitted.map(access -> exportOf(volume, access)));
    }

    /** Why {@link #find} has nothing for that name; for the operator, never for the client. */
    ExportRefusal reasonAgainst(String exportName) {
        return volumes.find(exportName).isPresent()
                ? ExportRefusal.FORBIDDEN
                : ExportRefusal.UNKNOWN;
    }

    List<Export> list() {
        return first(Integer.MAX_VALUE);
    }

    private List<Export> first(int count) {
        return volumes.list().stream()
                .flatMap(volume ->
                        permissions
                                .to(volume.name())
                                .map(access -> exportOf(volume, access))
                                .stream())
                .limit(count)
                .toList();
    }

    private static Export exportOf(BlockVolume volume, Access permitted) {
        return new Export(volume, volume.isReadOnly() ? Access.READ_ONLY : permitted);
    }

    /** Helps someone who asked for {@code exportName} in vain; of bounded length. */
    String explainUnknown(String exportName) {
        List<Export> some = first(MAX_NAMED + 1);
        String problem =
                exportName.isEmpty()
                        ? "the empty export name means the only volume"
                        : "there is no export \"" + shown(exportName) + '"';
        if (!volumes.isComplete()) {
            problem += "; volumes are still being attached, come again later";
        }
        if (some.isEmpty()) {
            return problem + "; no volume is open";
        }
        StringBuilder text = new StringBuilder(problem).append("; exports:");
        for (Export export : some.subList(0, Math.min(some.size(), MAX_NAMED))) {
            text.append(' ').append(export.name());
        }
        return some.size() > MAX_NAMED ? text + " and more" : text.toString();
    }

    /** A name as somebody sent it, for messages and logs: short, and in one line of plain text. */
    static String shown(String name) {
        StringBuilder text = new StringBuilder();
        name.codePoints()
                .limit(MAX_NAME_SHOWN)
                .forEach(c -> text.append(c >= ' ' && c <= '~' ? (char) c : '?'));
        return name.codePoints().skip(MAX_NAME_SHOWN).findAny().isPresent()
                ? text + "..."
                : text.toString();
    }
}
