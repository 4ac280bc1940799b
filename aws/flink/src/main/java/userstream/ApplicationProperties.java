// SPDX-License-Identifier: Apache-2.0
package userstream;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * The application's property groups, as Managed Service for Apache Flink lays them down for its applications: {@code
 * [{"PropertyGroupId": "source", "PropertyMap": {"connector": "kinesis", ...}}, ...]}.
 */
final class ApplicationProperties {
    /** {@code ${group.key}} is one value; {@code ${group.*}} the whole group as options of a table. */
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z0-9_-]+)\\.([A-Za-z0-9_.-]+|\\*)}");

    private final Map<String, Map<String, String>> groups;

    ApplicationProperties(Map<String, Map<String, String>> groups) {
        this.groups = groups;
    }

    static ApplicationProperties read(Path file) throws IOException {
        return parse(Files.readString(file), file.toString());
    }

    static ApplicationProperties parse(String json, String name) throws IOException {
        JsonNode root = new ObjectMapper().readTree(json);
        Map<String, Map<String, String>> groups = new TreeMap<>();

        if (!root.isArray()) {
            throw new IllegalArgumentException(name + ": is not a list of property groups");
        }
        for (JsonNode group : root) {
            JsonNode id = group.path("PropertyGroupId");
            JsonNode map = group.path("PropertyMap");
            if (!id.isTextual() || !map.isObject()) {
                throw new IllegalArgumentException(
                        name + ": a property group needs PropertyGroupId and PropertyMap: " + group);
            }
            Map<String, String> values = groups.computeIfAbsent(id.asText(), key -> new TreeMap<>());
            map.fields().forEachRemaining(field -> values.put(field.getKey(), field.getValue().asText()));
        }
        return new ApplicationProperties(groups);
    }

    /** Empty if there is none of that name. */
    Map<String, String> group(String name) {
        return groups.getOrDefault(name, Map.of());
    }

    /** The script with its variables replaced; an unknown one is a mistake of the configuration. */
    String substitute(String script) {
        return VARIABLE.matcher(script).replaceAll(match -> Matcher.quoteReplacement(value(match.group(1), match.group(2))));
    }

    private String value(String group, String key) {
        Map<String, String> values = groups.get(group);

        if (values == null) {
            throw new IllegalArgumentException("there is no property group '" + group + "'; there are " + groups.keySet());
        }
        if (key.equals("*")) {
            return values.entrySet().stream()
                    .map(entry -> "'" + quoted(entry.getKey()) + "' = '" + quoted(entry.getValue()) + "'")
                    .collect(Collectors.joining(",\n    "));
        }
        if (!values.containsKey(key)) {
            throw new IllegalArgumentException("property group '" + group + "' has no '" + key + "'");
        }
        return quoted(values.get(key));
    }

    /** For the inside of a text literal. */
    private static String quoted(String text) {
        return text.replace("'", "''");
    }
}
