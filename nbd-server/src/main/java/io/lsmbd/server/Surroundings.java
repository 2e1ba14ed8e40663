package io.lsmbd.server;

import io.lsmbd.error.RefusedException;
import io.lsmbd.nbd.tls.TlsConfig;
import io.lsmbd.nbd.tls.TlsFileException;
import io.lsmbd.nbd.tls.TlsServer;
import io.lsmbd.objectstore.url.ObjectStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a configuration names on this host, looked at without opening or changing any of it. */
final class Surroundings {
    private Surroundings() {}

    /** What would keep a daemon from starting, one line each; blocks on the local disk only. */
    static List<String> problems(ServerConfig config) {
        List<String> problems = new ArrayList<>();
        dataDir(config.data().dir()).ifPresent(problems::add);
        store(config.store()).ifPresent(problems::add);
        config.nbd().tlsConfig(config.tls()).flatMap(Surroundings::tls).ifPresent(problems::add);
        return problems;
    }

    /** It is made when the daemon starts, with the folders on the way to it. */
    private static Optional<String> dataDir(Path wanted) {
        Path whole = wanted.toAbsolutePath().normalize();
        for (@Nullable Path there = whole; there != null; there = there.getParent()) {
            if (Files.exists(there)) {
                return Files.isDirectory(there)
                        ? Optional.empty()
                        : Optional.of("data.dir %s: %s is not a folder".formatted(wanted, there));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> store(StoreSection store) {
        if (store.isAuto()) {
            return Optional.empty();
        }
        try {
            ObjectStores.requireFolder(store.url());
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of("store.url: " + e.getMessage());
        }
    }

    private static Optional<String> tls(TlsConfig tls) {
        try {
            TlsServer.check(tls);
            return Optional.empty();
        } catch (TlsFileException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
