import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic for each codec; idempotent and with acks=all, as the Java client is by itself. */
final class Produce {
    static void run(Map<String, String> options) throws Exception {
        Records records = new Records(options.get("records"));
        for (String codec : options.get("codecs").split(",")) {
            String topic = options.get("prefix") + "-" + codec;
            Map<String, Object> config = Map.of(
                "bootstrap.servers", options.get("bootstrap"), "compression.type", codec, "linger.ms", 20, "batch.size", 65536);
            try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
                 var out = new PrintWriter(Path.of(options.get("folder"), topic).toFile())) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (ProducerRecord<byte[], byte[]> record : records.of(topic)) {
                    sent.add(producer.send(record));
                }
                producer.flush();
                for (Future<RecordMetadata> one : sent) {
                    out.println(one.get().partition() + " " + one.get().offset());
                }
            }
        }
    }
}
