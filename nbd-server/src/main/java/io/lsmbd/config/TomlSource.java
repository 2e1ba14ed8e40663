package io.lsmbd.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values from a TOML file, each with its line. */
final class TomlSource {
    private static final Pattern TABLE = Pattern.compile("\\s*\\[([^\\[\\]]+)]\\s*(#.*)?");
    private static final Pattern ASSIGNMENT = Pattern.compile("\\s*([A-Za-z0-9_.\"' -]+?)\\s*=.*");

    private final String path;
    private final Map<String, Integer> lines;
    private final Map<String, Given> values = new LinkedHashMap<>();

    private TomlSource(String path, Map<String, Integer> lines) {
        this.path = path;
        this.lines = lines;
    }

    static Map<String, Given> read(Path file) throws ConfigException {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot read the configuration file %s: %s".formatted(file, reason(e)), e);
        }
        try {
            JsonNode root = new TomlMapper().readTree(text);
            var source = new TomlSource(file.toString(), linesOf(text.lines().toList()));
            source.flatten("", root);
            return source.values;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new ConfigException(
                    "%s:%d: not TOML: %s"
                            .formatted(file, at == null ? 1 : at.getLineNr(), firstLine(e)),
                    e);
        }
    }

    private static String firstLine(JsonProcessingException e) {
        return e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException ? "no such file" : e.toString();
    }

    private void flatten(String prefix, JsonNode node) throws ConfigException {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            String key = prefix + field.getKey();
            JsonNode value = field.getValue();
            if (value.isObject()) {
                flatten(key + ".", value);
            } else {
                values.put(key, new Given(text(key, value), origin(key)));
            }
        }
    }

    private String text(String key, JsonNode value) throws ConfigException {
        if (!value.isArray()) {
            return value.asText();
        }
        var elements = new StringJoiner(",");
        for (JsonNode element : value) {
            if (element.isContainerNode() || element.asText().contains(",")) {
                throw new ConfigException(
                        "%s: %s: a list holds plain values only".formatted(origin(key), key));
            }
            elements.add(element.asText());
        }
        return elements.toString();
    }

    private Origin.File origin(String key) {
        return new Origin.File(path, lines.getOrDefault(key, 1));
    }

    /**
     * Jackson keeps no positions of keys, so they are looked up in the text: good enough for a
     * message, while what a key means is the parser's word alone.
     */
    private static Map<String, Integer> linesOf(List<String> text) {
        Map<String, Integer> lines = new LinkedHashMap<>();
        String table = "";
        for (int i = 0; i < text.size(); i++) {
            Matcher header = TABLE.matcher(text.get(i));
            Matcher assignment = ASSIGNMENT.matcher(text.get(i));
            if (header.matches()) {
                table = bare(header.group(1)) + ".";
            } else if (assignment.matches()) {
                lines.putIfAbsent(table + bare(assignment.group(1)), i + 1);
            }
        }
        return lines;
    }

    private static String bare(String key) {
        return key.replaceAll("[\"' ]", "");
    }
}
