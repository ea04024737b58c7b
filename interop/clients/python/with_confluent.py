"""confluent-kafka: a current librdkafka."""
import confluent_kafka
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

import program

CODECS_WITH_IDEMPOTENCE = ("gzip", "zstd")


def produce(bootstrap, records, prefix, folder, codecs):
    records = list(program.read_records(records))
    for codec in codecs.split(","):
        producer = confluent_kafka.Producer({
            "bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 20,
            "enable.idempotence": codec in CODECS_WITH_IDEMPOTENCE})
        acknowledged = [None] * len(records)

        def delivery(index):
            def delivered(error, message):
                if error is not None:
                    raise confluent_kafka.KafkaException(error)
                acknowledged[index] = message.partition(), message.offset()
            return delivered

        topic = f"{prefix}-{codec}"
        # What it takes in before it knows the topic could be mixed up with what it takes in then.
        producer.list_topics(topic, timeout=30)
        for index, record in enumerate(records):
            producer.produce(topic, record.value, record.key, headers=record.headers, timestamp=record.timestamp,
                             on_delivery=delivery(index))
            producer.poll(0)
        producer.flush(60)
        program.write_acknowledgements(f"{folder}/{topic}", acknowledged)


def consume(bootstrap, group, topics, strategy=None, instance=None, session="45000", count=None):
    config = {"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest",
              "enable.auto.commit": False, "check.crcs": True, "session.timeout.ms": int(session),
              "heartbeat.interval.ms": program.HEARTBEAT}
    config |= {"partition.assignment.strategy": strategy} if strategy else {}
    config |= {"group.instance.id": instance} if instance else {}
    consumer = confluent_kafka.Consumer(config)
    stop, segments, committed = program.told(), program.Segments(), 0

    def commit():
        try:
            consumer.commit(asynchronous=False)
        except confluent_kafka.KafkaException as e:
            if e.args[0].code() != confluent_kafka.KafkaError._NO_OFFSET:
                program.say("error", e.args[0].name())

    def revoked(_, partitions):
        commit()
        segments.flush()
        program.say_partitions("revoked", partitions)

    consumer.subscribe(
        topics.split(","), on_assign=lambda _, partitions: program.say_partitions("assigned", partitions),
        on_revoke=revoked, on_lost=lambda _, partitions: program.say_partitions("lost", partitions))
    while not stop.is_set() and not (count and segments.count >= int(count)):
        messages = consumer.consume(1000, timeout=0.2)
        for message in messages:
            if message.error() is not None:
                program.say("error", message.error().str())
                continue
            segments.add(message.topic(), message.partition(), message.offset(), message.timestamp()[1],
                         message.key(), message.value(), message.headers() or [])
        if not messages:
            segments.flush()
        if segments.count - committed >= program.COMMIT_EVERY or (not messages and segments.count > committed):
            commit()
            committed = segments.count
    segments.flush()
    consumer.close()


def offsets(bootstrap, group, topics):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    committed = asked[group].result(30).topic_partitions
    wanted = [TopicPartition(p.topic, p.partition) for p in committed if p.topic in topics.split(",")]
    ends = admin.list_offsets({p: OffsetSpec.latest() for p in wanted})
    for p in committed:
        if p.topic in topics.split(","):
            program.say("offset", p.topic, p.partition, p.offset,
                        ends[TopicPartition(p.topic, p.partition)].result(30).offset)


if __name__ == "__main__":
    mode, options = program.arguments()
    {"produce": produce, "consume": consume, "offsets": offsets}[mode](**options)
