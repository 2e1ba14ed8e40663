package io.lsmbd.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.Verdict;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.Transition;

/** What settings of a bucket are told to be, without any bucket. */
class BucketJudgementTest {
    private final BucketJudgement judgement = new BucketJudgement("disks/a/");

    private static LifecycleRule rule(String prefix, Consumer<LifecycleRule.Builder> what) {
        return LifecycleRule.builder()
                .id("tidy")
                .status(ExpirationStatus.ENABLED)
                .filter(filter -> filter.prefix(prefix))
                .applyMutation(what)
                .build();
    }

    private static LifecycleRule expiring(String prefix) {
        return rule(prefix, rule -> rule.expiration(expiration -> expiration.days(30)));
    }

    private static LifecycleRule moving(String to) {
        Transition move = Transition.builder().days(30).storageClass(to).build();
        return rule("", rule -> rule.transitions(move));
    }

    private static LifecycleRule forgetting(String prefix) {
        return rule(prefix, rule -> rule.noncurrentVersionExpiration(old -> old.noncurrentDays(7)));
    }

    private static void assertBad(Verdict verdict, String what, CheckResult result) {
        assertThat(result.verdict()).isEqualTo(verdict);
        assertThat(result.finding()).contains(what);
        assertThat(result.hint()).isNotBlank();
    }

    private static void assertFine(CheckResult result) {
        assertThat(result.verdict()).as(result.finding()).isEqualTo(Verdict.OK);
        assertThat(result.hint()).isEmpty();
    }

    @Test
    void versioningHasToForget() {
        var on = BucketVersioningStatus.ENABLED;
        assertFine(judgement.versioning(null, List.of()));
        assertFine(judgement.versioning(BucketVersioningStatus.SUSPENDED, List.of()));
        assertFine(judgement.versioning(on, List.of(forgetting("disks/"))));
        assertThat(judgement.versioning(on, List.of(forgetting(""))).finding()).contains("7 days");
        assertBad(Verdict.WARNING, "never expire", judgement.versioning(on, List.of()));
        assertBad(Verdict.WARNING, "was not seen", judgement.versioning(on, null));
        for (LifecycleRule other :
                List.of(
                        forgetting("disks/b/"),
                        forgetting("disks/a/v/1"),
                        forgetting("").toBuilder().status(ExpirationStatus.DISABLED).build(),
                        forgetting("").toBuilder()
                                .filter(filter -> filter.objectSizeGreaterThan(1L))
                                .build())) {
            assertBad(Verdict.WARNING, "never expire", judgement.versioning(on, List.of(other)));
        }
    }

    @Test
    void aRuleThatDeletesOurObjectsDestroysVolumes() {
        for (String prefix : List.of("", "disks/", "disks/a/", "disks/a/v/1")) {
            assertBad(
                    Verdict.FAILED,
                    "rule tidy deletes",
                    judgement.lifecycle(List.of(forgetting(""), expiring(prefix))));
        }
        LifecycleRule both =
                expiring("").toBuilder()
                        .filter(filter -> filter.and(and -> and.prefix("disks/")))
                        .build();
        assertBad(Verdict.FAILED, "deletes", judgement.lifecycle(List.of(both)));
    }

    @Test
    void aRuleThatIsNotForUsIsFine() {
        Tag tag = Tag.builder().key("k").value("v").build();
        assertFine(judgement.lifecycle(List.of()));
        assertFine(judgement.lifecycle(List.of(expiring("disks/b/"), forgetting(""))));
        assertFine(
                judgement.lifecycle(
                        List.of(
                                expiring("").toBuilder().status(ExpirationStatus.DISABLED).build(),
                                expiring("").toBuilder().filter(filter -> filter.tag(tag)).build(),
                                expiring("").toBuilder()
                                        .filter(filter -> filter.and(and -> and.tags(tag)))
                                        .build(),
                                rule(
                                        "",
                                        marker ->
                                                marker.expiration(
                                                        e -> e.expiredObjectDeleteMarker(true))))));
    }

    @Test
    void objectsThatAreMovedAwayAreSlowOrLost() {
        assertBad(
                Verdict.WARNING,
                "to STANDARD_IA",
                judgement.lifecycle(List.of(moving("STANDARD_IA"))));
        assertBad(
                Verdict.FAILED,
                "to DEEP_ARCHIVE",
                judgement.lifecycle(List.of(moving("DEEP_ARCHIVE"))));
        assertFine(judgement.lifecycle(List.of(moving("INTELLIGENT_TIERING"))));
    }

    @Test
    void theClassThatIsAskedForIsJudgedAlike() {
        assertFine(judgement.storageClass(""));
        assertFine(judgement.storageClass("STANDARD"));
        assertBad(Verdict.WARNING, "ONEZONE_IA", judgement.storageClass("ONEZONE_IA"));
        assertBad(Verdict.FAILED, "glacier", judgement.storageClass("glacier"));
    }

    @Test
    void lockedObjectsStay() {
        assertFine(judgement.objectLock(null));
        assertBad(
                Verdict.WARNING,
                "30 days",
                judgement.objectLock(DefaultRetention.builder().days(30).build()));
        assertBad(
                Verdict.WARNING,
                "2 years",
                judgement.objectLock(DefaultRetention.builder().years(2).build()));
    }

    @Test
    void theRightChecksumsAreNamed() {
        var auto = S3Address.Checksums.AUTO;
        var without = S3Address.Checksums.WHEN_REQUIRED;
        assertFine(judgement.checksums(auto, "", ""));
        assertFine(judgement.checksums(without, "refused", ""));
        assertBad(Verdict.FAILED, "refused by it", judgement.checksums(auto, "refused by it", ""));
        assertBad(Verdict.WARNING, "when-supported works", judgement.checksums(without, "", ""));
        assertThat(judgement.checksums(auto, "a", "b").verdict()).isEqualTo(Verdict.SKIPPED);
    }

    @Test
    void whatIsNotSeenIsNeitherGoodNorBad() {
        CheckResult unseen = BucketJudgement.unseen("lifecycle", "AccessDenied (403)");
        assertThat(unseen.verdict()).isEqualTo(Verdict.SKIPPED);
        assertThat(unseen.finding()).isEqualTo("not seen: AccessDenied (403)");
    }
}
