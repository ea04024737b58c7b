"""Topics that come and go, one that is compacted, offsets that are set and deleted, settings that change."""
import time

import confluent_kafka
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType)

import served
from book import Wrong, content
from connection import Connection
from part import Part
from readers import bounds, consumer
from callers import tool

PATIENCE = 30


def admin(soak):
    return AdminClient({"bootstrap.servers": soak.bootstrap, "log_level": 0,
                        "error_cb": lambda error: soak.errors.add("admin", error.name(), error.str())})


def done(futures):
    """The results of what an AdminClient was asked, by what it was asked about."""
    return {key: future.result(PATIENCE) for key, future in futures.items()}


def send(soak, part, topic, records):
    """Key and value of each record; the acknowledgements, in no order."""
    acknowledged = []

    def delivered(error, message):
        if error is not None:
            soak.errors.add(part, error.name(), error.str())
        else:
            acknowledged.append((message.partition(), message.offset(), message.key(), message.value()))

    producer = confluent_kafka.Producer({
        "bootstrap.servers": soak.bootstrap, "enable.idempotence": True, "compression.type": "lz4", "linger.ms": 5,
        "log_level": 0, "error_cb": lambda error: soak.errors.add(part, error.name(), error.str())})
    for key, value in records:
        producer.produce(topic, value, key, on_delivery=delivered)
    if producer.flush(PATIENCE):
        raise Wrong(f"{topic}: no acknowledgement")
    return acknowledged


def read(soak, part, topic, count):
    """All records that there are now: partition, offset, key, value."""
    starts, ends = (bounds(soak, {topic: count}, when) for when in (served.EARLIEST, served.LATEST))
    left = {p: end for (_, p), end in ends.items() if end > starts[topic, p]}
    reader, found, deadline = consumer(soak, part), [], time.monotonic() + PATIENCE
    # A compacted end is reached without a record.
    reader.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in left])
    try:
        while left:
            for message in reader.consume(1000, timeout=0.3):
                if message.error() is not None:
                    soak.errors.add(part, message.error().name(), message.error().str())
                else:
                    found.append((message.partition(), message.offset(), message.key(), message.value()))
            for place in reader.position([confluent_kafka.TopicPartition(topic, p) for p in left]):
                if place.offset >= left[place.partition]:
                    del left[place.partition]
            if time.monotonic() > deadline:
                raise Wrong(f"{topic}: {left} did not come within {PATIENCE} s")
    finally:
        reader.close()
    return found


class Topics(Part):
    """The whole life of a topic: created, filled, read, set, widened, cut, deleted."""

    PAUSE = (1, 4)

    def __init__(self, soak, number):
        super().__init__(soak, number)
        self.made = 0

    def turn(self):
        self.made += 1
        topic, count = f"soak-passing-{self.name}-{self.made}", self.chance.randint(1, 6)
        asker = admin(self.soak)
        if self.made % 3:
            done(asker.create_topics([NewTopic(topic, count, 1, config={"segment.bytes": "1048576"})]))
        else:
            tool(self.soak, "kafka-topics", "--create", "--topic", topic, "--partitions", str(count))
        writer = self.soak.book.new_writer()
        acknowledged = send(self.soak, "topics", topic, [content(writer, n, n % 2) for n in range(100)])
        if sorted(read(self.soak, "topics", topic, count)) != sorted(acknowledged):
            raise Wrong(f"{topic}: other records than the acknowledged ones")
        self.change(asker, topic)
        done(asker.create_partitions([NewPartitions(topic, count + 2)]))
        with Connection(self.soak.bootstrap) as connection:
            there = served.topics(connection)[topic][1]
            if there != count + 2:
                raise Wrong(f"{topic}: {there} partitions instead of {count + 2}")
        self.cut(asker, topic, count)
        if self.made % 2:
            done(asker.delete_topics([topic]))
        else:
            tool(self.soak, "kafka-topics", "--delete", "--topic", topic)
        with Connection(self.soak.bootstrap) as connection:
            if topic in {t.name for t in connection.ask("Metadata", topics=None).topics}:
                raise Wrong(f"{topic}: there after its deletion was answered")
        self.soak.count("topics created and deleted")

    def change(self, asker, topic):
        """A setting, set and told."""
        value = str(self.chance.randrange(60_000, 600_000))
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
            ConfigEntry("retention.ms", value, incremental_operation=AlterConfigOpType.SET)])
        done(asker.incremental_alter_configs([resource]))
        told = done(asker.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]))
        found = next(iter(told.values()))["retention.ms"].value
        if found != value:
            raise Wrong(f"{topic}: retention.ms is {found}, {value} was set")

    def cut(self, asker, topic, count):
        ends = bounds(self.soak, {topic: count}, served.LATEST)
        before = {where: end // 2 for where, end in ends.items()}
        done(asker.delete_records([confluent_kafka.TopicPartition(*where, offset) for where, offset in before.items()]))
        found = bounds(self.soak, {topic: count}, served.EARLIEST)
        if found != before:
            raise Wrong(f"{topic}: begins at {found}, {before} was asked for")


class Compacted(Part):
    """Writes the same keys again and again, takes some away, and reads what the cleaner has left."""

    PAUSE = (0.5, 1.5)
    KEYS = 300

    def __init__(self, soak, topic, count):
        super().__init__(soak)
        self.topic, self.count = topic, count
        self.written, self.newest, self.number, self.turns = {}, {}, 0, 0
        self.writer, self.fewest = soak.book.new_writer(), 1.0

    def turn(self):
        records = []
        for _ in range(20):
            self.number += 1
            key = b"item-%d" % self.chance.randrange(self.KEYS)
            value = None if self.number % 11 == 0 else content(self.writer, self.number, 0)[1]
            records.append((key, value))
        for partition, offset, key, value in send(self.soak, "compacted", self.topic, records):
            self.written[partition, offset] = (key, value)
            self.newest[key] = max(self.newest.get(key, (-1, -1, None)), (offset, partition, value is not None))
        self.soak.count("records to be compacted", len(records))
        self.turns += 1
        if self.turns % 15 == 0:
            self.check()

    def check(self):
        found = read(self.soak, "compacted", self.topic, self.count)
        there = {}
        for partition, offset, key, value in found:
            if self.written.get((partition, offset)) != (key, value):
                raise Wrong(f"{self.topic} {partition} at {offset}: {key}, not what was written there")
            there[key] = max(offset, there.get(key, -1))
        for key, (offset, partition, has_value) in self.newest.items():
            if has_value and there.get(key) != offset:
                raise Wrong(f"{self.topic} {partition}: {key} at {offset} is gone; {there.get(key)}")
        self.fewest = min(self.fewest, len(found) / len(self.written))
        self.soak.count("reads of the compacted topic")


class Offsets(Part):
    """Offsets of groups without members: committed, told, reset, deleted; every second group is left to expire."""

    PAUSE = (2, 5)

    def __init__(self, soak, topic):
        super().__init__(soak)
        self.topic, self.made = topic, 0

    def turn(self):
        self.made += 1
        group = f"soak-offsets-{self.made}"
        asker = admin(self.soak)
        committed = {p: self.chance.randrange(100_000) for p in range(3)}
        self.commit(asker, group, committed)
        self.expect(asker, group, committed)
        if self.made % 2:
            self.soak.count("groups left to expire")
            return
        if self.made % 4:
            least = bounds(self.soak, {self.topic: 1}, served.EARLIEST)[self.topic, 0]
            tool(self.soak, "kafka-consumer-groups", "--reset-offsets", "--group", group, "--topic", f"{self.topic}:0",
                 "--to-earliest", "--execute")
            most, found = bounds(self.soak, {self.topic: 1}, served.EARLIEST)[self.topic, 0], self.told(asker, group)
            if found[1] != committed[1] or not least <= found[0] <= most:
                raise Wrong(f"{group}: {found} after a reset of {committed}")
            tool(self.soak, "kafka-consumer-groups", "--delete-offsets", "--group", group, "--topic", f"{self.topic}:2")
            if sorted(self.told(asker, group)) != [0, 1]:
                raise Wrong(f"{group}: {self.told(asker, group)} after a deletion of 2")
        done(asker.delete_consumer_groups([group]))
        with Connection(self.soak.bootstrap) as connection:
            if group in {g.group_id for g in connection.ask("ListGroups", states_filter=[], types_filter=[]).groups}:
                raise Wrong(f"{group}: there after its deletion was answered")
        self.soak.count("groups created and deleted")

    def commit(self, asker, group, offsets):
        wanted = [confluent_kafka.TopicPartition(self.topic, p, offset) for p, offset in offsets.items()]
        done(asker.alter_consumer_group_offsets([confluent_kafka.ConsumerGroupTopicPartitions(group, wanted)]))

    def told(self, asker, group):
        answer = done(asker.list_consumer_group_offsets([confluent_kafka.ConsumerGroupTopicPartitions(group)]))
        return {p.partition: p.offset for p in answer[group].topic_partitions}

    def expect(self, asker, group, offsets):
        found = self.told(asker, group)
        if found != offsets:
            raise Wrong(f"{group}: {found}, {offsets} was committed")


class Settings(Part):
    """Settings of the broker and of a busy topic, changed back and forth; lists and descriptions of everything."""

    PAUSE = (2, 6)

    def __init__(self, soak, topic):
        super().__init__(soak)
        self.topic = topic

    def turn(self):
        asker = admin(self.soak)
        for kind, name, setting, values in (
                (ResourceType.TOPIC, self.topic, "segment.ms", ("10000", "15000", "20000")),
                (ResourceType.BROKER, "1", "log.cleaner.min.cleanable.ratio", ("0.01", "0.05"))):
            value = self.chance.choice(values)
            entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
            done(asker.incremental_alter_configs([ConfigResource(kind, name, incremental_configs=[entry])]))
            told = next(iter(done(asker.describe_configs([ConfigResource(kind, name)])).values()))
            if told[setting].value != value:
                raise Wrong(f"{name}: {setting} is {told[setting].value}, {value} was set")
        tool(self.soak, "kafka-configs", "--alter", "--entity-type", "brokers", "--entity-default", "--add-config",
             f"message.max.bytes={self.chance.choice((1048588, 2000000))}")
        asker.list_topics(timeout=PATIENCE)
        asker.describe_cluster().result(PATIENCE)
        groups = asker.list_consumer_groups().result(PATIENCE)
        if groups.errors:
            raise Wrong(f"groups: {groups.errors}")
        ours = [g.group_id for g in groups.valid if not g.group_id.startswith("soak-offsets")]
        if ours:
            done(asker.describe_consumer_groups(ours))
        done(asker.describe_topics(confluent_kafka.TopicCollection([self.topic])))
        done(asker.list_offsets({confluent_kafka.TopicPartition(self.topic, 0): OffsetSpec.latest()}))
        self.soak.count("rounds of settings and descriptions")
