package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.FLAG_READ_ONLY;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_EXPORT_NAME;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_GO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_INFO;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_LIST_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_SET_META_CONTEXT;
import static io.lsmbd.nbd.wire.NbdConstants.OPT_STRUCTURED_REPLY;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ACK;
import static io.lsmbd.nbd.wire.NbdConstants.REP_ERR_UNKNOWN;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import io.lsmbd.testkit.ModelVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients see of volumes that the rules keep from them: nothing. */
class AccessTest {
    private static final int WRITE = 1;
    private static final int TRIM = 4;
    private static final int WRITE_ZEROES = 6;
    private static final int EPERM = 1;

    @ParameterizedTest
    @CsvSource({
        // the rule,                                           volume, access
        "volumes=disk read-write,                              disk,   READ_WRITE",
        "volumes=disk read-only,                               disk,   READ_ONLY",
        "volumes=disk read-write,                              fixed,  NONE",
        "volumes=* read-write,                                 fixed,  READ_ONLY",
        "volumes=* network=127.0.0.0/8 read-write,             disk,   READ_WRITE",
        "volumes=* network=10.0.0.0/8 read-write,              disk,   NONE",
        "volumes=* network=unix read-write,                    disk,   NONE",
        "volumes=* cn=anyone read-write,                       disk,   NONE",
        "volumes=f* read-write,                                disk,   NONE",
    })
    @Proves({
        "NBD_FLAG_READ_ONLY",
        "NBD_EPERM",
        "NBD_REP_ERR_UNKNOWN",
        "NBD_OPT_LIST",
        "selective-list",
        "read-only-errors"
    })
    void theAccessMatrix(String rule, String volume, String access) throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow(rule).start();
                RawNbdClient client = nbd.greeted()) {
            assertThat(names(client).contains(volume)).isEqualTo(!access.equals("NONE"));
            List<OptionReply> info = client.options(OPT_INFO, RawNbdClient.goData(volume));
            client.options(OPT_STRUCTURED_REPLY);
            int context = answer(client, OPT_SET_META_CONTEXT, volume);
            int contexts = answer(client, OPT_LIST_META_CONTEXT, volume);
            int go = client.options(OPT_GO, RawNbdClient.goData(volume)).getLast().type();
            assertThat(List.of(info.getLast().type(), context, contexts, go))
                    .containsOnly(access.equals("NONE") ? REP_ERR_UNKNOWN : REP_ACK);
            if (access.equals("NONE")) {
                return;
            }
            int flags = ByteBuffer.wrap(info.getFirst().data()).getShort(10);
            boolean isReadOnly = access.equals("READ_ONLY");
            assertThat((flags & FLAG_READ_ONLY) != 0).isEqualTo(isReadOnly);
            int error = isReadOnly ? EPERM : 0;
            assertThat(client.call(WRITE, 0, 0, 512, new byte[512]).error()).isEqualTo(error);
            assertThat(client.call(TRIM, 0, 0, 512).error()).isEqualTo(error);
            assertThat(client.call(WRITE_ZEROES, 0, 0, 512).error()).isEqualTo(error);
            assertThat(client.call(0, 0, 0, 512).error()).isZero();
        }
    }

    @Test
    void theOperatorLearnsWhatTheClientDoesNot() throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow("volumes=disk read-write").start();
                RawNbdClient client = nbd.greeted()) {
            String counter = "lsmbd_nbd_refused_exports_total";
            assertThat(client.options(OPT_GO, RawNbdClient.goData("fixed")).getLast().type())
                    .isEqualTo(REP_ERR_UNKNOWN);
            assertThat(nbd.counter(counter, "forbidden")).isEqualTo(1);
            assertThat(nbd.counter(counter, "unknown")).isZero();
            assertThat(client.options(OPT_GO, RawNbdClient.goData("nosuch")).getLast().type())
                    .isEqualTo(REP_ERR_UNKNOWN);
            assertThat(nbd.counter(counter, "forbidden")).isEqualTo(1);
            assertThat(nbd.counter(counter, "unknown")).isEqualTo(1);
        }
    }

    private static int answer(RawNbdClient client, int option, String export) throws IOException {
        return client.options(option, RawNbdClient.metaContextData(export)).getLast().type();
    }

    private static List<String> names(RawNbdClient client) throws IOException {
        return client.options(OPT_LIST).stream()
                .filter(reply -> reply.type() != REP_ACK)
                .map(reply -> {
                    ByteBuffer data = ByteBuffer.wrap(reply.data());
                    byte[] name = new byte[data.getInt()];
                    data.get(name);
                    return new String(name, UTF_8);
                })
                .toList();
    }

    @Test
    @Proves("export-name-refused")
    void anExportNameThatIsForbiddenOrUnknownClosesWithoutAByte() throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow("volumes=disk read-only").start()) {
            for (String name : List.of("fixed", "nothing")) {
                try (RawNbdClient client = nbd.greeted()) {
                    client.send(RawNbdClient.option(OPT_EXPORT_NAME, name.getBytes(UTF_8)));
                    assertThat(client.readToEnd()).isEmpty();
                }
            }
        }
    }

    @Test
    void forbiddenAndUnknownAreAnsweredAlike() throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow("volumes=disk read-only").start();
                RawNbdClient client = nbd.greeted()) {
            client.options(OPT_STRUCTURED_REPLY);
            for (int option : new int[] {OPT_INFO, OPT_GO}) {
                assertThat(text(client, option, RawNbdClient.goData("fixed")))
                        .isEqualTo(text(client, option, RawNbdClient.goData("other")))
                        .isEqualTo("there is no export \"?\"; exports: disk");
            }
            for (int option : new int[] {OPT_SET_META_CONTEXT, OPT_LIST_META_CONTEXT}) {
                assertThat(text(client, option, RawNbdClient.metaContextData("fixed")))
                        .isEqualTo(text(client, option, RawNbdClient.metaContextData("other")));
            }
        }
    }

    /** The message, without the name that was asked for. */
    private static String text(RawNbdClient client, int option, byte[] data) throws IOException {
        List<OptionReply> replies = client.options(option, data);
        assertThat(replies).extracting(OptionReply::type).containsExactly(REP_ERR_UNKNOWN);
        return replies.getFirst().text().replaceAll("\"(fixed|other)\"", "\"?\"");
    }

    @Test
    @Proves("default-export")
    void theEmptyNameMeansTheOnlyVolumeThatOneMayOpen() throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow("volumes=f* read-write").start();
                RawNbdClient client = nbd.greeted()) {
            List<OptionReply> replies = client.options(OPT_GO, RawNbdClient.goData("", 1));
            assertThat(replies.get(1).text()).isEqualTo("\0\1fixed");
        }
    }

    @Test
    void noVolumeIsTouchedBeforeItIsChosen() throws IOException {
        try (NbdFixture nbd = new FixtureConfig().allow("volumes=disk read-write").start();
                RawNbdClient client = nbd.greeted()) {
            nbd.disk.throwFromEverything(new AssertionErrorAsBug());
            nbd.fixed.throwFromEverything(new AssertionErrorAsBug());
            client.options(OPT_LIST);
            client.options(OPT_STRUCTURED_REPLY);
            for (String name : List.of("disk", "fixed", "other", "")) {
                client.options(OPT_INFO, RawNbdClient.goData(name, 1, 2, 3));
                client.options(
                        OPT_SET_META_CONTEXT,
                        RawNbdClient.metaContextData(name, "base:allocation"));
            }
            client.go("disk");
        }
    }

    private static final class AssertionErrorAsBug extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    @Proves("string-sent")
    void namesInErrorsAreBoundedHoweverManyVolumesThereAre() throws IOException {
        try (NbdFixture nbd = new NbdFixture();
                RawNbdClient client = nbd.greeted()) {
            for (int i = 0; i < 3000; i++) {
                nbd.volumes.add(new ModelVolume("v" + "x".repeat(120) + i, 4096));
            }
            OptionReply reply =
                    client.options(OPT_GO, RawNbdClient.goData("é".repeat(2000))).getFirst();
            assertThat(reply.type()).isEqualTo(REP_ERR_UNKNOWN);
            assertThat(reply.data()).hasSizeLessThan(4096);
            assertThat(reply.text()).contains("...").contains("fixed").endsWith("and more");
        }
    }
}
