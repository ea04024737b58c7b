// Makes the values of one case as the JSON that Kafka's converters read.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/** The values of one message in one version; a running number keeps neighbouring values apart. */
final class Values {
    /** What a field gets. */
    enum Style {
        /** What the definition calls the default. */
        DEFAULT,
        /** A value of its own, unlike the default and unlike its neighbours. */
        FILLED,
        /** Zero, false or empty, and never null. */
        ZERO,
        MINIMUM,
        /** The largest number; a text beyond ASCII that needs a length of two varint bytes. */
        MAXIMUM
    }

    /**
     * A case: how leaves are filled, where nulls stand, how many elements arrays get.
     *
     * @param nullsFrom first depth (0 = the message's own fields) at which nullable fields are null
     * @param nullsTo last such depth
     */
    record Case(String name, Style style, int nullsFrom, int nullsTo, int structs, int leaves) {
        boolean isNull(int depth) {
            return nullsFrom <= depth && depth <= nullsTo;
        }
    }

    private static final int NEVER = 100;

    /** Every version of every message gets these, as far as they differ. */
    static final List<Case> CASES = List.of(
            new Case("nested-defaults", Style.DEFAULT, NEVER, NEVER, 1, 0),
            new Case("filled", Style.FILLED, NEVER, NEVER, 2, 2),
            new Case("nulls", Style.FILLED, 0, 0, 2, 1),
            new Case("inner-nulls", Style.FILLED, 1, NEVER, 2, 1),
            new Case("zeros", Style.ZERO, NEVER, NEVER, 1, 0),
            new Case("minimums", Style.MINIMUM, NEVER, NEVER, 1, 1),
            new Case("maximums", Style.MAXIMUM, NEVER, NEVER, 1, 2));

    /** An array of 130 takes a length of two varint bytes; 130 structs, each with empty arrays. */
    static final Case MANY = new Case("many", Style.ZERO, NEVER, NEVER, 130, 130);

    /** Two, three and four bytes of UTF-8, a combining mark, a zero, quotes; 160 bytes in all. */
    private static final String UNICODE =
            "z\u00fcrich \u0416 \u65e5\u672c\u8a9e \ud83e\udd80 e\u0301 \u0000 \"\\\t </ \u2028 \ufffd "
                    + "klamm".repeat(23);

    private final Definition definition;
    private final int version;
    private final Case which;
    private int number;
    private boolean longLeafWanted;

    private Values(Definition definition, int version, Case which, boolean longLeaf) {
        this.definition = definition;
        this.version = version;
        this.which = which;
        this.longLeafWanted = longLeaf;
    }

    static ObjectNode of(Definition definition, int version, Case which) {
        return new Values(definition, version, which, false).struct(definition.fields(), 0);
    }

    /** Zeros, but the first text or bytes of the message is 16,384 bytes long: three varint bytes of length. */
    static Optional<ObjectNode> withLongLeaf(Definition definition, int version) {
        Values values = new Values(definition, version, new Case("long", Style.ZERO, NEVER, NEVER, 1, 1), true);
        ObjectNode node = values.struct(definition.fields(), 0);
        return values.longLeafWanted ? Optional.empty() : Optional.of(node);
    }

    /** A value of one field of the message itself, unlike its default. */
    static JsonNode filled(Definition definition, int version, Definition.Field field) {
        return new Values(definition, version, CASES.get(1), false).value(field, 0);
    }

    private ObjectNode struct(List<Definition.Field> fields, int depth) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (Definition.Field field : fields) {
            if (field.versions().contains(version)) {
                node.set(field.name(), value(field, depth));
            }
        }
        return node;
    }

    private JsonNode value(Definition.Field field, int depth) {
        boolean nullable = field.nullable().contains(version);
        boolean startsNull = field.deflt().equals("null");
        if (nullable && (which.isNull(depth) || which.style == Style.DEFAULT && startsNull && isLeaf(field.type()))) {
            return NullNode.instance;
        }
        if (!field.isArray()) {
            return element(field.type(), field, depth);
        }
        boolean structs = definition.isStruct(field.element());
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        int count = which == MANY && depth > 0 ? 0 : structs ? which.structs : which.leaves;
        for (int i = 0; i < count; i++) {
            array.add(element(field.element(), null, depth));
        }
        return array;
    }

    private boolean isLeaf(String type) {
        return !definition.isStruct(type.startsWith("[]") ? type.substring(2) : type);
    }

    /** {@code field} is null for the element of an array, which has no default of its own. */
    private JsonNode element(String type, Definition.Field field, int depth) {
        if (definition.isStruct(type)) {
            return struct(definition.struct(type), depth + 1);
        }
        String deflt = which.style == Style.DEFAULT && field != null ? field.deflt() : "";
        number++;
        return switch (type) {
            case "bool" -> BooleanNode.valueOf(truth(deflt, field));
            case "float64" -> new DoubleNode(real());
            case "uuid" -> new TextNode(uuid().toString());
            case "string" -> new TextNode(text(field == null ? "element" : field.name(), deflt));
            case "bytes", "records" -> new BinaryNode(bytes());
            case "int64", "uint32" -> LongNode.valueOf(integer(type, deflt));
            default -> IntNode.valueOf((int) integer(type, deflt));
        };
    }

    private boolean truth(String deflt, Definition.Field field) {
        return switch (which.style) {
            case DEFAULT -> deflt.equalsIgnoreCase("true");
            case FILLED -> field == null || !field.deflt().equalsIgnoreCase("true");
            case ZERO, MINIMUM -> false;
            case MAXIMUM -> true;
        };
    }

    private long integer(String type, String deflt) {
        int bits = Integer.parseInt(type.replaceAll("\\D", ""));
        boolean signed = !type.startsWith("u");
        long top = signed ? Long.MAX_VALUE >>> (64 - bits) : (1L << bits) - 1;
        return switch (which.style) {
            case DEFAULT -> deflt.isEmpty() ? 0 : Long.decode(deflt);
            case FILLED -> bits == 8 ? number % 100 + 20 : top / 3 + number;
            case ZERO -> 0;
            case MINIMUM -> signed ? -top - 1 : 0;
            case MAXIMUM -> top;
        };
    }

    private double real() {
        return switch (which.style) {
            case DEFAULT, ZERO -> 0.0;
            case FILLED -> number + 0.1;
            case MINIMUM -> -Double.MAX_VALUE;
            case MAXIMUM -> Double.MIN_VALUE;
        };
    }

    private Uuid uuid() {
        return switch (which.style) {
            case DEFAULT, ZERO, MINIMUM -> Uuid.ZERO_UUID;
            case FILLED -> new Uuid(0x0123_4567_89ab_cdefL + number, 0x7edc_ba98_7654_3210L - number);
            case MAXIMUM -> new Uuid(-1, -1);
        };
    }

    private String text(String name, String deflt) {
        if (longLeafWanted) {
            longLeafWanted = false;
            return "0123456789abcdef".repeat(1024);
        }
        return switch (which.style) {
            case DEFAULT -> deflt.equals("null") ? "" : deflt;
            case FILLED -> name + "-" + number;
            case ZERO, MINIMUM -> "";
            case MAXIMUM -> UNICODE;
        };
    }

    private byte[] bytes() {
        if (longLeafWanted) {
            longLeafWanted = false;
            return new byte[16_384];
        }
        return switch (which.style) {
            case DEFAULT, ZERO, MINIMUM -> new byte[0];
            case FILLED -> ByteBuffer.allocate(5).putInt(number).put((byte) 0xff).array();
            case MAXIMUM -> ByteBuffer.allocate(200).putLong(-1).putLong(192, number).array();
        };
    }
}
