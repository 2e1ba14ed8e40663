package io.lsmbd.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/** Where the Unix socket goes, given that the kernel takes no path of more than 107 bytes. */
final class UnixSocketPath {
    private static final int MAX_BYTES = 107;

    private UnixSocketPath() {}

    /**
     * The absolute path; empty if there shall be none. With {@code auto}, a data directory that is
     * too deep gets its socket in the runtime directory instead, named after a checksum of the
     * directory.
     */
    static Optional<Path> of(NbdSection nbd, DataSection data, Map<String, String> environment)
            throws StartException {
        if (nbd.unix().equals(NbdSection.NONE)) {
            return Optional.empty();
        }
        if (!nbd.unix().equals(NbdSection.AUTO)) {
            Path chosen = Path.of(nbd.unix()).toAbsolutePath().normalize();
            if (!fits(chosen)) {
                throw new StartException(
                        ("nbd.unix %s has more than %d bytes, the kernel's limit; choose a "
                                        + "shorter path")
                                .formatted(chosen, MAX_BYTES));
            }
            return Optional.of(chosen);
        }
        Path directory = data.dir().toAbsolutePath().normalize();
        Path beside = directory.resolve("nbd.sock");
        if (fits(beside)) {
            return Optional.of(beside);
        }
        var checksum = new CRC32();
        checksum.update(directory.toString().getBytes(StandardCharsets.UTF_8));
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "/tmp");
        return Optional.of(Path.of(runtime, "lsmbd-%08x.sock".formatted(checksum.getValue())));
    }

    private static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }
}
