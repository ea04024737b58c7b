"""Real records while the broker is killed again and again and started on the same folder.

Each cycle kills once under load, and now and then once more before the start is over, while topics are created and
deleted. Afterwards every acknowledged record is at the offset that its acknowledgement named, without a gap, equal
keys are in order, and with idempotence none is there twice. Without idempotence repeats are allowed, loss is not.
Every topic whose creation was answered is there, every one whose deletion was answered is not. No committed offset goes
back: neither that of groups without members, looked at after every start, nor that of a group whose members come and
go, which passes over no record.
"""
import argparse
import collections
import dataclasses
import random
import threading
import time

import confluent_kafka

import dataset
from broker import Broker
from clients import confluent
from connection import Connection
from groups import Committers, Members
from topics import Topics

PARTITIONS = 3
TOPIC = "killed"


class Load(threading.Thread):
    """Sends numbered flights until told to stop; keeps what was acknowledged where."""

    def __init__(self, bootstrap, topic, records, idempotent, rate):
        super().__init__()
        self.topic, self.records, self.rate = topic, records, rate
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
                self.producer.poll(50 / self.rate)
        assert self.producer.flush(120) == 0


@dataclasses.dataclass
class Found:
    """What a reader has seen: where each number is, and how far each partition and key have come."""
    at: dict = dataclasses.field(default_factory=dict)
    seen: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    next_offset: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    last: dict = dataclasses.field(default_factory=dict)

    def add(self, message):
        assert message.error() is None, message.error()
        partition, offset = message.partition(), message.offset()
        due = self.next_offset[partition]
        assert offset == due, f"gap in {partition} at {due}: {offset}"
        self.next_offset[partition] += 1
        number = int(message.value().split(b"\t", 1)[0])
        if number not in self.seen:
            newest = self.last.get(message.key(), -1)
            assert newest < number, f"{number} after {newest} at {offset}"
            self.last[message.key()] = number
        self.seen[number] += 1
        self.at.setdefault(number, set()).add((partition, offset))


def read(bootstrap, topic):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "check.crcs": True,
    })
    ends = confluent.ends(bootstrap, topic, PARTITIONS)
    consumer.assign([confluent_kafka.TopicPartition(topic, p, 0) for p in ends])
    found, left = Found(), sum(ends.values())
    while left > 0:
        batch = consumer.consume(min(5000, left), timeout=10)
        assert batch, f"{left} records did not come within 10 s"
        for message in batch:
            found.add(message)
        left -= len(batch)
    consumer.close()
    return found


def check(bootstrap, load, idempotent):
    """How many records are there twice; fails when one is lost."""
    found = read(bootstrap, load.topic)
    lost = [n for n, where in load.acknowledged.items() if where not in found.at.get(n, ())]
    assert not lost, f"{len(lost)} acknowledged records are missing, first {lost[:5]}"
    twice = sum(1 for count in found.seen.values() if count > 1)
    assert twice == 0 or not idempotent, f"{twice} records are there twice"
    return twice


def check_groups(bootstrap, committers, members):
    """How many offsets were committed alone, how many records were read by members."""
    assert committers.failure is None, committers.failure
    with Connection(bootstrap) as connection:
        committers.check(connection)
        assert committers.lives > 1, "nobody saw the broker come back"
        return committers.commits, members.check(
            confluent.ends(bootstrap, TOPIC, PARTITIONS), connection)


def kill_and_start(broker, chance):
    """Kills under load; one time in four also while it starts. How many kills it were."""
    time.sleep(chance.uniform(0.3, 1.5))
    broker.kill()
    kills = 1
    while chance.random() < 0.25:
        broker.launch()
        time.sleep(chance.uniform(0, 0.15))
        broker.kill()
        kills += 1
    broker.start()
    return kills


def run(records, cycles, idempotent, seed, rate):
    chance = random.Random(seed)
    with Broker() as broker:
        confluent.create_topic(broker.bootstrap, TOPIC, PARTITIONS, {"segment.bytes": "1048576"})
        load, topics = Load(broker.bootstrap, TOPIC, records, idempotent, rate), Topics(broker.bootstrap)
        committers, members = Committers(broker.bootstrap, TOPIC), Members(broker.bootstrap, TOPIC, seed)
        threads = (load, topics, committers, members)
        for thread in threads:
            thread.start()
        kills = sum(kill_and_start(broker, chance) for _ in range(cycles))
        time.sleep(1)
        for thread in threads:
            thread.over.set()
            thread.join()
        assert not load.failures, load.failures[:3]
        assert len(load.acknowledged) == load.sent > 0, (len(load.acknowledged), load.sent)
        twice = check(broker.bootstrap, load, idempotent)
        created, deleted = topics.check(broker.bootstrap)
        offsets, resumed = check_groups(broker.bootstrap, committers, members)
    kind = "idempotent" if idempotent else "plain"
    print(f"{kind:12}{cycles} cycles, {kills} kills; {load.sent} records acknowledged and there, {twice} twice; "
          f"{created} topics created, {deleted} of them deleted; {offsets} offsets acknowledged and there; "
          f"a group of {members.joined} members by and by read {resumed}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=20_000, help="records a second, at most")
    args = parser.parse_args()
    records = dataset.load()
    run(records, args.cycles, True, args.seed, args.rate)
    run(records, args.cycles, False, args.seed + 1, args.rate)
    print("kill9: 2 passed, 0 failed")


if __name__ == "__main__":
    main()
