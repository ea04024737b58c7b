// The classes that Kafka generated from one definition, reached by reflection.

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/** Makes, writes and reads messages of one definition. */
final class Generated {
    private final Class<?> messageClass;
    private final Method fromJson;
    private final Method toJson;

    Generated(String className) throws ReflectiveOperationException {
        messageClass = Class.forName(className);
        Class<?> converter = Class.forName(className + "JsonConverter");
        fromJson = converter.getMethod("read", JsonNode.class, short.class);
        toJson = converter.getMethod("write", messageClass, short.class, boolean.class);
    }

    Message fresh() throws ReflectiveOperationException {
        return (Message) messageClass.getConstructor().newInstance();
    }

    Message fromJson(JsonNode values, int version) throws ReflectiveOperationException {
        return (Message) invoke(fromJson, values, (short) version);
    }

    JsonNode toJson(Message message, int version) throws ReflectiveOperationException {
        return (JsonNode) invoke(toJson, message, (short) version, true);
    }

    static byte[] toBytes(Message message, int version) {
        ByteBuffer buffer = MessageUtil.toByteBufferAccessor(message, (short) version).buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    Message fromBytes(byte[] bytes, int version) throws ReflectiveOperationException {
        Message message = fresh();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(buffer), (short) version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(messageClass + " v" + version + " left " + buffer.remaining() + " bytes");
        }
        return message;
    }

    /** Puts two tags that no definition knows into the message and into every struct inside it. */
    static void addUnknownTags(Object struct) throws ReflectiveOperationException {
        if (!(struct instanceof Message message)) {
            return;
        }
        message.unknownTaggedFields().addAll(List.of(
                new RawTaggedField(1000, new byte[] {1, 2, 3}), new RawTaggedField(1_000_000, new byte[0])));
        for (Field field : struct.getClass().getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.getName().startsWith("_")) {
                continue;
            }
            field.setAccessible(true);
            Object value = field.get(struct);
            if (value instanceof Collection<?> elements) {
                for (Object element : elements) {
                    addUnknownTags(element);
                }
            } else {
                addUnknownTags(value);
            }
        }
    }

    private static Object invoke(Method method, Object... arguments) throws ReflectiveOperationException {
        try {
            return method.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
