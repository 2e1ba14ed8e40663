package io.lsmbd.objectstore.s3;

import io.lsmbd.objectstore.probe.CheckResult;
import io.lsmbd.objectstore.probe.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.LifecycleRuleFilter;
import software.amazon.awssdk.services.s3.model.Transition;

/** What a bucket's settings mean for volumes in it. Decides only; {@link BucketReview} asks. */
final class BucketJudgement {
    static final String VERSIONING = "versioning";
    static final String LIFECYCLE = "lifecycle";
    static final String OBJECT_LOCK = "object-lock";
    static final String STORAGE_CLASS = "storage-class";
    static final String CHECKSUMS = "checksums";

    /** To be restored, which takes hours, before anything can be read. */
    private static final Set<String> ARCHIVES = Set.of("GLACIER", "DEEP_ARCHIVE");

    /** Read at once, at a price for each read and a least time of storage. */
    private static final Set<String> INFREQUENT =
            Set.of("STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "EXPRESS_ONEZONE");

    private final String prefix;

    /** {@code prefix}: of all keys, empty or with a slash at its end. */
    BucketJudgement(String prefix) {
        this.prefix = prefix;
    }

    private static CheckResult result(String name, Verdict verdict, String finding, String hint) {
        return new CheckResult(name, verdict, finding, Map.of(), hint);
    }

    private static CheckResult ok(String name, String finding) {
        return result(name, Verdict.OK, finding, "");
    }

    /** A setting that could not be read says nothing, neither good nor bad. */
    static CheckResult unseen(String name, String reason) {
        return result(name, Verdict.SKIPPED, "not seen: " + reason, "");
    }

    /** {@code rules}: null if they were not seen. */
    CheckResult versioning(
            @Nullable BucketVersioningStatus status, @Nullable List<LifecycleRule> rules) {
        if (status != BucketVersioningStatus.ENABLED) {
            return ok(VERSIONING, status == null ? "off" : "suspended");
        }
        if (rules != null) {
            Optional<LifecycleRule> expiry =
                    rules.stream()
                            .filter(this::coversAll)
                            .filter(rule -> rule.noncurrentVersionExpiration() != null)
                            .findFirst();
            if (expiry.isPresent()) {
                return ok(
                        VERSIONING,
                        "on; old versions expire after %d days"
                                .formatted(
                                        expiry.get()
                                                .noncurrentVersionExpiration()
                                                .noncurrentDays()));
            }
        }
        return result(
                VERSIONING,
                Verdict.WARNING,
                rules == null
                        ? "on; whether old versions expire was not seen"
                        : "on, and old versions never expire",
                "Whatever lsmbd overwrites or deletes stays in the bucket and is paid for. Let old"
                        + " versions expire by a lifecycle rule (NoncurrentVersionExpiration), or"
                        + " switch versioning off.");
    }

    /** Whether the rule is for all of our objects. */
    private boolean coversAll(LifecycleRule rule) {
        return isActive(rule) && !isPicky(rule) && prefix.startsWith(prefixOf(rule));
    }

    /** Whether it is for some of them. */
    private boolean touches(LifecycleRule rule) {
        return isActive(rule)
                && !hasTags(rule)
                && (prefix.startsWith(prefixOf(rule)) || prefixOf(rule).startsWith(prefix));
    }

    private static boolean isActive(LifecycleRule rule) {
        return rule.status() == ExpirationStatus.ENABLED;
    }

    /** Our objects have none, so that such a rule is not for them. */
    private static boolean hasTags(LifecycleRule rule) {
        LifecycleRuleFilter filter = rule.filter();
        return filter != null
                && (filter.tag() != null || (filter.and() != null && filter.and().hasTags()));
    }

    private static boolean isPicky(LifecycleRule rule) {
        LifecycleRuleFilter filter = rule.filter();
        return filter != null
                && (hasTags(rule)
                        || filter.objectSizeGreaterThan() != null
                        || filter.objectSizeLessThan() != null
                        || (filter.and() != null
                                && (filter.and().objectSizeGreaterThan() != null
                                        || filter.and().objectSizeLessThan() != null)));
    }

    // Old rules have their prefix there, and are still answered so.
    @SuppressWarnings("deprecation")
    private static String prefixOf(LifecycleRule rule) {
        LifecycleRuleFilter filter = rule.filter();
        @Nullable String found = rule.prefix();
        if (filter != null) {
            found = filter.and() == null ? filter.prefix() : filter.and().prefix();
        }
        return found == null ? "" : found;
    }

    /** The worst that any rule does to our objects. */
    CheckResult lifecycle(List<LifecycleRule> rules) {
        List<LifecycleRule> ours = rules.stream().filter(this::touches).toList();
        for (LifecycleRule rule : ours) {
            boolean expires =
                    rule.expiration() != null
                            && (rule.expiration().days() != null
                                    || rule.expiration().date() != null);
            if (expires) {
                return result(
                        LIFECYCLE,
                        Verdict.FAILED,
                        "rule %s deletes objects below \"%s\"".formatted(name(rule), prefix),
                        "It destroys volumes: lsmbd keeps objects for as long as data in them live."
                                + " Remove the rule, or restrict it to other prefixes.");
            }
        }
        for (LifecycleRule rule : ours) {
            for (Transition transition : rule.transitions()) {
                String to = String.valueOf(transition.storageClassAsString());
                CheckResult there = storageClass(to);
                if (there.verdict() != Verdict.OK) {
                    return result(
                            LIFECYCLE,
                            there.verdict(),
                            "rule %s moves objects below \"%s\" to %s"
                                    .formatted(name(rule), prefix, to),
                            there.hint());
                }
            }
        }
        return ok(
                LIFECYCLE,
                ours.isEmpty() ? "no rule is for these objects" : "no rule harms these objects");
    }

    private static String name(LifecycleRule rule) {
        String id = rule.id() == null || rule.id().isEmpty() ? "without a name" : rule.id();
        return S3Errors.printable(id);
    }

    /** {@code retention}: null where objects are not locked by themselves. */
    CheckResult objectLock(@Nullable DefaultRetention retention) {
        if (retention == null) {
            return ok(OBJECT_LOCK, "off, or without a default retention");
        }
        String time =
                retention.days() != null
                        ? retention.days() + " days"
                        : retention.years() + " years";
        return result(
                OBJECT_LOCK,
                Verdict.WARNING,
                "each object is locked for " + time,
                "What lsmbd deletes or overwrites stays, and is paid for, until then. Without a"
                        + " reason for it, remove the bucket's default retention.");
    }

    /** {@code name}: as S3 spells it, or empty for the bucket's own. */
    CheckResult storageClass(String name) {
        String known = name.toUpperCase(Locale.ROOT);
        if (ARCHIVES.contains(known)) {
            return result(
                    STORAGE_CLASS,
                    Verdict.FAILED,
                    name + " cannot be read without being restored",
                    "Volumes are read at any time: use a class that answers at once.");
        }
        if (INFREQUENT.contains(known)) {
            return result(
                    STORAGE_CLASS,
                    Verdict.WARNING,
                    name + " is for objects that are seldom read",
                    "Each read has a price there, and an object that lsmbd deletes early is paid"
                            + " for its least time. STANDARD is the usual choice.");
        }
        return ok(STORAGE_CLASS, name.isEmpty() ? "the bucket's own" : name);
    }

    /**
     * What the two ways of storing an object came to.
     *
     * @param supported why it failed with {@code when-supported}; empty if it did not
     */
    CheckResult checksums(S3Address.Checksums wanted, String supported, String required) {
        boolean isWithout = wanted == S3Address.Checksums.WHEN_REQUIRED;
        if (supported.isEmpty()) {
            return isWithout
                    ? result(
                            CHECKSUMS,
                            Verdict.WARNING,
                            "when-required is set, when-supported works",
                            "Leave checksums= out of the address: then the store compares what it"
                                    + " gets with a CRC32C.")
                    : ok(CHECKSUMS, "when-supported: the store compares CRC32C");
        }
        if (!required.isEmpty()) {
            return unseen(CHECKSUMS, required);
        }
        return isWithout
                ? ok(CHECKSUMS, "when-required: the store takes no CRC32C")
                : result(
                        CHECKSUMS,
                        Verdict.FAILED,
                        "the store does not take objects with CRC32C: " + supported,
                        "Without it it does: write checksums=when-required into the address.");
    }
}
