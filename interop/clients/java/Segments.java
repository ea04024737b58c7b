import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Runs of consecutive offsets; the digests of a run are combined by exclusive or. */
final class Segments {
    private static final int LONGEST = 1000;

    private static final class Run {
        long first;
        long count;
        long digest;
    }

    private final Map<TopicPartition, Run> runs = new HashMap<>();
    private final MessageDigest hash;
    private ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    long count;

    Segments() throws NoSuchAlgorithmException {
        hash = MessageDigest.getInstance("MD5");
    }

    void add(ConsumerRecord<byte[], byte[]> record) {
        count++;
        TopicPartition where = new TopicPartition(record.topic(), record.partition());
        Run run = runs.get(where);
        if (run != null && (run.first + run.count != record.offset() || run.count == LONGEST)) {
            print(where, run);
            run = null;
        }
        if (run == null) {
            run = new Run();
            run.first = record.offset();
            runs.put(where, run);
        }
        run.count++;
        run.digest ^= digest(record);
    }

    void flush() {
        runs.forEach(Segments::print);
        runs.clear();
        System.out.flush();
    }

    private static void print(TopicPartition where, Run run) {
        System.out.println(String.format("segment %s %d %d %d %016x", where.topic(), where.partition(), run.first, run.count, run.digest));
    }

    private long digest(ConsumerRecord<byte[], byte[]> record) {
        buffer.clear();
        buffer.putLong(record.offset()).putLong(record.timestamp());
        put(record.key());
        put(record.value());
        buffer.putInt(record.headers().toArray().length);
        for (Header header : record.headers()) {
            put(header.key().getBytes(StandardCharsets.UTF_8));
            put(header.value());
        }
        hash.update(buffer.array(), 0, buffer.position());
        return ByteBuffer.wrap(hash.digest()).getLong();
    }

    private void put(byte[] data) {
        buffer.putInt(data == null ? -1 : data.length);
        if (data != null) {
            buffer.put(data);
        }
    }
}
