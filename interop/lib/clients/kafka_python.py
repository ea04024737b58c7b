"""kafka-python: a pure Python client with its own codecs."""
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from dataset import Digest


def write(bootstrap, topic, codec, records, lines):
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, acks="all", linger_ms=20, batch_size=131_072,
        compression_type=None if codec == "none" else codec)
    futures = [producer.send(topic, key=key.encode(), value=value.encode()) for key, value in records]
    producer.flush(120)
    for future in futures:
        assert future.succeeded(), future.exception
    producer.close()


def read(bootstrap, topic, ends):
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest",
        check_crcs=True, fetch_max_bytes=8_388_608, max_poll_records=5000)
    consumer.assign([TopicPartition(topic, p) for p in ends])
    digest, left = Digest(), sum(ends.values())
    while left > 0:
        polled = consumer.poll(timeout_ms=10_000)
        assert polled, f"{left} records did not come within 10 s"
        for partition, batch in polled.items():
            for message in batch:
                digest.add(partition.partition, message.key, message.value)
            left -= len(batch)
    consumer.close()
    return digest
