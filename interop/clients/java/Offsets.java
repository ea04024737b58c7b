import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** What a group has committed, and where the logs end. */
final class Offsets {
    static void run(Map<String, String> options) throws Exception {
        List<String> topics = Arrays.asList(options.get("topics").split(","));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", options.get("bootstrap")))) {
            Map<TopicPartition, OffsetAndMetadata> committed =
                admin.listConsumerGroupOffsets(options.get("group")).partitionsToOffsetAndMetadata().get();
            Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
            committed.keySet().stream().filter(p -> topics.contains(p.topic())).forEach(p -> wanted.put(p, OffsetSpec.latest()));
            Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(wanted).all().get();
            ends.forEach((p, end) -> System.out.println(
                "offset " + p.topic() + " " + p.partition() + " " + committed.get(p).offset() + " " + end.offset()));
        }
    }
}
