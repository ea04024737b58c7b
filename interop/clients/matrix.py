"""Every client and codec in, every client out, each in a group of its own.

Compared: keys, values, headers, timestamps, offsets, the order in each partition, and the partition of each
key; every acknowledgement; and, by another client, what each group has committed.
"""
import collections
import concurrent.futures
import functools
import operator
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

import partitioners
import program
import programs
import records

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PARTITIONS = 5
# The second member of each group leaves after so many records.
SECOND_MEMBER = 17_777
# Clients that may be given a record twice when their group changes.
AT_LEAST_ONCE = {"kafkajs"}
# Clients that have no headers without a value.
NO_NULL_HEADERS = {"kafka-python", "kafkajs"}
# Programs at a time.
AT_A_TIME = 2


class Topic:
    """What lies in a topic: for each partition its records in order."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        self.partitions = []

    @functools.cached_property
    def digests(self):
        return [[program.digest(offset, *record) for offset, record in enumerate(one)] for one in self.partitions]

    def count(self):
        return sum(map(len, self.partitions))


class Matrix:
    def __init__(self, bootstrap, clients, codecs, folder):
        self.bootstrap, self.clients, self.codecs, self.folder = bootstrap, clients, codecs, folder
        # So that a broker that was there before can be asked again.
        self.run = f"{int(time.time())}"
        self.topics = [Topic(client, f"{self.prefix(client)}-{codec}") for client in clients for codec in codecs]
        self.records = records.generate(int(time.time() * 1000) - records.HOUR_MS)
        self.kcat_runs = records.kcat_runs()

    def prefix(self, client):
        return f"matrix-{self.run}-{client}"

    def group(self, client):
        return f"matrix-{self.run}-{client}"

    def sent(self, client):
        return records.without_null_headers(self.records) if client in NO_NULL_HEADERS else self.records

    def prepare(self):
        (self.folder / "runs").mkdir()
        (self.folder / "acknowledged").mkdir()
        for client in self.clients:
            records.write(self.folder / client, self.sent(client))
        records.write_kcat_runs(self.folder / "runs", self.kcat_runs)
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 4})
        created = admin.create_topics([NewTopic(topic.name, PARTITIONS, 1) for topic in self.topics])
        for one in created.values():
            one.result(30)

    def write(self, client):
        started = time.monotonic()
        source = self.folder / ("runs" if client == "kcat" else client)
        programs.run(client, "produce", bootstrap=self.bootstrap, records=source, prefix=self.prefix(client),
                     folder=self.folder / "acknowledged", codecs=",".join(self.codecs))
        print(f"in  by {client:14}{time.monotonic() - started:6.1f} s", flush=True)

    def place(self, topic):
        """Where the acknowledgements say that the records are, and whether that can be."""
        if topic.client == "kcat":
            found = self.found(topic)
        else:
            sent = self.sent(topic.client)
            found = acknowledged(self.folder / "acknowledged" / topic.name, topic.name)
            assert len(found) == len(sent), (topic.name, len(found))
            found = [(*where, number, record) for number, (where, record) in enumerate(zip(found, sent))]
        by_key = partitioners.by_crc32 if topic.client in ("kcat", "confluent") else partitioners.by_murmur2
        for partition in range(PARTITIONS):
            here = sorted(((offset, number, record) for p, offset, number, record in found if p == partition),
                          key=operator.itemgetter(0))
            assert [offset for offset, *_ in here] == list(range(len(here))), f"{topic.name} {partition}: gaps"
            order = [number for _, number, _ in here]
            assert order == sorted(order), f"{topic.name} {partition}: not in the order of sending"
            for offset, _, record in here:
                belongs = by_key(record.key, PARTITIONS)
                assert belongs in (None, partition), f"{topic.name} {partition} {offset}: belongs into {belongs}"
            topic.partitions.append([record for *_, record in here])

    def found(self, topic):
        """kcat does not say where its records are: they are looked for. Instead of their numbers, those of their runs:
        what it takes in before it knows the topic gets mixed up with what it takes in then."""
        sent = {(record.key, record.value): (number, record)
                for number, (_, run) in enumerate(self.kcat_runs) for record in run}
        assert len(sent) == sum(len(run) for _, run in self.kcat_runs)
        found = []
        for message in read_all(self.bootstrap, topic.name):
            number, record = sent.pop((message.key(), message.value()))
            assert record.headers == (message.headers() or []), (topic.name, message.offset())
            found.append((message.partition(), message.offset(), number,
                          record._replace(timestamp=message.timestamp()[1])))
        assert not sent, (topic.name, len(sent))
        return found

    def read(self, client):
        started = time.monotonic()
        group = Group(self, client)
        first, second, repeated = group.read()
        print(f"out by {client:14}{time.monotonic() - started:6.1f} s; {first:,} by the first member, {second:,} by the "
              f"second, {repeated:,} twice", flush=True)

    def check_committed(self, client):
        """Another client finds each group at the end of every log."""
        able = [other for other in self.clients if other != "kcat"]
        other = able[(self.clients.index(client) + 1) % len(able)]
        names = [topic.name for topic in self.topics]
        lines = programs.run(other, "offsets", bootstrap=self.bootstrap, group=self.group(client), topics=",".join(names))
        found = {(topic, int(p)): (int(at), int(end)) for _, topic, p, at, end in map(str.split, lines)}
        wanted = {(topic.name, p): (len(one), len(one)) for topic in self.topics for p, one in enumerate(topic.partitions)
                  if one}
        found = {where: pair for where, pair in found.items() if where in wanted or pair != (0, 0)}
        wrong = {where: (found.get(where), pair) for where, pair in wanted.items() if found.get(where) != pair}
        assert found == wanted, f"group of {client} as {other} sees it: {list(wrong.items())[:5]}"

    def everything(self):
        self.prepare()
        side_by_side(self.write, self.clients)
        for topic in self.topics:
            self.place(topic)
        side_by_side(self.read, self.clients)
        side_by_side(self.check_committed, self.clients)
        return sum(topic.count() for topic in self.topics)


class Group:
    """Two members of one client read everything; the second leaves in the middle."""

    def __init__(self, matrix, client):
        self.matrix, self.client = matrix, client
        self.topics = {topic.name: topic for topic in matrix.topics}
        self.left = {(topic.name, p): set(range(0, len(one))) for topic in matrix.topics
                     for p, one in enumerate(topic.partitions)}
        self.missing = sum(map(len, self.left.values()))
        self.repeated, self.problems = 0, []
        self.lock = threading.Lock()

    def member(self, name, **more):
        return programs.Member(
            self.client, f"{self.client} {name}", self.take, bootstrap=self.matrix.bootstrap,
            group=self.matrix.group(self.client), topics=",".join(self.topics), **more)

    def take(self, words):
        if words[0] == "error":
            self.problems.append(words)
        if words[0] != "segment":
            return
        topic, partition, first, count = words[1], int(words[2]), int(words[3]), int(words[4])
        digests = self.topics[topic].digests[partition][first:first + count]
        with self.lock:
            if f"{functools.reduce(operator.xor, digests, 0):016x}" != words[5] or len(digests) != count:
                self.problems.append([f"{topic} {partition}: {count} from {first} on differ"])
            left, new = self.left[topic, partition], set(range(first, first + count))
            self.repeated += len(new - left)
            self.missing -= len(new & left)
            left -= new

    def read(self):
        first, second = self.member("first"), self.member("second", count=SECOND_MEMBER)
        try:
            programs.until(f"{self.client} reads everything", lambda: self.problems or self.missing == 0, [first], 150)
            first.leave()
            second.leave()
        finally:
            for member in (first, second):
                if member.process.poll() is None:
                    member.kill()
        assert not self.problems, f"{self.client}: {self.problems[:5]}"
        for member in (first, second):
            in_order(member, self.client in AT_LEAST_ONCE)
        assert self.repeated == 0 or self.client in AT_LEAST_ONCE, f"{self.client}: {self.repeated} twice"
        counts = [sum(int(words[4]) for words in member.of("segment")) for member in (first, second)]
        assert min(counts) > 0, f"{self.client}: the members read {counts}"
        return *counts, self.repeated


def in_order(member, may_repeat):
    """A member goes forward in each partition; from where it began after a change of the group, if it may repeat."""
    at = collections.defaultdict(int)
    for words in member.lines:
        if words[0] == "segment":
            where, first, count = (words[1], words[2]), int(words[3]), int(words[4])
            assert first >= at[where], f"{member}: {where} goes back from {at[where]} to {first}"
            at[where] = first + count
        elif may_repeat:
            at.clear()


def acknowledged(path, topic):
    pairs = [tuple(map(int, line.split())) for line in path.read_text().splitlines()]
    assert len(set(pairs)) == len(pairs), f"{topic}: acknowledged at the same place"
    return pairs


def read_all(bootstrap, topic):
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True})
    partitions = [confluent_kafka.TopicPartition(topic, p, 0) for p in range(PARTITIONS)]
    left = sum(consumer.get_watermark_offsets(p, timeout=30)[1] for p in partitions)
    consumer.assign(partitions)
    while left > 0:
        messages = consumer.consume(left, timeout=5)
        assert messages, f"{topic}: {left} do not come"
        yield from messages
        left -= len(messages)
    consumer.close()


def side_by_side(work, items):
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for done in [pool.submit(work, item) for item in items]:
            done.result()
