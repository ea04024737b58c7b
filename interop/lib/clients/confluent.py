"""confluent-kafka for Python: a current librdkafka."""
import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from dataset import Digest


def create_topic(bootstrap, topic, partitions, config=None):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(topic, partitions, 1, config=config or {})])[topic].result(30)


def ends(bootstrap, topic, partitions):
    consumer = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": "unused"})
    try:
        return {
            p: consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, p), timeout=30)[1]
            for p in range(partitions)
        }
    finally:
        consumer.close()


def write(bootstrap, topic, codec, records, lines):
    failures = []
    producer = confluent_kafka.Producer({
        "bootstrap.servers": bootstrap,
        "enable.idempotence": True,
        "compression.type": codec,
        "partitioner": "murmur2_random",
        "linger.ms": 20,
        "queue.buffering.max.messages": 1_000_000,
    })

    def delivered(error, _message):
        if error is not None:
            failures.append(error)

    for i, (key, value) in enumerate(records):
        producer.produce(topic, value, key, on_delivery=delivered)
        if i % 1000 == 0:
            producer.poll(0)
    left = producer.flush(120)
    assert left == 0 and not failures, (left, failures[:3])


def read(bootstrap, topic, ends):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "check.crcs": True,
    })
    consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in ends])
    digest, left = Digest(), sum(ends.values())
    while left > 0:
        batch = consumer.consume(min(5000, left), timeout=10)
        assert batch, f"{left} records did not come within 10 s"
        for message in batch:
            assert message.error() is None, message.error()
            digest.add(message.partition(), message.key(), message.value())
        left -= len(batch)
    consumer.close()
    return digest
