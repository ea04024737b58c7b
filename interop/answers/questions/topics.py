"""Topics, offsets and producer ids: what a cluster is, what is made and deleted in it, over stops and kills."""
import time
import uuid

from messages import ALL

from .common import ID_NONE, ID_UNKNOWN, every, fill, new_topic, until_gone, until_led, until_there


def empty_cluster():
    for version in every("ApiVersions"):
        software = {"client_software_name": "answers", "client_software_version": "1.0"} if version >= 3 else {}
        yield "plain", "ApiVersions", version, software
    for version in every("ApiVersions", 3):
        for name, number in (("", "1"), ("a", ""), ("a b", "1"), ("-a", "1"), ("a", "1."), ("A.b-9", "0")):
            yield f"software {name!r} {number!r}", "ApiVersions", version, {
                "client_software_name": name, "client_software_version": number}
    for cluster, node in (("wrong", 1), ("wrong", -1), (None, 1), ("", -1)):
        yield f"cluster {cluster!r} node {node}", "ApiVersions", 5, {
            "client_software_name": "a", "client_software_version": "1", "cluster_id": cluster, "node_id": node}
    for version in every("Metadata"):
        yield "nothing named", "Metadata", version, {"topics": []}
    for version in every("Metadata", 1):
        yield "all", "Metadata", version, {"topics": None}
    for version in every("Metadata", 8):
        flags = {"include_topic_authorized_operations": True}
        if version <= 10:
            flags["include_cluster_authorized_operations"] = True
        yield "rights", "Metadata", version, {"topics": None, **flags}
    yield "all", "DescribeTopicPartitions", 0, {"topics": []}


def describe_cluster():
    for version in every("DescribeCluster"):
        yield "plain", "DescribeCluster", version, {}
        yield "rights", "DescribeCluster", version, {"include_cluster_authorized_operations": True}
        for endpoint_type in (0, 2, 3, -1) if version >= 1 else ():
            yield f"endpoint type {endpoint_type}", "DescribeCluster", version, {"endpoint_type": endpoint_type}
    yield "fenced too", "DescribeCluster", 2, {"include_fenced_brokers": True}


REFUSED_TOPICS = [
    ("empty name", new_topic("")),
    ("dot", new_topic(".")),
    ("dots", new_topic("..")),
    ("slash", new_topic("a/b")),
    ("250 characters", new_topic("x" * 250)),
    ("metadata log", new_topic("__cluster_metadata")),
    ("exists", new_topic("plain-2")),
    ("collides", new_topic("with_dot", 1, 1)),
    ("no partitions", new_topic("refused", 0)),
    ("-2 partitions", new_topic("refused", -2)),
    ("no replicas", new_topic("refused", 1, 0)),
    ("-2 replicas", new_topic("refused", 1, -2)),
    ("too many replicas", new_topic("refused", 1, 2)),
    ("both wrong", new_topic("refused", 0, 0)),
    ("assignment with partitions", new_topic("refused", 1, -1, (), [(0, [1])])),
    ("assignment with factor", new_topic("refused", -1, 1, (), [(0, [1])])),
    ("assignment to unknown", new_topic("refused", -1, -1, (), [(0, [7])])),
    ("assignment twice", new_topic("refused", -1, -1, (), [(0, [1, 1])])),
    ("assignment to nobody", new_topic("refused", -1, -1, (), [(0, [])])),
    ("assignment with a hole", new_topic("refused", -1, -1, (), [(0, [1]), (2, [1])])),
    ("assignment from one", new_topic("refused", -1, -1, (), [(1, [1])])),
    ("unknown key", new_topic("refused", 1, 1, [("no.such.key", "1")])),
    ("bad number", new_topic("refused", 1, 1, [("retention.ms", "soon")])),
    ("below minimum", new_topic("refused", 1, 1, [("segment.bytes", "1")])),
    ("bad list", new_topic("refused", 1, 1, [("cleanup.policy", "shred")])),
    ("bad choice", new_topic("refused", 1, 1, [("compression.type", "arj")])),
    ("bad boolean", new_topic("refused", 1, 1, [("preallocate", "perhaps")])),
    ("null value", new_topic("refused", 1, 1, [("retention.ms", None)])),
    ("empty value", new_topic("refused", 1, 1, [("retention.ms", "")])),
    ("local above total", new_topic("refused", 1, 1, [("retention.ms", "10"), ("local.retention.ms", "20")])),
    ("value with the wrong name", new_topic("a b", 0, 0, [("no.such.key", "1")])),
    ("10,000 partitions", new_topic("refused", 10_000)),
    ("10,001 partitions", new_topic("refused", 10_001)),
    ("2147483647 partitions", new_topic("refused", 2147483647)),
]


def create_topics():
    for version in every("CreateTopics"):
        yield "plain", "CreateTopics", version, {"topics": [new_topic(f"plain-{version}", 3)]}
        yield "defaults", "CreateTopics", version, {"topics": [new_topic(f"defaults-{version}", -1, -1)]}
        yield "assigned", "CreateTopics", version, {
            "topics": [new_topic(f"assigned-{version}", -1, -1, (), [(1, [1]), (0, [1])])]}
        configs = [("retention.ms", " 3600000 "), ("cleanup.policy", "compact,delete"), ("min.insync.replicas", "2"),
                   ("max.message.bytes", "2000000")]
        yield "configs", "CreateTopics", version, {"topics": [new_topic(f"configs-{version}", 1, 1, configs)]}
        yield "only validated", "CreateTopics", version, {
            "topics": [new_topic(f"validated-{version}", 2)], "validate_only": True}
        yield "validated and refused", "CreateTopics", version, {
            "topics": [new_topic(f"plain-{version}", 2)], "validate_only": True}
        yield "nothing", "CreateTopics", version, {"topics": []}
        for timeout in (0, -1):
            yield f"timeout {timeout}", "CreateTopics", version, {
                "topics": [new_topic("never"), new_topic("bad/name")], "timeout_ms": timeout}
    yield "with a dot", "CreateTopics", 7, {"topics": [new_topic("with.dot")]}
    for version in every("CreateTopics"):
        for label, topic in REFUSED_TOPICS:
            yield label, "CreateTopics", version, {"topics": [topic]}
        yield "same name twice", "CreateTopics", version, {
            "topics": [new_topic("twice"), new_topic("twice", 2), new_topic(f"beside-twice-{version}")]}
        yield "good and bad", "CreateTopics", version, {
            "topics": [new_topic(f"good-{version}"), new_topic("bad/name"), new_topic(f"good-too-{version}")]}
        yield "colliding in one request", "CreateTopics", version, {
            "topics": [new_topic(f"col_lide.{version}"), new_topic(f"col.lide_{version}")]}
        yield "key twice", "CreateTopics", version, {
            "topics": [new_topic(f"key-twice-{version}", 1, 1, [("retention.ms", "1000"), ("retention.ms", "2000")])]}
        yield "too many together", "CreateTopics", version, {
            "topics": [new_topic("half", 5_000), new_topic("other-half", 5_001)]}


def metadata(ids):
    yield from until_there("key-twice-7")
    yield "what there is", "Metadata", 13, {"topics": None}
    known, other = ids["plain-2"], ids["defaults-7"]
    for version in every("Metadata"):
        flags = {"allow_auto_topic_creation": False} if version >= 4 else {}

        def named(*names):
            return {"topics": [{"name": name} for name in names], **flags}
        yield "known", "Metadata", version, named("plain-2", "configs-7")
        yield "known twice", "Metadata", version, named("plain-2", "plain-2")
        for name in ("", "a/b", ".", "x" * 250):
            yield f"bad name {name[:5]!r}", "Metadata", version, named(name)
        if version >= 4:
            yield "unknown", "Metadata", version, named("unknown", "plain-2", "unknown")
            yield "internal", "Metadata", version, named("__consumer_offsets", "__cluster_metadata")
        if version >= 8:
            yield "rights", "Metadata", version, {
                **named("plain-2", "unknown", "a/b"), "include_topic_authorized_operations": True}
        for label, topics in (
                ("known id", [{"topic_id": known, "name": None}]),
                ("unknown id", [{"topic_id": ID_UNKNOWN, "name": None}]),
                ("id and name", [{"topic_id": known, "name": "defaults-7"}]),
                ("id and unknown name", [{"topic_id": known, "name": "unknown"}]),
                ("ids and names", [{"topic_id": known, "name": None}, {"topic_id": ID_NONE, "name": "configs-7"}]),
                ("ids", [{"topic_id": other, "name": None}, {"topic_id": known, "name": None},
                         {"topic_id": ID_UNKNOWN, "name": None}, {"topic_id": known, "name": None}]),
                ("id of the metadata log", [{"topic_id": uuid.UUID(int=1), "name": None}]),
                ("no id and no name", [{"topic_id": ID_NONE, "name": None}])) if version >= 10 else ():
            yield label, "Metadata", version, {"topics": topics, **flags}
        if version >= 12:
            yield "rights by id", "Metadata", version, {
                "topics": [{"topic_id": known, "name": None}, {"topic_id": ID_UNKNOWN, "name": None}],
                "include_topic_authorized_operations": True, **flags}
    for version in (0, 1, 7, 9, 13):
        yield "all", "Metadata", version, {"topics": [] if version == 0 else None}


def auto_create():
    for version in every("Metadata"):
        body = {"topics": [{"name": f"asked-for-{version}"}, {"name": "not/good"}, {"name": "plain-2"}]}
        yield "first time", "Metadata", version, body
        yield from until_there(f"asked-for-{version}")
        yield "later", "Metadata", version, body
    yield "by id", "Metadata", 13, {"topics": [{"topic_id": ID_UNKNOWN, "name": "by-id"}]}
    yield "all, with the flag", "Metadata", 13, {"topics": None}
    yield "collides", "Metadata", 13, {"topics": [{"name": "with_dot"}]}
    yield "collides, later", "Metadata", 13, {"topics": [{"name": "with_dot"}]}


def internal_topics():
    """Behind everything that depends on whether the cluster has them."""
    for name in ("__consumer_offsets", "__transaction_state", "__share_group_state"):
        yield name, "Metadata", 13, {"topics": [{"name": name}]}
        yield from until_there(name)
        yield f"{name}, later", "Metadata", 13, {"topics": [{"name": name}]}


def describe_topic_partitions():
    def ask(label, names, limit=2000, cursor=None):
        body = {"topics": [{"name": name} for name in names], "response_partition_limit": limit}
        if cursor:
            body["cursor"] = {"topic_name": cursor[0], "partition_index": cursor[1]}
        return label, "DescribeTopicPartitions", 0, body
    names = ["plain-2", "plain-3", "unknown", "defaults-7"]
    yield ask("all", [])
    yield ask("named", names)
    yield ask("named twice", ["plain-2", "plain-2"])
    yield ask("bad names", ["a/b", ".", "__cluster_metadata"])
    yield ask("empty name", ["", "plain-2"])
    for limit in (-1, 0, 1, 2, 3, 4, 5, 6, 7, 8):
        yield ask(f"limit {limit}", names, limit)
        yield ask(f"all, limit {limit}", [], limit)
    for cursor in (("plain-2", 0), ("plain-2", 1), ("plain-2", 2), ("plain-2", 3), ("plain-2", 100),
                   ("plain-2", -1), ("plain-3", 1), ("unknown", 0), ("unknown", 5), ("zzz", 0), ("", 0), ("", 3)):
        yield ask(f"from {cursor}", names, 4, cursor)
        yield ask(f"all from {cursor}", [], 4, cursor)
    yield ask("before the cursor", ["aaa", "plain-2"], 4, ("plain-2", 0))
    cursor = None
    for page in range(20):
        answer = yield ask(f"page {page}", [], 3, cursor)
        if answer["next_cursor"] is None:
            break
        cursor = (answer["next_cursor"]["topic_name"], answer["next_cursor"]["partition_index"])


def init_producer_id():
    for _ in range(100):
        answer = yield None, "InitProducerId", 5, {"transactional_id": None, "transaction_timeout_ms": 1}
        # Kafka answers COORDINATOR_LOAD_IN_PROGRESS until its first block of ids has come.
        if answer["error_code"] != 14:
            break
        time.sleep(0.05)
    for version in every("InitProducerId"):
        yield "plain", "InitProducerId", version, {"transactional_id": None, "transaction_timeout_ms": 60_000}
        for timeout in (0, -1, 900_001, 2147483647):
            yield f"timeout {timeout}", "InitProducerId", version, {
                "transactional_id": None, "transaction_timeout_ms": timeout}
        for timeout in (60_000, 0, 900_000, 900_001):
            yield f"empty transactional id, timeout {timeout}", "InitProducerId", version, {
                "transactional_id": "", "transaction_timeout_ms": timeout}
            yield f"transactional id, timeout {timeout}", "InitProducerId", version, {
                "transactional_id": "t", "transaction_timeout_ms": timeout}
        for producer_id, epoch in ((1, -1), (-1, 1), (1, 1), (-2, 0), (77, 0)) if version >= 3 else ():
            for transactional_id in (None, "t"):
                yield f"id {producer_id} epoch {epoch} {transactional_id}", "InitProducerId", version, {
                    "transactional_id": transactional_id, "transaction_timeout_ms": 60_000,
                    "producer_id": producer_id, "producer_epoch": epoch}


TIMES = [
    [1_000, 1_100, 1_050],
    [2_000],
    [1_500, 3_000, 2_999, 3_000],
    [3_000, 500],
    [4_000, 4_000, 4_000],
    [100],
]


def list_offsets():
    yield "log", "CreateTopics", 7, {"topics": [new_topic("log", 3), new_topic("one-batch"), new_topic("appended", 1, 1, [
        ("message.timestamp.type", "LogAppendTime")])]}
    yield from until_there("log")
    for timestamps in TIMES:
        yield from fill("log", timestamps)
    yield from fill("one-batch", [7_000, 9_000, 8_000])

    def ask(label, version, *partitions, **fields):
        topics = {}
        for topic, index, timestamp, *epoch in partitions:
            partition = {"partition_index": index, "timestamp": timestamp}
            if epoch and version >= 4:
                partition["current_leader_epoch"] = epoch[0]
            topics.setdefault(topic, []).append(partition)
        fields = {name: value for name, value in fields.items() if name != "isolation_level" or version >= 2}
        return label, "ListOffsets", version, {
            "topics": [{"name": name, "partitions": list_} for name, list_ in topics.items()], **fields}
    for version in every("ListOffsets"):
        for topic in ("log", "one-batch"):
            for timestamp in (*range(0, -9, -1), -2 ** 63, 99, 100, 101, 500, 999, 1_000, 1_001, 1_051, 1_101, 1_501, 2_000,
                              2_001, 2_999, 3_000, 3_001, 4_000, 4_001, 7_000, 7_001, 8_001, 9_000, 9_001, 2 ** 62):
                yield ask(f"{topic} at {timestamp}", version, (topic, 0, timestamp))
        for timestamp in (-1, -2, -3, -4, -5, -6, 0, 1_000):
            yield ask(f"empty log at {timestamp}", version, ("log", 1, timestamp))
            for isolation_level in (1, 2, -1) if version >= 2 else ():
                yield ask(f"{timestamp} with isolation {isolation_level}", version, ("log", 0, timestamp),
                          isolation_level=isolation_level)
            for replica_id in (-2, -3, 0, 1, 5):
                yield ask(f"{timestamp} for replica {replica_id}", version, ("log", 0, timestamp), replica_id=replica_id)
            for epoch in (0, 1, -2, 99) if version >= 4 else ():
                yield ask(f"{timestamp} in epoch {epoch}", version, ("log", 0, timestamp, epoch))
        yield ask("unknown topic", version, ("unknown", 0, -1), ("log", 0, -1))
        yield ask("unknown partition", version, ("log", 3, -1), ("log", -1, -1), ("log", 0, -1))
        yield ask("unknown partition and timestamp", version, ("log", 3, -9))
        yield ask("twice", version, ("log", 0, -1), ("log", 1, -1), ("log", 0, -2))
        yield ask("twice and unknown", version, ("log", 9, -1), ("log", 9, -1))
        yield "topic twice", "ListOffsets", version, {"topics": [
            {"name": "log", "partitions": [{"partition_index": 0, "timestamp": -1}]},
            {"name": "one-batch", "partitions": [{"partition_index": 0, "timestamp": -1}]},
            {"name": "log", "partitions": [{"partition_index": 1, "timestamp": -1}]}]}
        yield "partition twice in two topics", "ListOffsets", version, {"topics": [
            {"name": "log", "partitions": [{"partition_index": 0, "timestamp": -1}]},
            {"name": "log", "partitions": [{"partition_index": 0, "timestamp": -1}]}]}
        yield "no topics", "ListOffsets", version, {"topics": []}
        yield "no partitions", "ListOffsets", version, {"topics": [{"name": "log", "partitions": []}]}


def offset_for_leader_epoch():
    for version in every("OffsetForLeaderEpoch"):
        for index in (0, 1):
            for epoch in (0, 1, -1, -2, 99):
                for current in (-1, 0, 1, -2):
                    yield f"partition {index} epoch {epoch} in {current}", "OffsetForLeaderEpoch", version, {
                        "topics": [{"topic": "log", "partitions": [
                            {"partition": index, "leader_epoch": epoch, "current_leader_epoch": current}]}]}
        for replica_id in (-1, -2, 1, 5) if version >= 3 else ():
            yield f"replica {replica_id}", "OffsetForLeaderEpoch", version, {"replica_id": replica_id, "topics": [
                {"topic": "log", "partitions": [{"partition": 0, "leader_epoch": 0}]}]}
        yield "unknown", "OffsetForLeaderEpoch", version, {"topics": [
            {"topic": "unknown", "partitions": [{"partition": 0, "leader_epoch": 0}]},
            {"topic": "log", "partitions": [{"partition": 3, "leader_epoch": 0}, {"partition": -1, "leader_epoch": 0}]}]}
        yield "twice", "OffsetForLeaderEpoch", version, {"topics": [
            {"topic": "log", "partitions": [{"partition": 0, "leader_epoch": 0}, {"partition": 0, "leader_epoch": 0}]},
            {"topic": "log", "partitions": [{"partition": 1, "leader_epoch": 0}]}]}
        yield "nothing", "OffsetForLeaderEpoch", version, {"topics": []}


def delete_topics(ids):
    for version in every("DeleteTopics", until=5):
        def names(*names):
            return {"topic_names": list(names)}
        yield "one", "DeleteTopics", version, names(f"plain-{version + 1}" if version > 1 else "good-2")
        yield "unknown", "DeleteTopics", version, names("unknown", "", "a/b", "__cluster_metadata")
        yield "twice", "DeleteTopics", version, names("defaults-7", "defaults-7", "unknown")
        yield "nothing", "DeleteTopics", version, names()
        yield "again", "DeleteTopics", version, names("good-2")
        yield "timeout 0", "DeleteTopics", version, {**names("good-3", "unknown"), "timeout_ms": 0}

    def topics(*topics):
        return {"topics": [{"name": name, "topic_id": topic_id} for name, topic_id in topics]}
    yield "timeout 0", "DeleteTopics", 6, {**topics(("plain-7", ID_NONE), (None, ids["defaults-2"])), "timeout_ms": 0}
    yield "by name", "DeleteTopics", 6, topics(("plain-7", ID_NONE))
    yield "by id", "DeleteTopics", 6, topics((None, ids["defaults-2"]))
    yield "by id again", "DeleteTopics", 6, topics((None, ids["defaults-2"]))
    yield "name and id", "DeleteTopics", 6, topics(("defaults-3", ids["defaults-3"]))
    yield "neither", "DeleteTopics", 6, topics((None, ID_NONE))
    yield "same by name and id", "DeleteTopics", 6, topics(("defaults-3", ID_NONE), (None, ids["defaults-3"]))
    yield "name twice", "DeleteTopics", 6, topics(("defaults-3", ID_NONE), ("defaults-3", ID_NONE))
    yield "id twice", "DeleteTopics", 6, topics((None, ids["defaults-3"]), (None, ids["defaults-3"]))
    yield "id twice and name", "DeleteTopics", 6, topics(
        (None, ids["defaults-3"]), (None, ids["defaults-3"]), ("defaults-3", ID_NONE))
    yield "unknown", "DeleteTopics", 6, topics((None, ID_UNKNOWN), ("unknown", ID_NONE), ("", ID_NONE))
    yield "metadata log", "DeleteTopics", 6, topics((None, uuid.UUID(int=1)), ("__cluster_metadata", ID_NONE))
    yield "good and bad", "DeleteTopics", 6, topics((None, ids["defaults-3"]), ("defaults-4", ID_NONE), (None, ID_UNKNOWN))
    yield "internal", "DeleteTopics", 6, topics(("__consumer_offsets", ID_NONE))
    for name in ("plain-7", "defaults-2", "defaults-4", "__consumer_offsets"):
        yield from until_gone(name)
    yield "what is left", "Metadata", 13, {"topics": None}
    for name in ("plain-7", "defaults-2"):
        yield f"gone: {name}", "ListOffsets", 7, {"topics": [
            {"name": name, "partitions": [{"partition_index": 0, "timestamp": -1}]}]}
    yield "made again", "CreateTopics", 7, {"topics": [new_topic("plain-7", 2)]}


def controller_listener():
    """The controller's own listener, marked by `@`."""
    for version in every("ApiVersions"):
        software = {"client_software_name": "answers", "client_software_version": "1.0"} if version >= 3 else {}
        yield "plain", "@ApiVersions", version, software
    for version in every("DescribeCluster"):
        yield "plain", "@DescribeCluster", version, {}
        for endpoint_type in (0, 1, 2, 3) if version >= 1 else ():
            yield f"endpoint type {endpoint_type}", "@DescribeCluster", version, {
                "endpoint_type": endpoint_type, "include_cluster_authorized_operations": True}
    for version in every("CreateTopics"):
        yield "made", "@CreateTopics", version, {"topics": [new_topic(f"controlled-{version}")]}
        yield "refused", "@CreateTopics", version, {"topics": [new_topic("a/b"), new_topic("plain-2")]}
    for version in every("DeleteTopics", until=5):
        yield "deleted", "@DeleteTopics", version, {"topic_names": [f"controlled-{version + 1}", "unknown"]}
    yield "deleted", "@DeleteTopics", 6, {"topics": [{"name": "controlled-7", "topic_id": ID_NONE}]}
    for api in ("Metadata", "ListOffsets", "DescribeTopicPartitions", "InitProducerId", "OffsetForLeaderEpoch"):
        body = {"transactional_id": None, "transaction_timeout_ms": 1} if api == "InitProducerId" else {"topics": []}
        yield "not here", f"@{api}", ALL[api].last, body


def lives():
    """Leader epochs and what they leave behind, over stops and kills (`!` is done to the broker, not asked)."""
    yield "made", "CreateTopics", 7, {"topics": [new_topic("lived")]}
    yield from until_there("lived")
    lives = [([100, 200], "stop"), ([300], "kill"), ([], "kill"), ([400, 50], "stop")]
    for number, (timestamps, end) in enumerate(lives):
        if timestamps:
            yield from fill("lived", timestamps)
        yield None, f"!{end}", 0, {}
        yield from until_there("lived")
        yield from until_led("lived")
        yield f"life {number}", "Metadata", 13, {"topics": [{"name": "lived"}]}
        for timestamp in (-1, -2, -3, -4, 0, 150, 99_999):
            for epoch in (-1, 0, 2, 99):
                yield f"life {number} at {timestamp} in {epoch}", "ListOffsets", 11, {"topics": [
                    {"name": "lived", "partitions": [
                        {"partition_index": 0, "timestamp": timestamp, "current_leader_epoch": epoch}]}]}
        for epoch in range(-1, 10):
            yield f"life {number} epoch {epoch}", "OffsetForLeaderEpoch", 4, {"topics": [
                {"topic": "lived", "partitions": [{"partition": 0, "leader_epoch": epoch}]}]}


CHAPTERS = [empty_cluster, describe_cluster, create_topics, metadata, auto_create, describe_topic_partitions,
            init_producer_id, list_offsets, offset_for_leader_epoch, internal_topics,
            controller_listener, delete_topics, lives]

# Where Klamm means to answer otherwise, and why.
DELIBERATE = {
    "metadata: no id and no name, Metadata v12": "Kafka stumbles over the null; INVALID_REQUEST says what is wrong",
    "metadata: no id and no name, Metadata v13": "as in version 12",
    "describe_topic_partitions: empty name, DescribeTopicPartitions v0":
        "Kafka stumbles over the empty name and fails all topics; here it is INVALID_TOPIC_EXCEPTION as in Metadata",
}

# Keys that both sides serve, on the broker's listener and on the controller's.
SERVED = {0, 1, 2, 3, 18, 19, 20, 22, 23, 60, 75}
SERVED_BY_CONTROLLER = {18, 19, 20, 60}

# The records are from 1970: retention would have them.
OVERRIDES = {"log.initial.task.delay.ms": 3_600_000}
