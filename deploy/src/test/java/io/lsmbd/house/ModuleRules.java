package io.lsmbd.house;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Which module may see which. Maven alone allows more, as its dependencies are transitive. */
final class ModuleRules {

    /** A module to the modules that its main sources may use, besides itself. */
    static final Map<String, Set<String>> MAY_USE =
            Map.of(
                    "base", Set.of(),
                    "wal", Set.of("base"),
                    "lsm-core", Set.of("base", "wal"),
                    "gc-compactor", Set.of("base", "wal", "lsm-core"),
                    "nbd-server", Set.of("base", "wal", "lsm-core", "gc-compactor"),
                    "lsmctl", Set.of("base", "wal", "lsm-core", "gc-compactor", "nbd-server"),
                    "testkit", Set.of("base", "wal", "lsm-core"),
                    "bench", Set.of("base", "wal", "lsm-core", "gc-compactor", "nbd-server"),
                    "deploy", Set.of());

    private ModuleRules() {}

    /** Package name to module; a package split over two modules would hide from these rules. */
    static Map<String, String> moduleByPackage(SourceTree tree) {
        var owners = new HashMap<String, String>();
        for (var module : tree.modules()) {
            for (var name : tree.packagesOf(module)) {
                var other = owners.put(name, module);
                if (other != null) {
                    throw new AssertionError(
                            "package " + name + " is in both " + other + " and " + module);
                }
            }
        }
        return owners;
    }

    static ArchRule importsRunOneWay(Map<String, String> moduleByPackage) {
        return ArchRuleDefinition.classes()
                .should(
                        new ArchCondition<JavaClass>("use only modules below their own") {
                            @Override
                            public void check(JavaClass origin, ConditionEvents events) {
                                checkImports(origin, moduleByPackage, events);
                            }
                        })
                .allowEmptyShould(true);
    }

    private static void checkImports(
            JavaClass origin, Map<String, String> moduleByPackage, ConditionEvents events) {
        var from = moduleByPackage.get(origin.getPackageName());
        for (var dependency : origin.getDirectDependenciesFromSelf()) {
            var target = dependency.getTargetClass();
            var to = moduleByPackage.get(target.getPackageName());
            if (from != null && to != null && !from.equals(to) && !mayUse(from, to)) {
                var message = from + " uses " + to + ": " + dependency.getDescription();
                events.add(SimpleConditionEvent.violated(origin, message));
            }
        }
    }

    private static boolean mayUse(String from, String to) {
        return MAY_USE.getOrDefault(from, Set.of()).contains(to);
    }
}
