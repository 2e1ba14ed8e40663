package io.lsmbd.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lsmbd.error.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole sessions, byte for byte: resources/io/lsmbd/nbd/sessions. */
class GoldenSessionTest {
    @TempDir private Path folder;

    private static void replay(String name) throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.connect()) {
            Transcript.of(name).replay(client);
        }
    }

    @Test
    @Proves({
        "NBDMAGIC",
        "IHAVEOPT",
        "NBD_OPT_LIST",
        "NBD_OPT_GO",
        "NBD_SIMPLE_REPLY_MAGIC",
        "big-endian",
        "option-reply",
        "simple-only",
        "server-reply",
        "info-lengths",
        "baseline"
    })
    void goAndSimpleReplies() throws IOException {
        replay("go");
    }

    @Test
    @Proves({"NBD_OPT_EXPORT_NAME", "NBD_CMD_DISC", "export-name-answer"})
    void exportNameWithZeroes() throws IOException {
        replay("export-name");
    }

    @Test
    @Proves({
        "NBD_FLAG_C_NO_ZEROES",
        "NBD_OPT_EXPORT_NAME",
        "NBD_FLAG_READ_ONLY",
        "export-name-answer",
        "no-zeroes"
    })
    void exportNameWithoutZeroes() throws IOException {
        replay("export-name-no-zeroes");
    }

    @Test
    @Proves({
        "NBD_STRUCTURED_REPLY_MAGIC",
        "NBD_OPT_STRUCTURED_REPLY",
        "NBD_REP_META_CONTEXT",
        "NBD_REPLY_TYPE_OFFSET_HOLE",
        "NBD_REPLY_TYPE_BLOCK_STATUS",
        "NBD_REPLY_TYPE_ERROR",
        "status-chunks",
        "context-list-all",
        "only-done",
        "none-empty",
        "hole-length",
        "df-one-chunk"
    })
    void structuredReplies() throws IOException {
        replay("structured");
    }

    @Test
    @Proves({
        "NBD_EXTENDED_REQUEST_MAGIC",
        "NBD_EXTENDED_REPLY_MAGIC",
        "NBD_OPT_EXTENDED_HEADERS",
        "NBD_REPLY_TYPE_BLOCK_STATUS_EXT",
        "NBD_CMD_FLAG_PAYLOAD_LEN",
        "big-endian",
        "only-done",
        "extended-precedence",
        "extended-both-ways",
        "status-ext",
        "status-ext-high-bits"
    })
    void extendedHeaders() throws IOException {
        replay("extended");
    }

    @Test
    @Proves({
        "NBD_REP_ERR_UNSUP",
        "NBD_REP_ERR_INVALID",
        "NBD_OPT_ABORT",
        "option-reply",
        "notls-starttls",
        "baseline"
    })
    void refusedOptions() throws IOException {
        replay("refused");
    }

    @Test
    @Proves({"NBD_REP_ERR_TLS_REQD", "forced-tls", "forced-export-name", "forced-no-info"})
    void requiredTls() throws IOException {
        try (NbdFixture nbd = new TlsFixture(folder).start();
                RawNbdClient client = nbd.connect()) {
            Transcript.of("tls-required").replay(client);
        }
    }

    /** What the server sends may not be another byte. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "go",
                "export-name",
                "export-name-no-zeroes",
                "structured",
                "extended",
                "refused"
            })
    void everyLineIsCompared(String name) throws IOException, StorageException {
        Transcript transcript = Transcript.of(name);
        try (NbdFixture nbd = new NbdFixture()) {
            for (Transcript.Line line : transcript.lines()) {
                if (line.sender() != Transcript.Sender.SERVER) {
                    continue;
                }
                nbd.disk.trim(0, NbdFixture.SIZE);
                try (RawNbdClient client = nbd.connect()) {
                    assertThatThrownBy(() -> transcript.spoilt(line).replay(client))
                            .isInstanceOf(AssertionError.class)
                            .hasMessageContaining(name + ".txt:" + line.number() + "]");
                }
            }
            assertThat(nbd.handshakeFailures("protocol")).isZero();
        }
    }
}
