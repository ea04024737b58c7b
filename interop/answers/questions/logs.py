"""What lies in the logs of partitions: where they begin and how that moves, how large they are, who wrote them."""
from batches import batch

from .common import every, fill, new_topic, until_gone, until_led, until_there

KEEPS_TEXTS = True
# The records are from 1970: retention would have them.
OVERRIDES = {"log.initial.task.delay.ms": 3_600_000}
SORTED_BY = {"active_producers": ("producer_id",), "topics": ("name",)}
MASKED = {
    "log_dir": lambda path: "<absolute>" if path.startswith("/") else path,
    "total_bytes": lambda size: "<bytes>" if size > 0 else size,
    "usable_bytes": lambda size: "<bytes>" if size > 0 else size,
    "producer_id": lambda producer_id: producer_id,
    "records": lambda data: data if data is None else data.hex(),
}

# Three records, then one, then two.
BATCHES = [[1_000, 1_100, 1_050], [2_000], [1_500, 3_000]]
END = 6


def delete(label, version, *partitions, **fields):
    topics = {}
    for topic, index, offset in partitions:
        topics.setdefault(topic, []).append({"partition_index": index, "offset": offset})
    return label, "DeleteRecords", version, {
        "topics": [{"name": name, "partitions": list_} for name, list_ in topics.items()], **fields}


def offsets(label, topic, *timestamps):
    for timestamp in timestamps:
        yield f"{label}: at {timestamp}", "ListOffsets", 11, {"topics": [
            {"name": topic, "partitions": [{"partition_index": 0, "timestamp": timestamp}]}]}


def fetch(label, topic, *offsets, version=11):
    for offset in offsets:
        yield f"{label}: fetched from {offset}", "Fetch", version, {"topics": [
            {"topic": topic, "partitions": [{"partition": 0, "fetch_offset": offset}]}]}


def filled(topic, configs=(), partitions=1):
    yield None, "CreateTopics", 7, {"topics": [new_topic(topic, partitions, 1, configs)]}
    yield from until_there(topic)
    for timestamps in BATCHES:
        yield from fill(topic, timestamps)


def delete_records():
    for version in every("DeleteRecords"):
        topic = f"cut-{version}"
        yield from filled(topic, partitions=2)
        for offset in (-3, -2, -2 ** 63, END + 1, 2 ** 63 - 1):
            yield delete(f"to {offset}", version, (topic, 0, offset))
        for offset in (0, 2, 2, 1, 3, 4):
            yield delete(f"to {offset}", version, (topic, 0, offset))
            yield from offsets(f"{version} to {offset}", topic, -2, -1, -3, -4, 0, 1_050, 2_000, 2_500)
            yield from fetch(f"{version} to {offset}", topic, 0, 1, 2, 3, 4, 5, 6, 7)
            for epoch in (0, 1):
                yield f"{version} to {offset}: epoch {epoch}", "OffsetForLeaderEpoch", 4, {"topics": [
                    {"topic": topic, "partitions": [{"partition": 0, "leader_epoch": epoch}]}]}
        yield delete("all", version, (topic, 0, -1))
        yield delete("all again", version, (topic, 0, -1))
        yield from offsets(f"{version} all", topic, -2, -1, -3, -4, 0)
        yield from fetch(f"{version} all", topic, 5, 6, 7)
        yield delete("all of an empty one", version, (topic, 1, -1))
        yield from fill(topic, [5_000])
        yield from fetch(f"{version} gone on", topic, 5, 6)
        yield delete("unknown", version, (topic, 2, 0), (topic, -1, 0), ("unknown", 0, 0), (topic, 0, 0))
        yield delete("bad names", version, ("", 0, 0), ("a/b", 0, 0), ("__cluster_metadata", 0, 0))
        yield delete("good and bad", version, (topic, 0, 7), (topic, 1, 1), ("unknown", 0, 0))
        yield delete("nothing", version)
        yield "no partitions", "DeleteRecords", version, {"topics": [{"name": topic, "partitions": []}]}
        for timeout in (0, -1):
            yield from fill(topic, [6_000])
            yield delete(f"timeout {timeout}", version, (topic, 0, -1), timeout_ms=timeout)
        for timestamps in BATCHES:
            yield from fill(topic, timestamps)
        yield delete("twice", version, (topic, 0, 11), (topic, 0, 10))
        yield "topic twice", "DeleteRecords", version, {"topics": [
            {"name": topic, "partitions": [{"partition_index": 0, "offset": 12}]},
            {"name": topic, "partitions": [{"partition_index": 1, "offset": 0}, {"partition_index": 0, "offset": 99}]}]}
    for name, policy in (("compacted", "compact"), ("both", "compact,delete"), ("neither", "")):
        yield None, "CreateTopics", 7, {"topics": [new_topic(name, 1, 1, [("cleanup.policy", policy)])]}
        yield from until_there(name)
        yield from until_led(name)
        for version in every("DeleteRecords"):
            for offset in (-1, 0, 1, -2):
                yield delete(f"{name} to {offset}", version, (name, 0, offset))


def fetch_versions():
    for version in every("Fetch"):
        yield from fetch("in all versions", "cut-1", 0, 12, 14, 15, version=version)


def describe_log_dirs():
    def ask(label, version, *topics):
        return label, "DescribeLogDirs", version, {
            "topics": [{"topic": name, "partitions": list(indexes)} for name, *indexes in topics]}
    for version in every("DescribeLogDirs"):
        yield "all", "DescribeLogDirs", version, {"topics": None}
        yield ask("nothing", version)
        yield ask("one", version, ("cut-1", 0))
        yield ask("some", version, ("cut-1", 1, 0), ("compacted", 0), ("cut-2", 1))
        yield ask("no partitions", version, ("cut-1",))
        yield ask("unknown", version, ("cut-1", 0, 2, -1), ("unknown", 0), ("", 0), ("a/b", 0))
        yield ask("metadata log", version, ("__cluster_metadata", 0))
        yield ask("twice", version, ("cut-1", 0, 0), ("cut-2", 0), ("cut-1", 1))


def produce(topic, producer_id, epoch, sequence, timestamps, label=None):
    return label, "Produce", 8, {"topics": [{"name": topic, "partitions": [
        {"index": 0, "records": batch(timestamps, producer_id, epoch, sequence)}]}]}


def producers_of(label, *topics):
    return label, "DescribeProducers", 0, {
        "topics": [{"name": name, "partition_indexes": list(indexes)} for name, *indexes in topics]}


def describe_producers():
    yield from filled("written")
    yield producers_of("nobody", ("written", 0))
    for label, producer_id, epoch, sequence, timestamps in (
            ("first", 4_000, 0, 0, [10, 20, 15]), ("goes on", 4_000, 0, 3, [30]),
            ("again", 4_000, 0, 3, [30]), ("again, the first", 4_000, 0, 0, [10, 20, 15]),
            ("a gap", 4_000, 0, 7, [40]), ("goes on after the gap", 4_000, 0, 4, [5]),
            ("an old epoch", 4_000, -1, 5, [5]), ("another", 70, 5, 0, [60, 50]), ("another, not from 0", 71, 0, 12, [70]),
            ("epoch 6, not from 0", 70, 6, 3, [80]), ("epoch 6", 70, 6, 0, [80]), ("epoch 5", 70, 5, 2, [90]),
            ("the last sequence", 72, 0, 2 ** 31 - 2, [100, 101, 102]), ("behind it", 72, 0, 1, [103]),
            ("large id", 2 ** 62, 32_767, 0, [110])):
        yield produce("written", producer_id, epoch, sequence, timestamps, label)
        yield producers_of(label, ("written", 0))
    yield producers_of("unknown", ("written", 1, -1, 0), ("unknown", 0, 1), ("written",), ("unknown",))
    yield producers_of("bad names", ("", 0), (".", 0), ("..", 0, 1), ("a/b", 0), ("x" * 250, 0), ("é", 0))
    yield producers_of("metadata log", ("__cluster_metadata", 0))
    yield producers_of("twice", ("written", 0, 0), ("cut-1", 0), ("written", 0))
    yield producers_of("nothing")


def lives():
    """What a stop leaves: log starts, sizes, producers."""
    topics = ("cut-0", "cut-2", "written")
    for life in range(2):
        yield None, "!stop", 0, {}
        for topic in topics:
            yield from until_there(topic)
            yield from until_led(topic)
            yield from offsets(f"life {life}: {topic}", topic, -2, -1, -3)
            yield from fetch(f"life {life}: {topic}", topic, 0, 10)
        yield f"life {life}", "DescribeLogDirs", 5, {"topics": None}
        yield producers_of(f"life {life}", ("written", 0), ("cut-2", 0))
        yield produce("written", 4_000, 0, 5 + life, [200 + life], f"life {life}: goes on")
        yield produce("written", 72, 0, 2 + 2 * life, [300], f"life {life}: a gap, or not")
        yield producers_of(f"life {life}, gone on", ("written", 0))
        yield delete(f"life {life}", 2, ("written", 0, 8 + life))


def going_and_internal():
    yield None, "DeleteTopics", 5, {"topic_names": ["cut-2"]}
    yield from until_gone("cut-2")
    while True:
        answer = yield None, "DescribeLogDirs", 5, {"topics": [{"topic": "cut-2", "partitions": [0, 1]}]}
        if not answer["results"][0]["topics"]:
            break
    yield "without cut-2", "DescribeLogDirs", 5, {"topics": None}
    yield producers_of("gone", ("cut-2", 0))
    yield delete("gone", 2, ("cut-2", 0, 0))
    yield None, "Metadata", 13, {"topics": [{"name": "__consumer_offsets"}]}
    yield from until_there("__consumer_offsets")
    yield from until_led("__consumer_offsets", 49)
    for version in every("DeleteRecords"):
        yield delete("internal", version, ("__consumer_offsets", 0, 0), ("__consumer_offsets", 99, 0), ("cut-1", 0, 0))
    yield producers_of("internal", ("__consumer_offsets", 0, 50))
    yield "internal", "DescribeLogDirs", 5, {"topics": [{"topic": "__consumer_offsets", "partitions": [0, 49, 50]}]}


CHAPTERS = [delete_records, fetch_versions, describe_log_dirs, describe_producers, lives, going_and_internal]

_BELOW_START = "Kafka names a record below the log start"
DELIBERATE = {f"delete_records: {version} all: at -3, ListOffsets v11": _BELOW_START for version in every("DeleteRecords")}
DELIBERATE |= {f"lives: life {life}: {topic}: at -3, ListOffsets v11": _BELOW_START for life, topic in (
    (0, "cut-0"), (0, "cut-2"), (1, "cut-0"), (1, "cut-2"), (1, "written"))}
