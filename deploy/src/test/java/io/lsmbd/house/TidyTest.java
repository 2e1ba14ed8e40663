package io.lsmbd.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Style is a test: every rule holds in the tree, and finds the violation planted for it here. */
class TidyTest {

    private static final List<SourceFile> TREE = SourceTree.here().files();

    /** Planted text is put together from pieces, so that it is not itself a find in the tree. */
    private record Rule(
            String name, Function<SourceFile, List<String>> check, SourceFile planted) {}

    private static final List<Rule> RULES =
            List.of(
                    new Rule("files are short", TidyRules::longFiles, test("\n".repeat(601))),
                    new Rule("lines are short", TidyRules::longLines, test("x".repeat(101))),
                    new Rule(
                            "unfinished work names its issue",
                            TidyRules::unfinishedWork,
                            main("// TO" + "DO later")),
                    new Rule(
                            "tests do not sleep",
                            TidyRules::sleepingTests,
                            test("Thread" + ".sleep(10);")),
                    new Rule(
                            "no test is switched off",
                            TidyRules::disabledTests,
                            test("    @" + "Disabled")),
                    new Rule(
                            "suppressions say why",
                            TidyRules::unexplainedSuppressions,
                            main("int a;\n    @" + "SuppressWarnings(\"all\")")),
                    new Rule(
                            "no paths of one machine",
                            TidyRules::machinePaths,
                            main("cd /" + "root/x")),
                    new Rule(
                            "no hosts of registries",
                            TidyRules::registryHosts,
                            main("repo1.maven" + ".org")));

    @TestFactory
    Stream<DynamicTest> theTreeIsTidy() {
        return RULES.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> assertHolds(rule)));
    }

    @TestFactory
    Stream<DynamicTest> theRuleFindsItsPlantedViolation() {
        return RULES.stream()
                .map(rule -> DynamicTest.dynamicTest(rule.name(), () -> assertBites(rule)));
    }

    @Test
    void packagesAreNullMarked() {
        assertThat(TidyRules.packagesWithoutInfo(TREE)).isEmpty();
    }

    @Test
    void packageWithoutNullMarkedIsFound() {
        var bare =
                new SourceFile("base/src/main/java/io/lsmbd/bare/package-info.java", "package x;");
        assertThat(TidyRules.packagesWithoutInfo(List.of(bare))).hasSize(1);
    }

    @Test
    void explainedSuppressionsAndNumberedWorkPass() {
        var explained =
                main("// The array never leaves this class.\n@" + "SuppressWarnings(\"x\")");
        assertThat(TidyRules.unexplainedSuppressions(explained)).isEmpty();
        assertThat(TidyRules.unfinishedWork(main("// TO" + "DO(#12) later"))).isEmpty();
    }

    @Test
    void theTreeIsReadAtAll() {
        assertThat(TREE)
                .extracting(SourceFile::path)
                .contains("dev", "pom.xml", "deploy/src/test/java/io/lsmbd/house/TidyTest.java");
    }

    private static void assertHolds(Rule rule) {
        var found = TREE.stream().flatMap(file -> rule.check().apply(file).stream()).toList();
        if (!found.isEmpty()) {
            fail(rule.name() + ":\n  " + String.join("\n  ", found));
        }
    }

    private static void assertBites(Rule rule) {
        assertThat(rule.check().apply(rule.planted())).hasSize(1);
    }

    private static SourceFile main(String text) {
        return new SourceFile("base/src/main/java/io/lsmbd/planted/Planted.java", text);
    }

    private static SourceFile test(String text) {
        return new SourceFile("base/src/test/java/io/lsmbd/planted/PlantedTest.java", text);
    }
}
