"""kafka-python: protocol, codecs' framing and groups in pure Python."""
from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import KafkaError

import program

STRATEGIES = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor,
              "cooperative-sticky": CooperativeStickyAssignor}


def produce(bootstrap, records, prefix, folder, codecs):
    records = list(program.read_records(records))
    for codec in codecs.split(","):
        producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, batch_size=65_536,
                                 compression_type=None if codec == "none" else codec)
        topic = f"{prefix}-{codec}"
        futures = [producer.send(topic, key=record.key, value=record.value, headers=record.headers,
                                 timestamp_ms=record.timestamp) for record in records]
        producer.flush(60)
        sent = [future.get(60) for future in futures]
        producer.close()
        program.write_acknowledgements(f"{folder}/{topic}", [(one.partition, one.offset) for one in sent])


class Listener(ConsumerRebalanceListener):
    def __init__(self, segments):
        self.segments = segments

    def on_partitions_assigned(self, assigned):
        program.say_partitions("assigned", assigned)

    def on_partitions_revoked(self, revoked):
        self.segments.flush()
        program.say_partitions("revoked", revoked)

    def on_partitions_lost(self, lost):
        program.say_partitions("lost", lost)


def consume(bootstrap, group, topics, strategy=None, instance=None, session="45000", count=None):
    """Commits are left to the client: by the clock, before each rebalance, and at the end."""
    more = {"partition_assignment_strategy": [STRATEGIES[strategy]]} if strategy else {}
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", auto_commit_interval_ms=500,
        max_poll_records=2000, session_timeout_ms=int(session), heartbeat_interval_ms=program.HEARTBEAT,
        group_instance_id=instance, **more)
    stop, segments = program.told(), program.Segments()
    consumer.subscribe(topics.split(","), listener=Listener(segments))
    while not stop.is_set() and not (count and segments.count >= int(count)):
        try:
            polled = consumer.poll(timeout_ms=200)
        except KafkaError as e:
            program.say("error", type(e).__name__)
            break
        for where, messages in polled.items():
            for m in messages:
                segments.add(where.topic, where.partition, m.offset, m.timestamp, m.key, m.value, m.headers)
        if not polled:
            segments.flush()
    segments.flush()
    consumer.close()


def offsets(bootstrap, group, topics):
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    committed = admin.list_group_offsets({group: None})[group]
    consumer = KafkaConsumer(bootstrap_servers=bootstrap)
    wanted = [p for p in committed if p.topic in topics.split(",")]
    ends = consumer.end_offsets([TopicPartition(p.topic, p.partition) for p in wanted])
    for p in wanted:
        program.say("offset", p.topic, p.partition, committed[p].offset, ends[p])
    consumer.close()
    admin.close()


if __name__ == "__main__":
    mode, options = program.arguments()
    {"produce": produce, "consume": consume, "offsets": offsets}[mode](**options)
