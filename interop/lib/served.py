"""What a broker serves, as plain values: recorded of one broker and compared with what another one serves.

Of every partition: each batch byte by byte as both isolation levels see it, the bounds, the aborted
transactions, the offsets of many timestamps, the ends of the leader epochs, the producers; of every topic its
id and settings; the settings of the broker that were changed while it ran.
"""
import dataclasses
import hashlib
import struct
import time

from kafka.record import MemoryRecords

HEADER = struct.Struct(">qiibIhiqqqhii")
LATEST, EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL = -1, -2, -3, -4
OFFSET_OUT_OF_RANGE = 1
TOPIC, BROKER = 2, 4
DYNAMIC_SOURCES = {2: "broker", 3: "default for brokers"}


@dataclasses.dataclass
class Batch:
    """The header of a record batch, and a hash of all of it."""
    base_offset: int
    last_offset: int
    leader_epoch: int
    attributes: int
    base_timestamp: int
    max_timestamp: int
    producer: tuple
    count: int
    digest: str
    whole: bytes = dataclasses.field(repr=False, compare=False)

    def is_control(self):
        return self.attributes & 0x20 != 0

    def is_transactional(self):
        return self.attributes & 0x10 != 0

    def is_commit(self):
        return self.count > 0 and next(iter(MemoryRecords(self.whole).next_batch())).commit

    def records(self):
        """Offset, key, whether there is a value, and a hash of the rest, of each record."""
        if self.count == 0:
            return
        for record in MemoryRecords(self.whole).next_batch():
            rest = repr((record.timestamp, record.value, record.headers)).encode()
            yield record.offset, record.key, record.value is not None, hashlib.sha256(rest).hexdigest()[:16]


def batches(data):
    """The whole batches in what a Fetch brought."""
    at = 0
    while at + HEADER.size <= len(data):
        (base, length, epoch, magic, _crc, attributes, delta, first, last, producer_id, producer_epoch, sequence,
         count) = HEADER.unpack_from(data, at)
        assert magic == 2, magic
        if at + 12 + length > len(data):
            return
        whole = data[at:at + 12 + length]
        yield Batch(base, base + delta, epoch, attributes, first, last, (producer_id, producer_epoch, sequence),
                    count, hashlib.sha256(whole).hexdigest()[:16], whole)
        at += 12 + length


@dataclasses.dataclass
class Partition:
    start: int
    last_stable: int
    end: int
    batches: list
    committed: list
    aborted: list
    times: dict
    epochs: dict
    producers: list

    def records(self):
        """The records, but for those of aborted and open transactions."""
        found, unended = [], {}
        for batch in self.batches:
            producer = batch.producer[0]
            if batch.is_control():
                ended = unended.pop(producer, [])
                found += ended if batch.is_commit() else []
            elif batch.is_transactional():
                unended.setdefault(producer, []).extend(batch.records())
            else:
                found += batch.records()
        return sorted(found)


def topics(connection):
    """Every topic by its name, with its id and the number of its partitions."""
    answer = connection.ask("Metadata", topics=None)
    for topic in answer.topics:
        assert topic.error_code == 0, (topic.name, topic.error_code)
        assert all(p.error_code == 0 and p.leader_id == 1 for p in topic.partitions), topic
    return {topic.name: (str(topic.topic_id), len(topic.partitions)) for topic in answer.topics}


class StartMoved(Exception):
    """Retention took away what was being looked at."""


def fetch(connection, topic_id, topic, partition, start, isolation):
    """Batches and aborted transactions from the start up to what the isolation level can see, and both bounds."""
    at, found, aborted = start, [], set()
    while True:
        got = fetch_once(connection, topic_id, topic, partition, isolation, at)
        if got.error_code == OFFSET_OUT_OF_RANGE:
            raise StartMoved
        assert got.error_code == 0, (topic, partition, at, got.error_code)
        end = got.last_stable_offset if isolation else got.high_watermark
        more = [batch for batch in batches(bytes(got.records or b"")) if batch.last_offset >= at]
        aborted |= {(a.producer_id, a.first_offset) for a in got.aborted_transactions or []}
        found += more
        # Behind the last batch nothing but what compaction took away may be left.
        if not more or more[-1].last_offset + 1 >= end:
            return found, sorted(aborted), got
        at = more[-1].last_offset + 1


def fetch_once(connection, topic_id, topic, partition, isolation, offset):
    version = connection.newest("Fetch")
    name = {"topic_id": topic_id} if version >= 13 else {"topic": topic}
    answer = connection.ask(
        "Fetch", max_wait_ms=0, min_bytes=0, max_bytes=8 << 20, isolation_level=isolation, session_id=0,
        session_epoch=-1, rack_id="", forgotten_topics_data=[],
        topics=[{**name, "partitions": [{"partition": partition, "fetch_offset": offset, "current_leader_epoch": -1,
                                         "partition_max_bytes": 8 << 20, "last_fetched_epoch": -1,
                                         "log_start_offset": -1}]}])
    assert answer.error_code == 0, answer.error_code
    return answer.responses[0].partitions[0]


def wait_for_leader(connection, topic, partition):
    """The broker learns of its partitions after the controller has, also when it starts."""
    for _ in range(600):
        if ask_offset(connection, topic, partition, LATEST, 0).error_code == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{topic} {partition} has no leader")


def ask_offset(connection, topic, partition, timestamp, isolation):
    answer = connection.ask("ListOffsets", replica_id=-1, isolation_level=isolation, timeout_ms=10_000, topics=[
        {"name": topic, "partitions": [
            {"partition_index": partition, "timestamp": timestamp, "current_leader_epoch": -1}]}])
    return answer.topics[0].partitions[0]


def list_offset(connection, topic, partition, timestamp, isolation=0):
    found = ask_offset(connection, topic, partition, timestamp, isolation)
    assert found.error_code == 0, (topic, partition, timestamp, found.error_code)
    return found.offset, found.timestamp, found.leader_epoch


def times_of(found):
    """Timestamps worth asking for: around those of some of the batches."""
    chosen = found[:: max(1, len(found) // 6)] + found[-1:]
    stamps = {t for batch in chosen for t in (batch.base_timestamp, batch.max_timestamp) if t >= 0}
    near = {t + d for t in stamps for d in (-1, 0, 1)}
    return sorted({0, *near})


def epochs(connection, topic, partition, found):
    """Where each leader epoch ends, but for the newest: that one grows."""
    seen = sorted({batch.leader_epoch for batch in found})
    ends = {}
    for epoch in seen[:-1]:
        answer = connection.ask("OffsetForLeaderEpoch", replica_id=-2, topics=[
            {"topic": topic, "partitions": [
                {"partition": partition, "current_leader_epoch": -1, "leader_epoch": epoch}]}])
        end = answer.topics[0].partitions[0]
        ends[epoch] = (end.error_code, end.leader_epoch, end.end_offset)
    return ends


def producers(connection, topic, partition):
    answer = connection.ask("DescribeProducers", topics=[{"name": topic, "partition_indexes": [partition]}])
    found = answer.topics[0].partitions[0]
    assert found.error_code == 0, (topic, partition, found.error_code)
    return sorted((p.producer_id, p.producer_epoch, p.last_sequence, p.coordinator_epoch, p.current_txn_start_offset)
                  for p in found.active_producers)


def record_partition(connection, topic_id, topic, partition):
    """Looked at once more when its start has moved meanwhile, which ends when retention has nothing left to do."""
    wait_for_leader(connection, topic, partition)
    for _ in range(5):
        try:
            found = look_at_partition(connection, topic_id, topic, partition)
        except StartMoved:
            continue
        if list_offset(connection, topic, partition, EARLIEST)[0] == found.start:
            return found
    raise AssertionError(f"the start of {topic}-{partition} goes on moving")


def look_at_partition(connection, topic_id, topic, partition):
    where = topic, partition
    start = list_offset(connection, *where, EARLIEST)[0]
    found, _, answer = fetch(connection, topic_id, *where, start, 0)
    committed, aborted, _ = fetch(connection, topic_id, *where, start, 1)
    times = {t: list_offset(connection, *where, t)[:2] for t in (EARLIEST, MAX_TIMESTAMP, EARLIEST_LOCAL)}
    times |= {f"latest {level}": list_offset(connection, *where, LATEST, level)[0] for level in (0, 1)}
    times |= {t: list_offset(connection, *where, t) for t in times_of(found)}
    return Partition(
        start=start, last_stable=answer.last_stable_offset, end=answer.high_watermark, batches=found,
        committed=committed, aborted=aborted, times=times, epochs=epochs(connection, *where, found),
        producers=producers(connection, *where) if connection.serves("DescribeProducers") else None)


def configs(connection, kind, name, keep):
    """Settings by their names: value, source, flags, synonyms."""
    answer = connection.ask("DescribeConfigs", include_synonyms=True, include_documentation=False, resources=[
        {"resource_type": kind, "resource_name": name, "configuration_keys": None}])
    result = answer.results[0]
    assert result.error_code == 0, (name, result.error_code, result.error_message)
    return {c.name: (c.value, c.config_source, c.read_only, c.is_sensitive,
                     tuple((s.name, s.value, s.source) for s in c.synonyms)) for c in result.configs if keep(c)}


@dataclasses.dataclass
class Served:
    topics: dict
    partitions: dict
    topic_configs: dict
    broker_configs: dict
    features: dict


def record(connection):
    """Everything that the broker serves."""
    known = topics(connection)
    partitions = {(topic, p): record_partition(connection, topic_id, topic, p)
                  for topic, (topic_id, count) in known.items() for p in range(count)}
    topic_configs, broker_configs = None, None
    if connection.serves("DescribeConfigs"):
        topic_configs = {topic: configs(connection, TOPIC, topic, lambda c: True) for topic in known}
        broker_configs = {name: configs(connection, BROKER, name, lambda c: c.config_source in DYNAMIC_SOURCES)
                          for name in ("1", "")}
    return Served(known, partitions, topic_configs, broker_configs, features(connection))


def features(connection):
    answer = connection.ask("ApiVersions", version=4, client_software_name="interop", client_software_version="1")
    return {f.name: f.max_version_level for f in answer.finalized_features}
