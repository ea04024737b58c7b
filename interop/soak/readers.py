"""Who reads without a group: the auditor, who follows, and readers that come for all there is and go."""
import asyncio
import os
import subprocess
import time

import aiokafka
import confluent_kafka
import kafka

import served
from book import Wrong, check_content
from connection import Connection
from part import Part


# Seconds without a record that is due.
PATIENCE = 60


def consumer(soak, part, group="unused", **settings):
    return confluent_kafka.Consumer({
        "bootstrap.servers": soak.bootstrap, "group.id": group, "enable.auto.commit": False, "check.crcs": True,
        "auto.offset.reset": "earliest", "fetch.min.bytes": 2000, "fetch.wait.max.ms": 500, "log_level": 0,
        "error_cb": lambda error: soak.errors.add(part, error.name(), error.str()), **settings})


class Auditor(Part):
    """Follows some topics from their first record until told to stop."""

    def __init__(self, soak, topics):
        super().__init__(soak)
        self.topics = topics

    def turn(self):
        reader = consumer(self.soak, "auditor")
        book = self.soak.book
        reader.assign([confluent_kafka.TopicPartition(topic, p, len(book.entries[topic, p]))
                       for topic, count in self.topics.items() for p in range(count)])
        try:
            while not self.over.is_set():
                for message in reader.consume(1000, timeout=0.5):
                    if message.error() is not None:
                        self.soak.errors.add("auditor", message.error().name(), message.error().str())
                        continue
                    book.enter(message.topic(), message.partition(), message.offset(), message.key(), message.value())
        finally:
            reader.close()

    def is_at(self, ends):
        return all(len(self.soak.book.entries[where]) == end for where, end in ends.items())


def bounds(soak, topics, timestamp):
    with Connection(soak.bootstrap) as connection:
        return {(topic, p): served.list_offset(connection, topic, p, timestamp)[0]
                for topic, count in topics.items() for p in range(count)}


class Readers(Part):
    """Reads a topic from its beginning to where its end is now, with one client after the other."""

    PAUSE = (1, 4)

    def __init__(self, soak, number, topics):
        super().__init__(soak, number)
        self.topics = topics
        self.kinds = (self.confluent, self.kafka_python, self.aiokafka, self.kcat, self.console)

    def turn(self):
        kind, topic = self.chance.choice(self.kinds), self.chance.choice(sorted(self.topics))
        topics = {topic: self.topics[topic]}
        starts = bounds(self.soak, topics, served.EARLIEST)
        ends = {where: end for where, end in bounds(self.soak, topics, served.LATEST).items() if end > starts[where]}
        self.due = dict(ends)
        self.next, self.starts, self.moved = {}, starts, time.monotonic()
        if ends:
            kind(topic, ends)
        if self.due and not self.over.is_set():
            raise Wrong(f"{kind.__name__}: {self.due} did not come; came to {self.next}")
        self.soak.count(f"read by {kind.__name__}", sum(end - starts[where] for where, end in ends.items()))
        self.soak.count("readers")

    def take(self, topic, partition, offset, key, value):
        where = topic, partition
        due = self.next.get(where, self.starts[where])
        # Retention may take what was due.
        if offset != due and (offset < due or self.start_of(where) < offset):
            raise Wrong(f"{where}: {offset} came, {due} was due")
        self.next[where] = offset + 1
        check_content(key, value)
        self.soak.book.claim(topic, partition, offset, key, value, "reader")
        self.moved = time.monotonic()
        if where in self.due and offset + 1 >= self.due[where]:
            del self.due[where]

    def start_of(self, where):
        return bounds(self.soak, {where[0]: where[1] + 1}, served.EARLIEST)[where]

    def is_done(self):
        """Slow is no fault of the broker where machine and clients have much to do; standing still is."""
        if time.monotonic() - self.moved > PATIENCE:
            raise Wrong(f"nothing came for {PATIENCE} s; {self.due} is due, came to {self.next}")
        return not self.due or self.over.is_set()

    def confluent(self, topic, ends):
        reader = consumer(self.soak, "confluent reader")
        reader.assign([confluent_kafka.TopicPartition(*where, confluent_kafka.OFFSET_BEGINNING) for where in ends])
        try:
            while not self.is_done():
                for message in reader.consume(1000, timeout=0.5):
                    if message.error() is not None:
                        self.soak.errors.add("confluent reader", message.error().name(), message.error().str())
                        continue
                    self.take(topic, message.partition(), message.offset(), message.key(), message.value())
        finally:
            reader.close()

    def kafka_python(self, topic, ends):
        reader = kafka.KafkaConsumer(
            bootstrap_servers=self.soak.bootstrap, group_id=None, enable_auto_commit=False,
            auto_offset_reset="earliest")
        try:
            reader.assign([kafka.TopicPartition(*where) for where in ends])
            while not self.is_done():
                for records in reader.poll(500).values():
                    for record in records:
                        self.take(topic, record.partition, record.offset, record.key, record.value)
        finally:
            reader.close()

    def aiokafka(self, topic, ends):
        async def read():
            reader = aiokafka.AIOKafkaConsumer(
                bootstrap_servers=self.soak.bootstrap, group_id=None, enable_auto_commit=False,
                auto_offset_reset="earliest")
            reader.assign([aiokafka.TopicPartition(*where) for where in ends])
            await reader.start()
            try:
                while not self.is_done():
                    for records in (await reader.getmany(timeout_ms=500)).values():
                        for record in records:
                            self.take(topic, record.partition, record.offset, record.key, record.value)
            finally:
                await reader.stop()

        asyncio.run(read())

    def kcat(self, topic, ends):
        said = self.output(["kcat", "-C", "-b", self.soak.bootstrap, "-t", topic, "-o", "beginning", "-e", "-q",
                            "-X", "check.crcs=true", "-f", "%p\t%o\t%k\t%s\n"])
        for line in said.splitlines():
            partition, offset, key, value = line.split(b"\t", 3)
            self.take(topic, int(partition), int(offset), key, value)

    def console(self, topic, ends):
        """One partition: it has no other way to read without a group to an end."""
        where, end = self.chance.choice(sorted(ends.items()))
        self.due = {where: end}
        said = self.output([
            os.environ["KLAMM_BIN"], "kafka-console-consumer", "--bootstrap-server", self.soak.bootstrap,
            "--topic", topic, "--partition", str(where[1]), "--offset", "earliest",
            "--max-messages", str(end - self.starts[where]),
            "--timeout-ms", "20000"] + [word for name in ("key", "offset", "partition")
                                       for word in ("--formatter-property", f"print.{name}=true")])
        for line in said.splitlines():
            partition, offset, key, value = line.split(b"\t", 3)
            key = None if key == b"null" else key
            partition, offset = partition.removeprefix(b"Partition:"), offset.removeprefix(b"Offset:")
            self.take(topic, int(partition), int(offset), key, value)

    def output(self, line):
        pipe = subprocess.PIPE
        done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, timeout=5 * PATIENCE)
        # The console consumer counts the records on its standard error.
        said = done.stderr.decode().strip()
        if done.returncode or (said and not said.startswith("Processed a total of")):
            self.soak.errors.add(f"reader {line[0].rsplit('/', 1)[-1]}", f"exit code {done.returncode}", said[-300:])
        return done.stdout
