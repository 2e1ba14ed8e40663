package io.lsmbd.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The architecture of all modules' main classes; the planted classes show that rules can fail. */
class ArchitectureTest {

    private static final SourceTree TREE = SourceTree.here();
    private static final JavaClasses OURS =
            new ClassFileImporter().importPaths(TREE.classFolders());
    private static final JavaClasses PLANTED =
            new ClassFileImporter()
                    .importPackages(
                            "io.lsmbd.planted", "io.lsmbd.ctl.planted", "io.lsmbd.server.planted");

    /** A rule and, for each of its planted violations, a word of the message. */
    private record Case(String name, ArchRule rule, List<String> planted) {}

    private static final List<Case> CASES =
            List.of(
                    new Case(
                            "Netty stays in the front end",
                            ArchitectureRules.NETTY_STAYS_IN_THE_FRONT_END,
                            List.of("NettyUser")),
                    new Case(
                            "RocksDB has one door",
                            ArchitectureRules.ROCKSDB_HAS_ONE_DOOR,
                            List.of("RocksDbUser")),
                    new Case(
                            "the AWS SDK has one door",
                            ArchitectureRules.AWS_SDK_HAS_ONE_DOOR,
                            List.of("AwsSdkUser")),
                    new Case(
                            "packages are free of cycles",
                            ArchitectureRules.PACKAGES_ARE_FREE_OF_CYCLES,
                            List.of("Lower", "Upper")),
                    new Case(
                            "lsmctl sees only the admin API",
                            ArchitectureRules.LSMCTL_SEES_ONLY_THE_ADMIN_API,
                            List.of("DaemonUser")),
                    new Case(
                            "time, threads and chance come from the environment",
                            ArchitectureRules.TIME_THREADS_AND_CHANCE_COME_FROM_THE_ENVIRONMENT,
                            List.of("nanoTime", "ofVirtual", "randomUUID")),
                    new Case(
                            "names say something",
                            ArchitectureRules.NAMES_SAY_SOMETHING,
                            List.of("DefaultPlanted", "PlantedManager")));

    @TestFactory
    Stream<DynamicTest> theRuleHolds() {
        return CASES.stream()
                .map(it -> DynamicTest.dynamicTest(it.name(), () -> it.rule().check(OURS)));
    }

    @TestFactory
    Stream<DynamicTest> theRuleFindsItsPlantedViolations() {
        return CASES.stream().map(it -> DynamicTest.dynamicTest(it.name(), () -> assertBites(it)));
    }

    @Test
    void importsRunOneWay() {
        ModuleRules.importsRunOneWay(ModuleRules.moduleByPackage(TREE)).check(OURS);
    }

    @Test
    void anImportUpwardsIsFound() {
        var modules = Map.of("io.lsmbd.planted.first", "base", "io.lsmbd.planted.second", "wal");
        var found = ModuleRules.importsRunOneWay(modules).evaluate(PLANTED).getFailureReport();
        assertThat(found.getDetails()).isNotEmpty().allMatch(it -> it.contains("base uses wal"));
    }

    @Test
    void everyModuleHasItsPlaceInTheOrder() {
        assertThat(ModuleRules.MAY_USE.keySet())
                .containsExactlyInAnyOrderElementsOf(TREE.modules());
    }

    private static void assertBites(Case it) {
        var found = it.rule().evaluate(PLANTED).getFailureReport().getDetails();
        assertThat(it.planted())
                .allSatisfy(word -> assertThat(found).anyMatch(line -> line.contains(word)));
    }
}
