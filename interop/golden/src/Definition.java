// One message definition as it travels inside Kafka's jars, and the rules by which Kafka's generator reads it.

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** A definition with at least one live version, and the Java class that Kafka generated from it. */
record Definition(
        String name, String type, Versions versions, Versions flexible, List<Field> fields,
        Map<String, List<Field>> structs, String className) {

    /** An inclusive range of versions; {@code NONE} contains nothing. */
    record Versions(int first, int last) {
        static final Versions NONE = new Versions(0, -1);

        static Versions parse(JsonNode text, Versions absent) {
            if (text == null) {
                return absent;
            }
            String range = text.asText();
            if (range.equals("none")) {
                return NONE;
            }
            if (range.endsWith("+")) {
                return new Versions(Integer.parseInt(range.substring(0, range.length() - 1)), Short.MAX_VALUE);
            }
            String[] ends = range.split("-");
            return new Versions(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
        }

        boolean contains(int version) {
            return first <= version && version <= last;
        }
    }

    /** A field; {@code deflt} is the written default, empty when there is none. */
    record Field(
            String name, String type, Versions versions, Versions nullable, Versions tagged,
            String deflt, boolean ignorable) {

        static Field parse(JsonNode node) {
            Versions tagged = Versions.parse(node.get("taggedVersions"), Versions.NONE);
            JsonNode deflt = node.get("default");
            return new Field(
                    Character.toLowerCase(node.get("name").asText().charAt(0)) + node.get("name").asText().substring(1),
                    node.get("type").asText(),
                    Versions.parse(node.get("versions"), tagged),
                    Versions.parse(node.get("nullableVersions"), Versions.NONE),
                    tagged,
                    // A JSON null is no default at all; only the text "null" makes a field start as null.
                    deflt == null || deflt.isNull() ? "" : deflt.asText(),
                    node.path("ignorable").asBoolean());
        }

        boolean isArray() {
            return type.startsWith("[]");
        }

        String element() {
            return type.substring(2);
        }
    }

    List<Field> struct(String name) {
        return structs.get(name);
    }

    boolean isStruct(String type) {
        return structs.containsKey(type);
    }

    /** Every live definition of every jar in the folder, by name. */
    static List<Definition> all(Path jars) throws IOException {
        Map<String, Definition> found = new TreeMap<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(jars, "kafka-*.jar")) {
            for (Path path : paths) {
                try (JarFile jar = new JarFile(path.toFile())) {
                    readJar(jar, found);
                }
            }
        }
        return new ArrayList<>(found.values());
    }

    private static void readJar(JarFile jar, Map<String, Definition> found) throws IOException {
        JsonMapper mapper = JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();
        Map<String, String> classes = new HashMap<>();
        List<JsonNode> specs = new ArrayList<>();
        for (ZipEntry entry : (Iterable<ZipEntry>) jar.stream().map(e -> (ZipEntry) e)::iterator) {
            String path = entry.getName();
            if (path.matches("(common/)?(message|metadata)/\\w+\\.json")) {
                specs.add(mapper.readTree(jar.getInputStream(entry)));
            } else if (path.endsWith("JsonConverter.class") && !path.contains("$")) {
                String name = path.substring(0, path.length() - "JsonConverter.class".length()).replace('/', '.');
                classes.put(name.substring(name.lastIndexOf('.') + 1), name);
            }
        }
        for (JsonNode spec : specs) {
            Versions versions = Versions.parse(spec.get("validVersions"), null);
            if (versions.contains(versions.first())) {
                Definition definition = parse(spec, versions, classes);
                if (found.put(definition.name, definition) != null) {
                    throw new IllegalStateException("two definitions called " + definition.name);
                }
            }
        }
    }

    private static Definition parse(JsonNode spec, Versions versions, Map<String, String> classes) {
        String name = spec.get("name").asText();
        String type = spec.get("type").asText();
        Map<String, List<Field>> structs = new TreeMap<>();
        for (JsonNode struct : spec.path("commonStructs")) {
            structs.put(struct.get("name").asText(), parseFields(struct.get("fields"), structs));
        }
        List<Field> fields = parseFields(spec.get("fields"), structs);
        boolean suffixed = type.equals("request") || type.equals("response") || type.equals("header");
        String className = classes.get(suffixed ? name + "Data" : name);
        if (className == null) {
            throw new IllegalStateException("no generated class for " + name);
        }
        return new Definition(
                name, type, versions, Versions.parse(spec.get("flexibleVersions"), Versions.NONE), fields, structs,
                className);
    }

    private static List<Field> parseFields(JsonNode nodes, Map<String, List<Field>> structs) {
        List<Field> fields = new ArrayList<>();
        for (JsonNode node : nodes) {
            Field field = Field.parse(node);
            fields.add(field);
            if (node.has("fields")) {
                structs.put(field.isArray() ? field.element() : field.type, parseFields(node.get("fields"), structs));
            }
        }
        return fields;
    }
}
