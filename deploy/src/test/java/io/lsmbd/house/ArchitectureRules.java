package io.lsmbd.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The rules that compiled main classes have to keep. */
final class ArchitectureRules {

    /** Who owns which library: all others work with our own types. */
    static final ArchRule NETTY_STAYS_IN_THE_FRONT_END =
            onlyIn("io.netty..", "io.lsmbd.nbd..", "io.lsmbd.bench..");

    static final ArchRule ROCKSDB_HAS_ONE_DOOR = onlyIn("org.rocksdb..", "io.lsmbd.localindex..");

    static final ArchRule AWS_SDK_HAS_ONE_DOOR =
            onlyIn("software.amazon..", "io.lsmbd.objectstore.s3..");

    static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
            slices().matching("io.lsmbd.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    /** The operator's tool shares the admin API's records with the daemon, and nothing else. */
    static final ArchRule LSMCTL_SEES_ONLY_THE_ADMIN_API =
            noClasses()
                    .that()
                    .resideInAPackage("io.lsmbd.ctl..")
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage(
                                            "io.lsmbd.nbd..",
                                            "io.lsmbd.server..",
                                            "io.lsmbd.admin..")
                                    .and(
                                            DescribedPredicate.not(
                                                    resideInAPackage("io.lsmbd.admin.api.."))))
                    .allowEmptyShould(true);

    /** Where real time and threads are the purpose: the simulation, benchmarks, drawing. */
    static final ArchRule TIME_THREADS_AND_CHANCE_COME_FROM_THE_ENVIRONMENT =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "io.lsmbd.env..",
                            "io.lsmbd.testkit..",
                            "io.lsmbd.bench..",
                            "io.lsmbd.ctl.terminal..")
                    .should()
                    .accessTargetWhere(isAmbient())
                    .allowEmptyShould(true);

    static final ArchRule NAMES_SAY_SOMETHING =
            classes().should(haveTellingNames()).allowEmptyShould(true);

    private static final Map<String, Set<String>> AMBIENT =
            Map.of(
                    "java.lang.System", Set.of("nanoTime", "currentTimeMillis"),
                    "java.lang.Math", Set.of("random"),
                    "java.lang.Thread",
                            Set.of(
                                    "<init>",
                                    "sleep",
                                    "startVirtualThread",
                                    "ofVirtual",
                                    "ofPlatform"),
                    "java.time.Instant", Set.of("now"),
                    "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
                    "java.util.Random", Set.of("<init>"),
                    "java.util.Timer", Set.of("<init>"),
                    "java.util.UUID", Set.of("randomUUID"),
                    "java.util.concurrent.ThreadLocalRandom", Set.of("current"),
                    "java.util.concurrent.Executors",
                            Set.of(
                                    "newVirtualThreadPerTaskExecutor",
                                    "newThreadPerTaskExecutor",
                                    "newFixedThreadPool",
                                    "newCachedThreadPool",
                                    "newSingleThreadExecutor",
                                    "newScheduledThreadPool",
                                    "newSingleThreadScheduledExecutor",
                                    "newWorkStealingPool"));

    private static final Pattern EMPTY_WORD =
            Pattern.compile(
                    "(^|(?<=[a-z0-9]))(Utils?|Common|Misc|Helper|Manager|Impl)(?![a-z])"
                            + "|^(Default|Abstract)(?=[A-Z])");
    private static final Pattern EMPTY_PACKAGE =
            Pattern.compile("\\.(utils?|common|misc|helpers?|managers?|impl)(\\.|$)");

    private ArchitectureRules() {}

    private static ArchRule onlyIn(String library, String... owners) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(owners)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaAccess<?>> isAmbient() {
        return DescribedPredicate.describe(
                "is the JDK's own clock, thread or chance",
                access ->
                        AMBIENT.getOrDefault(access.getTargetOwner().getName(), Set.of())
                                .contains(access.getTarget().getName()));
    }

    private static ArchCondition<JavaClass> haveTellingNames() {
        return new ArchCondition<>("have names that say something") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (EMPTY_WORD.matcher(type.getSimpleName()).find()
                        || EMPTY_PACKAGE.matcher(type.getPackageName()).find()) {
                    var message = type.getName() + " has a name that says nothing";
                    events.add(SimpleConditionEvent.violated(type, message));
                }
            }
        };
    }
}
