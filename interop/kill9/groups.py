"""Offsets of groups while the broker is killed: what was acknowledged is found afterwards, or something later."""
import collections
import random
import threading
import time

import confluent_kafka

from connection import Connection

COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR = 14, 15, 16
# What a client tries again: the coordinator is on its way.
LATER = {COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR}


class Committers(threading.Thread):
    """Groups without members commit one offset after the other; after each kill the first question is what is there."""

    PARTITIONS, GROUPS = 3, 20

    def __init__(self, bootstrap, topic):
        super().__init__()
        self.bootstrap, self.topic, self.over = bootstrap, topic, threading.Event()
        self.sent, self.acknowledged = {}, collections.Counter()
        self.lives, self.commits, self.failure = 0, 0, None

    def run(self):
        try:
            while not self.over.is_set():
                try:
                    with Connection(self.bootstrap, timeout=20) as connection:
                        self.find(connection)
                        self.check(connection)
                        self.lives += 1
                        while not self.over.is_set():
                            self.commit(connection)
                except OSError:
                    time.sleep(0.02)
        except Exception as failure:
            self.failure = failure
            raise

    def groups(self):
        return [f"alone-{number}" for number in range(self.GROUPS)]

    def find(self, connection):
        """Makes the topic of offsets, the first time."""
        for group in self.groups():
            while connection.ask("FindCoordinator", version=3, key=group, key_type=0).error_code in LATER:
                time.sleep(0.02)

    def commit(self, connection):
        group = random.choice(self.groups())
        at = {p: self.acknowledged[group, p] + 1 + random.randrange(5) for p in range(self.PARTITIONS)}
        for partition, offset in at.items():
            self.sent[group, partition] = max(offset, self.sent.get((group, partition), 0))
        answer = connection.ask(
            "OffsetCommit", version=8, group_id=group, generation_id_or_member_epoch=-1, member_id="",
            topics=[{"name": self.topic, "partitions": [
                {"partition_index": p, "committed_offset": offset, "committed_leader_epoch": -1,
                 "committed_metadata": f"m{offset}"} for p, offset in at.items()]}])
        for partition in answer.topics[0].partitions:
            if partition.error_code == 0:
                self.acknowledged[group, partition.partition_index] = at[partition.partition_index]
                self.commits += 1
            else:
                assert partition.error_code in LATER, partition

    def fetch(self, connection, group):
        while True:
            answer = connection.ask("OffsetFetch", version=7, group_id=group, topics=None, require_stable=False)
            if answer.error_code not in LATER:
                break
            time.sleep(0.01)
        assert answer.error_code == 0, answer
        return {p.partition_index: p for topic in answer.topics for p in topic.partitions}

    def check(self, connection):
        """Nothing older than what was acknowledged, nothing newer than what was sent."""
        for group in self.groups():
            found = self.fetch(connection, group)
            for partition in range(self.PARTITIONS):
                least, most = self.acknowledged[group, partition], self.sent.get((group, partition), 0)
                there = found[partition].committed_offset if partition in found else 0
                assert least <= there <= most, f"{group}-{partition}: {there}, between {least} and {most} is right"
                assert not there or found[partition].metadata == f"m{there}", found[partition]
                self.acknowledged[group, partition] = there


class Members(threading.Thread):
    """A group reads what is written; its members come and go, and commit what they have read."""

    GROUP = "killed-group"

    def __init__(self, bootstrap, topic, seed):
        super().__init__()
        self.bootstrap, self.topic, self.over = bootstrap, topic, threading.Event()
        self.chance = random.Random(seed)
        self.lock, self.committed, self.seen = threading.Lock(), collections.Counter(), collections.defaultdict(set)
        self.joined, self.failure = 0, None

    def run(self):
        members = []
        while not self.over.is_set():
            if len(members) < 3:
                members.append(self.member(time.monotonic() + self.chance.uniform(2, 6)))
                self.joined += 1
            time.sleep(0.3)
            members = [member for member in members if member.is_alive()]
        for member in members:
            member.join()

    def member(self, until):
        thread = threading.Thread(target=self.live, args=(until,))
        thread.start()
        return thread

    def live(self, until):
        consumer = self.consumer()
        consumer.subscribe([self.topic], on_assign=self.assigned)
        try:
            while time.monotonic() < until and not self.over.is_set():
                messages = [m for m in consumer.consume(500, timeout=0.2) if m.error() is None]
                for message in messages:
                    self.seen[message.partition()].add(message.offset())
                if messages:
                    self.commit(consumer)
        except Exception as failure:
            self.failure = failure
        finally:
            consumer.close()

    def consumer(self):
        return confluent_kafka.Consumer({
            "bootstrap.servers": self.bootstrap, "group.id": self.GROUP, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "session.timeout.ms": 6000, "heartbeat.interval.ms": 500,
            "reconnect.backoff.max.ms": 200, "log_level": 0})

    def assigned(self, consumer, partitions):
        """Where the group goes on is no earlier than where it said that it was."""
        with self.lock:
            due = {p.partition: self.committed[p.partition] for p in partitions}
        try:
            found = consumer.committed(partitions, timeout=20)
        except confluent_kafka.KafkaException:
            return
        for partition in found:
            if partition.error is None and max(partition.offset, 0) < due[partition.partition]:
                self.failure = f"{partition} is committed, {due[partition.partition]} was"

    def commit(self, consumer):
        try:
            told = consumer.commit(asynchronous=False)
        except confluent_kafka.KafkaException:
            # Killed meanwhile, or no member any more: whoever comes next reads it again.
            return
        with self.lock:
            for partition in told:
                if partition.error is None:
                    self.committed[partition.partition] = max(partition.offset, self.committed[partition.partition])

    def check(self, ends, connection):
        """Reads the rest; whatever lies below a committed offset was read by somebody. How many were read."""
        deadline = time.monotonic() + 60
        last = threading.Event()
        self.over = last
        closing = self.member(deadline)
        while time.monotonic() < deadline and any(self.committed[p] < end for p, end in ends.items()):
            time.sleep(0.1)
        last.set()
        closing.join()
        assert self.failure is None, self.failure
        for partition, end in ends.items():
            assert self.committed[partition] == end, f"{partition}: {self.committed[partition]} of {end} committed"
            missing = set(range(end)) - self.seen[partition]
            assert not missing, f"{partition}: {len(missing)} records were passed over, first {sorted(missing)[:5]}"
        groups = connection.ask("ListGroups", states_filter=[], types_filter=[]).groups
        assert self.GROUP in {group.group_id for group in groups}, groups
        return sum(ends.values())
