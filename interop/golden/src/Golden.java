// Writes golden bytes: messages of Kafka's own classes, with the JSON of their values from Kafka's own converters.
//
//   java -cp 'classes:jars/*' Golden JARS OUT

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.server.common.ApiMessageAndVersion;

/** One line of JSON for each case of each version of each message. */
final class Golden {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HexFormat HEX = HexFormat.of();

    private final PrintWriter out;
    private final Definition definition;
    private final Generated generated;
    private final int version;
    private final Set<String> bytesSeen = new HashSet<>();

    private Golden(PrintWriter out, Definition definition, Generated generated, int version) {
        this.out = out;
        this.definition = definition;
        this.generated = generated;
        this.version = version;
    }

    public static void main(String[] args) throws Exception {
        List<Definition> definitions = Definition.all(Path.of(args[0]));
        Path folder = Files.createDirectories(Path.of(args[1]));
        write(folder.resolve("requests.jsonl"), definitions, List.of("request"));
        write(folder.resolve("responses.jsonl"), definitions, List.of("response"));
        write(folder.resolve("records.jsonl"), definitions,
                List.of("header", "data", "metadata", "coordinator-key", "coordinator-value"));
        Tables.write(folder);
    }

    private static void write(Path path, List<Definition> definitions, List<String> types) throws Exception {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8))) {
            for (Definition definition : definitions) {
                if (!types.contains(definition.type())) {
                    continue;
                }
                Generated generated = new Generated(definition.className());
                for (int v = definition.versions().first(); v <= definition.versions().last(); v++) {
                    new Golden(out, definition, generated, v).writeVersion();
                }
            }
        }
    }

    private void writeVersion() throws Exception {
        emit("defaults", generated.fresh(), null);
        for (Values.Case which : Values.CASES) {
            emit(which.name(), Values.of(definition, version, which));
        }
        foreignFields();
        if (version == definition.versions().last()) {
            emit(Values.MANY.name(), Values.of(definition, version, Values.MANY));
            var longLeaf = Values.withLongLeaf(definition, version);
            if (longLeaf.isPresent()) {
                emit("long", longLeaf.get());
            }
            unknownTags();
        }
    }

    /**
     * A field set that this version lacks: Kafka leaves it out or refuses to write the message. The JSON is in
     * the terms of {@code jsonVersion}, the first one that has the field; all else is at its default.
     */
    private void foreignFields() throws Exception {
        for (Definition.Field field : definition.fields()) {
            int home = Math.max(field.versions().first(), definition.versions().first());
            if (field.versions().contains(version) || !field.versions().contains(home)) {
                continue;
            }
            ObjectNode values = (ObjectNode) generated.toJson(generated.fresh(), home);
            values.set(field.name(), Values.filled(definition, home, field));
            Message message = generated.fromJson(values, home);
            ObjectNode line = head("foreign").put("field", field.name()).put("jsonVersion", home);
            try {
                line.put("bytes", HEX.formatHex(Generated.toBytes(message, version)));
            } catch (UnsupportedVersionException e) {
                line.putNull("bytes");
            }
            line.set("json", values);
            print(line);
        }
    }

    private void unknownTags() throws Exception {
        if (!definition.flexible().contains(version)) {
            return;
        }
        ObjectNode values = Values.of(definition, version, Values.CASES.get(1));
        Message message = generated.fromJson(values, version);
        Generated.addUnknownTags(message);
        emit("unknown-tags", message, values);
    }

    private void emit(String which, ObjectNode values) throws Exception {
        emit(which, generated.fromJson(values, version), values);
    }

    private void emit(String which, Message message, ObjectNode made) throws Exception {
        byte[] bytes = Generated.toBytes(message, version);
        String hex = HEX.formatHex(bytes);
        if (!bytesSeen.add(hex)) {
            return;
        }
        JsonNode before = generated.toJson(message, version);
        JsonNode after = generated.toJson(generated.fromBytes(bytes, version), version);
        if (!before.equals(after)) {
            throw new IllegalStateException(definition.name() + " v" + version + " " + which + " came back changed");
        }
        if (made != null) {
            putRecords(after, made, definition.fields());
        }
        ObjectNode line = head(which);
        line.put("bytes", hex);
        if (which.equals("filled")) {
            frame(line, message);
        }
        line.set("json", after);
        print(line);
    }

    private ObjectNode head(String which) {
        return MAPPER.createObjectNode().put("name", definition.name()).put("version", version).put("case", which);
    }

    private void print(ObjectNode line) throws IOException {
        out.print(MAPPER.writeValueAsString(line) + "\n");
    }

    /** Kafka's converters write every `records` as empty bytes; the real ones are put back from what was made. */
    private void putRecords(JsonNode written, JsonNode made, List<Definition.Field> fields) {
        for (Definition.Field field : fields) {
            JsonNode from = made.get(field.name());
            JsonNode to = written.get(field.name());
            if (from == null || to == null || from instanceof NullNode) {
                continue;
            }
            if (field.type().equals("records")) {
                ((ObjectNode) written).set(field.name(), from);
            } else if (from instanceof ArrayNode && definition.isStruct(field.element())) {
                for (int i = 0; i < from.size(); i++) {
                    putRecords(to.get(i), from.get(i), definition.struct(field.element()));
                }
            } else if (definition.isStruct(field.type())) {
                putRecords(to, from, definition.struct(field.type()));
            }
        }
    }

    /** The same message as it stands in a log record, with the numbers in front that say what it is. */
    private void frame(ObjectNode line, Message message) {
        byte[] framed = switch (definition.type()) {
            case "metadata" -> {
                var record = new ApiMessageAndVersion((ApiMessage) message, (short) version);
                var cache = new ObjectSerializationCache();
                var serde = MetadataRecordSerde.INSTANCE;
                var buffer = java.nio.ByteBuffer.allocate(serde.recordSize(record, cache));
                serde.write(record, cache, new ByteBufferAccessor(buffer));
                yield buffer.array();
            }
            case "coordinator-key" -> MessageUtil.toCoordinatorTypePrefixedBytes((ApiMessage) message);
            case "coordinator-value" -> MessageUtil.toVersionPrefixedBytes((short) version, message);
            default -> null;
        };
        if (framed != null) {
            line.put("framed", HEX.formatHex(framed));
        }
    }
}
