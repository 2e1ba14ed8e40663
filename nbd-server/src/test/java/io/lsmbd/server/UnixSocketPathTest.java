package io.lsmbd.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnixSocketPathTest {
    private static final String DEEP = "/" + "d".repeat(100);

    private static Optional<Path> of(String unix, String dataDir) throws StartException {
        var listen = io.lsmbd.config.ListenAddress.parse("127.0.0.1:0");
        var nbd =
                new NbdSection(
                        List.of(listen),
                        unix,
                        io.lsmbd.nbd.Transport.AUTO,
                        0,
                        NbdSection.Tls.OFF,
                        NbdSection.Plaintext.LOOPBACK);
        return UnixSocketPath.of(
                nbd, new DataSection(Path.of(dataDir)), Map.of("XDG_RUNTIME_DIR", "/run/user/1"));
    }

    @Test
    void autoIsBesideTheData() throws StartException {
        assertThat(of("auto", "/data")).contains(Path.of("/data/nbd.sock"));
    }

    @Test
    void aPathTooLongForTheKernelGoesToTheRuntimeDirectory() throws StartException {
        assertThat(of("auto", DEEP))
                .hasValueSatisfying(path ->
                        assertThat(path.toString())
                                .matches("/run/user/1/lsmbd-[0-9a-f]{8}\\.sock"));
        assertThat(of("auto", DEEP))
                .isEqualTo(of("auto", DEEP))
                .isNotEqualTo(of("auto", DEEP + "x"));
    }

    @Test
    void aChosenPathThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> of(DEEP + "/nbd.sock", "/data"))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("107 bytes");
    }

    @Test
    void noneIsNoSocket() throws StartException {
        assertThat(of("none", "/data")).isEmpty();
    }
}
