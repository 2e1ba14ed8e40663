package io.lsmbd.nbd;

import static io.lsmbd.nbd.wire.NbdConstants.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.RawNbdClient.OptionReply;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetaContextTest {
    private static final int EINVAL = 22;

    private NbdFixture nbd;

    @BeforeEach
    void start() throws IOException {
        nbd = new NbdFixture();
    }

    @AfterEach
    void stop() {
        nbd.close();
    }

    @Test
    @Proves("contexts-need-structured")
    void contextsNeedStructuredReplies() throws IOException {
        try (RawNbdClient client = nbd.greeted()) {
            byte[] data = RawNbdClient.metaContextData("disk", "base:allocation");
            assertThat(types(client.options(OPT_SET_META_CONTEXT, data)))
                    .containsExactly(REP_ERR_INVALID);
            assertThat(types(client.options(OPT_LIST_META_CONTEXT, data)))
                    .containsExactly(REP_ERR_INVALID);
        }
    }

    @Test
    @Proves({
        "NBD_OPT_LIST_META_CONTEXT",
        "NBD_REP_META_CONTEXT",
        "base:allocation",
        "context-names",
        "base-lists-all",
        "base-unknown-leaf",
        "context-unknown-namespace",
        "context-none-found",
        "context-list-all",
        "context-list-matching",
        "context-list-ids"
    })
    void listingOffersContextsToMatchingQueries() throws IOException {
        try (RawNbdClient client = structured()) {
            for (String[] queries :
                    List.of(
                            new String[] {"base:"},
                            new String[] {"base:allocation", "base:", "base:allocation"})) {
                List<OptionReply> replies = list(client, queries);
                assertThat(types(replies)).containsExactly(REP_META_CONTEXT, REP_ACK);
                assertThat(replies.getFirst().text()).isEqualTo("\0\0\0\0base:allocation");
            }
            List<OptionReply> all = list(client);
            assertThat(types(all)).containsExactly(REP_META_CONTEXT, REP_META_CONTEXT, REP_ACK);
            assertThat(all.get(0).text()).isEqualTo("\0\0\0\0base:allocation");
            assertThat(all.get(1).text()).isEqualTo("\0\0\0\0lsmbd:location");
            assertThat(types(list(client, "qemu:", "base:other", "nonsense", "")))
                    .containsExactly(REP_ACK);
        }
    }

    @Test
    @Proves({
        "NBD_OPT_SET_META_CONTEXT",
        "NBD_REP_META_CONTEXT",
        "selected-twice",
        "option-final-reply",
        "base-selects-nothing",
        "base-unknown-leaf",
        "context-unknown-namespace",
        "context-none",
        "context-one-reply"
    })
    void selectingAnswersOncePerContext() throws IOException {
        try (RawNbdClient client = structured()) {
            assertThat(types(set(client, "base:allocation", "base:allocation", "qemu:x")))
                    .containsExactly(REP_META_CONTEXT, REP_ACK);
            for (String[] queries :
                    List.of(
                            new String[0],
                            new String[] {"base:"},
                            new String[] {"base:leaf"},
                            new String[] {"other:"})) {
                assertThat(types(set(client, queries))).containsExactly(REP_ACK);
            }
        }
    }

    @Test
    @Proves({"status-unselected", "context-replaces", "context-none"})
    void aLaterSelectionReplacesTheEarlierOne() throws IOException {
        try (RawNbdClient client = structured()) {
            set(client, "base:allocation");
            set(client);
            assertHasNoContext(client, "disk");
        }
    }

    @Test
    @Proves({"NBD_OPT_SET_META_CONTEXT", "selection-survives", "trailing-data", "context-replaces"})
    void aFailingSelectionClearsTheEarlierOne() throws IOException {
        byte[] good = RawNbdClient.metaContextData("disk", "base:allocation");
        byte[] lying = good.clone();
        lying[11] = 7;
        for (byte[] data :
                List.of(
                        RawNbdClient.metaContextData("unknown", "base:allocation"),
                        Arrays.copyOf(good, good.length - 1),
                        Arrays.copyOf(good, good.length + 1),
                        lying,
                        new byte[100_000],
                        new byte[0])) {
            try (RawNbdClient client = structured()) {
                assertThat(set(client, "base:allocation")).hasSize(2);
                assertThat(client.options(OPT_SET_META_CONTEXT, data).getFirst().type())
                        .isNegative();
                assertHasNoContext(client, "disk");
            }
        }
    }

    @Test
    @Proves("context-list-selects")
    void listingLeavesTheSelectionAlone() throws IOException {
        try (RawNbdClient client = structured()) {
            set(client, "base:allocation");
            list(client, "x:");
            client.go("disk");
            assertThat(client.call(7, 0, 0, 512).error()).isZero();
        }
    }

    @Test
    @Proves("context-of-export")
    void aSelectionHoldsForItsExportOnly() throws IOException {
        try (RawNbdClient client = structured()) {
            set(client, "base:allocation");
            assertHasNoContext(client, "fixed");
        }
    }

    @Test
    @Proves({"NBD_REP_ERR_TOO_BIG", "context-too-many"})
    void queriesBeyondReasonAreTooBig() throws IOException {
        String[] many = new String[1025];
        Arrays.fill(many, "a:b");
        try (RawNbdClient client = structured()) {
            assertThat(types(set(client, many))).containsExactly(REP_ERR_TOO_BIG);
            byte[] announced = RawNbdClient.metaContextData("disk");
            announced[announced.length - 4] = -1;
            assertThat(types(client.options(OPT_LIST_META_CONTEXT, announced)))
                    .containsExactly(REP_ERR_INVALID);
        }
    }

    private RawNbdClient structured() throws IOException {
        RawNbdClient client = nbd.greeted();
        client.options(OPT_STRUCTURED_REPLY);
        return client;
    }

    private static List<OptionReply> set(RawNbdClient client, String... queries)
            throws IOException {
        return client.options(OPT_SET_META_CONTEXT, RawNbdClient.metaContextData("disk", queries));
    }

    private static List<OptionReply> list(RawNbdClient client, String... queries)
            throws IOException {
        return client.options(OPT_LIST_META_CONTEXT, RawNbdClient.metaContextData("disk", queries));
    }

    private static void assertHasNoContext(RawNbdClient client, String export) throws IOException {
        client.go(export);
        assertThat(client.call(7, 0, 0, 512).error()).isEqualTo(EINVAL);
        assertThat(client.call(3, 0, 0, 0).error()).isZero();
    }

    private static List<Integer> types(List<OptionReply> replies) {
        return replies.stream().map(OptionReply::type).toList();
    }
}
