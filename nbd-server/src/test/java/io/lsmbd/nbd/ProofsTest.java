package io.lsmbd.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lsmbd.nbd.wire.NbdCommand;
import io.lsmbd.nbd.wire.NbdConstants;
import io.lsmbd.nbd.wire.NbdError;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * The pages say of every name and every rule of the specification which tests prove it: all of them
 * are there, none is without a test, and the tests are those that say so themselves.
 */
class ProofsTest {
    /** Of docs: names, then rules. */
    private static final List<ProofPage> PAGES =
            List.of(ProofPage.of("NBD.md"), ProofPage.of("NBD-RULES.md"));

    private static final Pattern NAMED =
            Pattern.compile("(FLAG|OPT|REP|INFO|STATE|CMD_FLAG|REPLY_FLAG|REPLY_TYPE)_.*");

    private static List<Method> provingMethods() {
        return ReflectionSupport.findAllClassesInPackage("io.lsmbd.nbd", _ -> true, _ -> true)
                .stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Proves.class))
                .toList();
    }

    /** Each key with its tests. */
    private static Map<String, SortedSet<String>> proofs() {
        Map<String, SortedSet<String>> proofs = new TreeMap<>();
        for (Method method : provingMethods()) {
            String test = method.getDeclaringClass().getSimpleName() + "." + method.getName();
            for (String key : method.getAnnotation(Proves.class).value()) {
                proofs.computeIfAbsent(key, _ -> new TreeSet<>()).add("`" + test + "`");
            }
        }
        return proofs;
    }

    /** After a change: {@code ./dev proofs}, which is this test with -Dproofs.write=true. */
    @Test
    void thePagesNameTheTestsThatProveEachRow() {
        var proofs = proofs();
        for (ProofPage page : PAGES) {
            List<String> filled = page.filledIn(proofs);
            if (Boolean.getBoolean("proofs.write")) {
                page.write(filled);
            } else {
                List<String> missing = new ArrayList<>(filled);
                missing.removeAll(page.lines());
                assertThat(missing).as("missing in %s; run ./dev proofs", page.file()).isEmpty();
            }
        }
    }

    @Test
    void everyRowIsProved() {
        var proofs = proofs();
        assertThat(keys().stream().filter(key -> !proofs.containsKey(key))).isEmpty();
    }

    @Test
    void everyProofIsOfARow() {
        assertThat(keys()).doesNotHaveDuplicates().containsAll(proofs().keySet());
    }

    private static List<String> keys() {
        return PAGES.stream()
                .flatMap(page -> page.rows().stream())
                .map(ProofPage.Row::key)
                .toList();
    }

    @Test
    void whatProvesIsATest() {
        assertThat(provingMethods())
                .isNotEmpty()
                .allMatch(method -> AnnotationSupport.isAnnotated(method, Testable.class));
    }

    @Test
    void thePageHasAllNamesOfTheSpecificationWithTheirNumbers() throws IOException {
        Map<String, String> onPage = new LinkedHashMap<>();
        for (ProofPage.Row row : PAGES.getFirst().rows()) {
            if (row.key().matches("NBD_.*|IHAVEOPT|NBDMAGIC|.*:.*")) {
                onPage.put(row.key(), row.cells().get(1));
            }
        }
        assertThat(onPage).containsExactlyEntriesOf(names());
    }

    /** {@code names.txt} is made from the specification, not from what lsmbd has of it. */
    private static Map<String, String> names() throws IOException {
        Map<String, String> names = new LinkedHashMap<>();
        try (InputStream in = ProofsTest.class.getResourceAsStream("names.txt")) {
            assertThat(in).isNotNull();
            for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] words = line.split(" ", 2);
                    names.put(words[0], words.length == 1 ? "" : words[1]);
                }
            }
        }
        return names;
    }

    @Test
    void theNumbersInTheCodeAreThoseOfTheSpecification()
            throws IOException, IllegalAccessException {
        Map<String, String> names = names();
        for (int code = 0; code < NbdCommand.values().length; code++) {
            assertThat(names).containsEntry("NBD_CMD_" + NbdCommand.fromWire(code), "" + code);
        }
        for (NbdError error : NbdError.values()) {
            if (error != NbdError.OK) {
                assertThat(names).containsEntry("NBD_" + error, String.valueOf(error.code()));
            }
        }
        for (Field field : NbdConstants.class.getFields()) {
            if (NAMED.matcher(field.getName()).matches()) {
                assertThat(names)
                        .containsEntry("NBD_" + field.getName(), number(field.getInt(null), field));
            }
        }
    }

    private static String number(int value, Field field) {
        String name = field.getName();
        if (name.contains("FLAG") || name.startsWith("STATE")) {
            assertThat(Integer.bitCount(value)).isEqualTo(1);
            return "bit " + Integer.numberOfTrailingZeros(value);
        }
        if (name.startsWith("REP_ERR")) {
            return "2^31 + " + (value & Integer.MAX_VALUE);
        }
        if (name.startsWith("REPLY_TYPE_ERROR")) {
            return "2^15 + " + (value & 0x7fff);
        }
        return String.valueOf(value);
    }
}
