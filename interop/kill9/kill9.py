"""Real records while the broker is killed again and again and started on the same folder.

Afterwards every acknowledged record is at the offset that its acknowledgement named, equal keys are in
order, and with idempotence none is there twice. Without idempotence repeats are allowed, loss is not.
"""
import argparse
import collections
import random
import threading
import time

import confluent_kafka

import dataset
from broker import Broker
from clients import confluent

PARTITIONS = 3


class Load(threading.Thread):
    """Sends numbered flights until told to stop; keeps what was acknowledged where."""

    def __init__(self, bootstrap, topic, records, idempotent):
        super().__init__()
        self.topic, self.records = topic, records
        self.producer = confluent_kafka.Producer({
            "bootstrap.servers": bootstrap,
            "enable.idempotence": idempotent,
            "acks": "all",
            "max.in.flight": 5 if idempotent else 1,
            "partitioner": "murmur2_random",
            "linger.ms": 2,
            "message.timeout.ms": 120_000,
            "reconnect.backoff.max.ms": 200,
            "retry.backoff.max.ms": 200,
            "log_level": 0,
        })
        self.acknowledged, self.failures = {}, []
        self.sent, self.over = 0, threading.Event()

    def delivered(self, number):
        def callback(error, message):
            if error is not None:
                self.failures.append(error)
            else:
                self.acknowledged[number] = (message.partition(), message.offset())
        return callback

    def run(self):
        while not self.over.is_set():
            key, value = self.records[self.sent % len(self.records)]
            try:
                self.producer.produce(self.topic, f"{self.sent}\t{value}", key, on_delivery=self.delivered(self.sent))
                self.sent += 1
            except BufferError:
                self.producer.poll(0.05)
            if self.sent % 50 == 0:
                self.producer.poll(0.001)
        assert self.producer.flush(120) == 0


def check(bootstrap, load, idempotent):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "check.crcs": True,
    })
    ends = confluent.ends(bootstrap, load.topic, PARTITIONS)
    consumer.assign([confluent_kafka.TopicPartition(load.topic, p, 0) for p in ends])
    at, last, seen = {}, {}, collections.Counter()
    next_offset, left = collections.Counter(), sum(ends.values())
    while left > 0:
        batch = consumer.consume(min(5000, left), timeout=10)
        assert batch, f"{left} records did not come within 10 s"
        for message in batch:
            assert message.error() is None, message.error()
            partition, offset = message.partition(), message.offset()
            assert offset == next_offset[partition], f"gap in {partition} at {next_offset[partition]}: {offset}"
            next_offset[partition] += 1
            number = int(message.value().split(b"\t", 1)[0])
            if number not in seen:
                assert last.get(message.key(), -1) < number, f"{number} after {last[message.key()]} at {offset}"
                last[message.key()] = number
            seen[number] += 1
            at.setdefault(number, set()).add((partition, offset))
        left -= len(batch)
    consumer.close()
    lost = [n for n, where in load.acknowledged.items() if where not in at.get(n, ())]
    assert not lost, f"{len(lost)} acknowledged records are missing, first {lost[:5]}"
    twice = sum(1 for count in seen.values() if count > 1)
    assert twice == 0 or not idempotent, f"{twice} records are there twice"
    return twice


def run(records, cycles, idempotent, seed):
    chance = random.Random(seed)
    with Broker() as broker:
        topic = "killed"
        confluent.create_topic(broker.bootstrap, topic, PARTITIONS, {"segment.bytes": "1048576"})
        load = Load(broker.bootstrap, topic, records, idempotent)
        load.start()
        for _ in range(cycles):
            time.sleep(chance.uniform(0.3, 1.5))
            broker.kill()
            broker.start()
        time.sleep(1)
        load.over.set()
        load.join()
        assert not load.failures, load.failures[:3]
        assert len(load.acknowledged) == load.sent > 0, (len(load.acknowledged), load.sent)
        twice = check(broker.bootstrap, load, idempotent)
    kind = "idempotent" if idempotent else "plain"
    print(f"{kind:12}{cycles} kills, {load.sent} records acknowledged and there, {twice} twice", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    records = dataset.load()
    run(records, args.cycles, True, args.seed)
    run(records, args.cycles, False, args.seed + 1)
    print("kill9: 2 passed, 0 failed")


if __name__ == "__main__":
    main()
