import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a group, until it is told to go or has read enough. */
final class Consume implements ConsumerRebalanceListener {
    private static final String HEARTBEAT_MS = "500";
    private static final long COMMIT_EVERY = 5000;
    private static final Map<String, String> STRATEGIES = Map.of(
        "range", "RangeAssignor", "roundrobin", "RoundRobinAssignor", "cooperative-sticky", "CooperativeStickyAssignor");

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Segments segments = new Segments();
    private final long limit;
    private long committed;
    private volatile boolean told;

    static void run(Map<String, String> options) throws Exception {
        new Consume(options).loop(List.of(options.get("topics").split(",")));
    }

    private Consume(Map<String, String> options) throws Exception {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", options.get("bootstrap"), "group.id", options.get("group"),
            "auto.offset.reset", "earliest", "enable.auto.commit", "false", "max.poll.records", "2000",
            "heartbeat.interval.ms", HEARTBEAT_MS,
            "session.timeout.ms", options.getOrDefault("session", "45000")));
        if (options.containsKey("strategy")) {
            config.put("partition.assignment.strategy",
                "org.apache.kafka.clients.consumer." + STRATEGIES.get(options.get("strategy")));
        }
        if (options.containsKey("instance")) {
            config.put("group.instance.id", options.get("instance"));
        }
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        limit = Long.parseLong(options.getOrDefault("count", "0"));
        Thread listener = new Thread(this::waitUntilTold);
        listener.setDaemon(true);
        listener.start();
    }

    private void waitUntilTold() {
        try {
            System.in.read();
        } catch (IOException e) {
            System.err.println(e);
        }
        told = true;
    }

    private void loop(List<String> topics) {
        consumer.subscribe(topics, this);
        try {
            while (!told && (limit == 0 || segments.count < limit)) {
                poll();
            }
            while (segments.count > committed && !commit()) {
                poll();
            }
        } catch (KafkaException e) {
            System.out.println("error " + e.getClass().getSimpleName());
        }
        segments.flush();
        consumer.close();
    }

    private void poll() {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
        for (ConsumerRecord<byte[], byte[]> record : records) {
            segments.add(record);
        }
        if (records.isEmpty()) {
            segments.flush();
        }
        long waiting = segments.count - committed;
        if (waiting >= COMMIT_EVERY || (records.isEmpty() && waiting > 0)) {
            commit();
        }
    }

    /** Whether it is done: between the two halves of a cooperative rebalance it cannot be. */
    private boolean commit() {
        try {
            consumer.commitSync();
        } catch (RebalanceInProgressException e) {
            return false;
        }
        committed = segments.count;
        return true;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        say("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        consumer.commitSync();
        segments.flush();
        say("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        say("lost", partitions);
    }

    private static void say(String what, Collection<TopicPartition> partitions) {
        String[] names = partitions.stream().map(p -> p.topic() + ":" + p.partition()).toArray(String[]::new);
        System.out.println(what + Arrays.stream(names).sorted().map(name -> " " + name).collect(Collectors.joining()));
        System.out.flush();
    }
}
