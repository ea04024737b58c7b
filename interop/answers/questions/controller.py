"""What the active controller decides or knows, asked through the broker and on the controller's own listener."""
import time
import uuid

from messages import ALL

from .common import ID_NONE, ID_UNKNOWN, every, new_topic, until_led, until_there

METADATA_TOPIC = "__cluster_metadata"


def listener():
    """What the controller's listener says of itself, and what it does not serve."""
    for version in every("ApiVersions"):
        software = {"client_software_name": "answers", "client_software_version": "1.0"} if version >= 3 else {}
        yield "plain", "@ApiVersions", version, software
    for version in every("ApiVersions", 3):
        yield "bad software", "@ApiVersions", version, {"client_software_name": "a b", "client_software_version": "1"}
    for cluster, node in (("wrong", 1), ("wrong", -1), (None, 1), ("", -1)):
        yield f"cluster {cluster!r} node {node}", "@ApiVersions", 5, {
            "client_software_name": "a", "client_software_version": "1", "cluster_id": cluster, "node_id": node}
    for api in ("AllocateProducerIds", "AssignReplicasToDirs"):
        yield "not here", api, 0, {"broker_id": 1}
    for api in ("Produce", "Metadata"):
        yield "not here", f"@{api}", ALL[api].last, {"topics": []}


def grown(name, count, *assignments):
    """A topic of CreatePartitions; each assignment is a list of brokers."""
    return {"name": name, "count": count,
            "assignments": [{"broker_ids": brokers} for brokers in assignments] or None}


def until_grown(name, count):
    """Asks until the listener has heard of all partitions; these answers are not compared."""
    while True:
        yield from until_there(name)
        answer = yield None, "Metadata", 13, {"topics": [{"name": name}], "allow_auto_topic_creation": False}
        if len(answer["topics"][0]["partitions"]) == count:
            return
        time.sleep(0.05)


REFUSED_GROWTH = [
    ("unknown topic", grown("unknown", 9)),
    ("bad name", grown("a/b", 9)),
    ("no name", grown("", 9)),
    ("metadata log", grown(METADATA_TOPIC, 9)),
    ("the same", grown("fixed", 3)),
    ("less", grown("fixed", 2)),
    ("none", grown("fixed", 0)),
    ("negative", grown("fixed", -1)),
    ("too few assignments", grown("fixed", 5, [1])),
    ("too many assignments", grown("fixed", 4, [1], [1])),
    ("assigned to unknown", grown("fixed", 4, [7])),
    ("assigned twice", grown("fixed", 4, [1, 1])),
    ("assigned to nobody", grown("fixed", 4, [])),
    ("second assigned to nobody", grown("fixed", 5, [1], [])),
    ("other factor", grown("fixed", 4, [1, 7])),
    ("less with assignments", grown("fixed", 2, [1])),
]


def create_partitions():
    for name in ("fixed", "growing", "controlled"):
        yield None, "CreateTopics", 7, {"topics": [new_topic(name, 3)]}
        yield from until_there(name)
    yield None, "CreateTopics", 7, {"topics": [new_topic("assigned", -1, -1, (), [(0, [1])])]}
    yield from until_there("assigned")
    for version in every("CreatePartitions"):
        count = 4 + 2 * version
        yield "one more", "CreatePartitions", version, {"topics": [grown("growing", count)]}
        yield "assigned", "CreatePartitions", version, {"topics": [grown("growing", count + 1, [1])]}
        yield "several", "CreatePartitions", version, {
            "topics": [grown("assigned", 10 * version + 5), grown("unknown", 7), grown("fixed", 1)]}
        yield "only validated", "CreatePartitions", version, {"topics": [grown("fixed", 9)], "validate_only": True}
        yield "validated and refused", "CreatePartitions", version, {
            "topics": [grown("fixed", 3)], "validate_only": True}
        yield "nothing", "CreatePartitions", version, {"topics": []}
        yield "on the controller", "@CreatePartitions", version, {"topics": [grown("controlled", count)]}
        yield "refused by the controller", "@CreatePartitions", version, {"topics": [grown("controlled", 1)]}
        for label, topic in REFUSED_GROWTH:
            yield label, "CreatePartitions", version, {"topics": [topic]}
        yield "same name twice", "CreatePartitions", version, {
            "topics": [grown("fixed", 4), grown("fixed", 5), grown("unknown", 1)]}
        for timeout in (0, -1):
            yield f"timeout {timeout}", "CreatePartitions", version, {
                "topics": [grown("fixed", 4), grown("fixed", 4), grown("unknown", 1)], "timeout_ms": timeout}
    for name, count in (("fixed", 3), ("growing", 11), ("controlled", 10), ("assigned", 35)):
        yield from until_grown(name, count)
        yield f"came to be: {name}", "Metadata", 13, {"topics": [{"name": name}]}


def describe_quorum():
    for api in ("DescribeQuorum", "@DescribeQuorum"):
        for version in every("DescribeQuorum"):
            def asked(*topics):
                return {"topics": [{"topic_name": name, "partitions": [
                    {"partition_index": index} for index in partitions]} for name, *partitions in topics]}
            yield "plain", api, version, asked((METADATA_TOPIC, 0))
            yield "nothing", api, version, asked()
            yield "no partition", api, version, asked((METADATA_TOPIC,))
            yield "another partition", api, version, asked((METADATA_TOPIC, 1))
            yield "two partitions", api, version, asked((METADATA_TOPIC, 0, 1))
            yield "the same twice", api, version, asked((METADATA_TOPIC, 0), (METADATA_TOPIC, 0))
            yield "another topic", api, version, asked(("fixed", 0))


def updated(*updates):
    """A request of UpdateFeatures: feature, level and, from version 1 on, the kind of change."""
    return {"feature_updates": [
        {"feature": feature, "max_version_level": level, **({"upgrade_type": kind[0]} if kind else {})}
        for feature, level, *kind in updates]}


SOFTWARE = {"client_software_name": "a", "client_software_version": "1"}


def until_level(api, feature, level):
    """Asks until the listener has heard of the level; these answers are not compared."""
    while True:
        answer = yield None, api, 4, SOFTWARE
        levels = {one["name"]: one["max_version_level"] for one in answer["finalized_features"]}
        if levels.get(feature, 0) == level:
            return
        time.sleep(0.05)


REFUSED_FEATURES = [(feature, level, kind)
                    for feature, levels in (("metadata.version", (-1, 0, 6, 7, 29, 30, 32, 34, 99)),
                                            ("kraft.version", (-1, 2)),
                                            ("group.version", (-1, 2)),
                                            ("transaction.version", (1, 3)),
                                            ("share.version", (3,)),
                                            ("streams.version", (2,)),
                                            ("eligible.leader.replicas.version", (2,)),
                                            ("no.such.feature", (0, 1, -1)), ("", (1,)))
                    for level in levels for kind in (1, 2, 3, 0, 4)
                    # Levels that may really be gone down to come later.
                    if not (feature == "transaction.version" and level == 1 and kind in (2, 3))
                    and not (feature == "metadata.version" and level == 32 and kind == 4)]


def update_features():
    for version in every("UpdateFeatures"):
        yield "nothing", "UpdateFeatures", version, updated()
        yield "as it is", "UpdateFeatures", version, updated(("group.version", 1), ("metadata.version", 33))
    for version in every("UpdateFeatures", 1):
        for feature, level, kind in REFUSED_FEATURES:
            yield f"{feature!r} to {level} by {kind}", "UpdateFeatures", version, updated((feature, level, kind))
            yield f"{feature!r} to {level} by {kind}", "UpdateFeatures", version, {
                **updated((feature, level, kind)), "validate_only": True}
    yield "down in version 0", "UpdateFeatures", 0, {
        "feature_updates": [{"feature": "group.version", "max_version_level": 0, "allow_downgrade": True}]}
    several = [("metadata.version", 25, 2), ("kraft.version", 9, 1), ("group.version", 7, 1), ("unknown", 1, 1)]
    for dropped in range(len(several)):
        rest = several[:dropped] + several[dropped + 1:]
        yield f"several without {dropped}", "UpdateFeatures", 2, updated(*rest)
        yield f"several without {dropped}, turned", "UpdateFeatures", 2, updated(*reversed(rest))
    yield "nothing has changed", "@ApiVersions", 4, SOFTWARE
    down = [("share.version", 1, 2), ("share.version", 0, 3), ("streams.version", 0, 2), ("transaction.version", 1, 2),
            ("transaction.version", 0, 2), ("group.version", 0, 2), ("eligible.leader.replicas.version", 0, 2)]
    for feature, level, kind in down:
        yield f"{feature} to {level}, only validated", "UpdateFeatures", 1, {
            **updated((feature, level, kind)), "validate_only": True}
        yield f"{feature} to {level}", "@UpdateFeatures", 1, updated((feature, level, kind))
        yield from until_level("@ApiVersions", feature, level)
        yield f"{feature} at {level}", "@ApiVersions", 4, SOFTWARE
    yield "all up", "UpdateFeatures", 2, updated(
        ("share.version", 2), ("streams.version", 1), ("transaction.version", 2), ("group.version", 1),
        ("eligible.leader.replicas.version", 1))
    yield from until_level("ApiVersions", "eligible.leader.replicas.version", 1)
    yield "all up again", "ApiVersions", 4, SOFTWARE


def kraft_version():
    """From voters of the configuration to voters of the log."""
    body = {"topics": [{"topic_name": METADATA_TOPIC, "partitions": [{"partition_index": 0}]}]}
    yield "down", "UpdateFeatures", 2, updated(("kraft.version", 0, 2))
    yield "as it is", "UpdateFeatures", 2, updated(("kraft.version", 0, 1))
    yield "up, only validated", "UpdateFeatures", 2, {**updated(("kraft.version", 1, 1)), "validate_only": True}
    yield "before", "DescribeQuorum", 2, body
    yield "up", "UpdateFeatures", 2, updated(("kraft.version", 1, 1))
    yield "up again", "UpdateFeatures", 2, updated(("kraft.version", 1, 1))
    yield from until_level("@ApiVersions", "kraft.version", 1)
    yield "after", "DescribeQuorum", 2, body
    yield "after", "@ApiVersions", 4, SOFTWARE
    yield "back", "UpdateFeatures", 2, updated(("kraft.version", 0, 2))
    yield "back by force", "UpdateFeatures", 2, updated(("kraft.version", 0, 3))
    yield "back by going up", "UpdateFeatures", 2, updated(("kraft.version", 0, 1))
    for how in ("stop", "kill"):
        yield None, f"!{how}", 0, {}
        yield from until_there("fixed")
        yield from until_led("fixed")
        yield f"after a {how}", "@DescribeQuorum", 2, body
        yield f"after a {how}", "@ApiVersions", 4, SOFTWARE


def elect_leaders():
    for version in every("ElectLeaders"):
        for kind in ((0, 1, 2, -1) if version >= 1 else (None,)):
            def asked(topics, **more):
                body = {"topic_partitions": topics and [
                    {"topic": name, "partitions": list(partitions)} for name, *partitions in topics], **more}
                return body if kind is None else {**body, "election_type": kind}
            yield f"{kind}: led", "ElectLeaders", version, asked([("fixed", 0, 2)])
            yield f"{kind}: unknown", "ElectLeaders", version, asked([("unknown", 0), ("fixed", 9, 0), ("", -1)])
            yield f"{kind}: no partition", "ElectLeaders", version, asked([("fixed",)])
            yield f"{kind}: nothing", "@ElectLeaders", version, asked([])
            yield f"{kind}: everything", "@ElectLeaders", version, asked(None)
            yield f"{kind}: too late", "ElectLeaders", version, asked([("fixed", 0), ("unknown", 1)], timeout_ms=0)
            yield f"{kind}: everything too late", "ElectLeaders", version, asked(None, timeout_ms=-1)
            yield f"{kind}: nothing too late", "ElectLeaders", version, asked([], timeout_ms=0)


def reassign():
    for version in every("AlterPartitionReassignments"):
        def asked(*partitions, **more):
            return {"topics": [{"name": name, "partitions": [{"partition_index": index, "replicas": replicas}]}
                               for name, index, replicas in partitions], **more}
        yield "where it is", "AlterPartitionReassignments", version, asked(("fixed", 0, [1]))
        yield "called off", "AlterPartitionReassignments", version, asked(("fixed", 0, None))
        yield "unknown", "AlterPartitionReassignments", version, asked(
            ("unknown", 0, [1]), ("fixed", 9, [1]), ("", 0, None), ("fixed", -1, None))
        yield "nowhere", "AlterPartitionReassignments", version, asked(("fixed", 0, []))
        yield "to strangers", "@AlterPartitionReassignments", version, asked(("fixed", 0, [7]), ("fixed", 1, [1, 7]))
        yield "twice", "AlterPartitionReassignments", version, asked(("fixed", 0, [1, 1]))
        yield "nothing", "AlterPartitionReassignments", version, {"topics": []}
        yield "no partition", "AlterPartitionReassignments", version, {"topics": [{"name": "fixed", "partitions": []}]}
        yield "too late", "AlterPartitionReassignments", version, asked(("fixed", 0, [1]), timeout_ms=0)
        yield "nothing too late", "AlterPartitionReassignments", version, {"topics": [], "timeout_ms": 0}
        if version >= 1:
            yield "same factor", "AlterPartitionReassignments", version, asked(
                ("fixed", 0, [1]), ("fixed", 1, [7, 1]), allow_replication_factor_change=False)
    for api in ("ListPartitionReassignments", "@ListPartitionReassignments"):
        yield "all", api, 0, {"topics": None}
        yield "none", api, 0, {"topics": []}
        yield "some", api, 0, {"topics": [{"name": "fixed", "partition_indexes": [0, 9]},
                                          {"name": "unknown", "partition_indexes": [0]}]}
        yield "too late", api, 0, {"topics": None, "timeout_ms": 0}


def brokers():
    """What brokers ask the controller, with an epoch that is not theirs, and the end of a broker."""
    for broker_id, epoch in ((1, -1), (1, 0), (7, 5), (-1, -1)):
        yield f"broker {broker_id} at {epoch}", "@AllocateProducerIds", 0, {
            "broker_id": broker_id, "broker_epoch": epoch}
        yield f"broker {broker_id} at {epoch}", "@AssignReplicasToDirs", 0, {
            "broker_id": broker_id, "broker_epoch": epoch, "directories": [
                {"id": ID_UNKNOWN, "topics": [{"topic_id": ID_NONE, "partitions": [{"partition_index": 0}]}]}]}
    for api in ("UnregisterBroker", "@UnregisterBroker"):
        for broker_id in (7, -1):
            yield f"unknown {broker_id}", api, 0, {"broker_id": broker_id}
    for api in ("UnregisterController", "@UnregisterController"):
        for controller_id in (1, 7, -1):
            yield f"controller {controller_id}", api, 0, {"controller_id": controller_id}
    yield "itself", "UnregisterBroker", 0, {"broker_id": 1}
    yield "itself again", "@UnregisterBroker", 0, {"broker_id": 1}
    while (yield None, "DescribeCluster", 2, {"include_fenced_brokers": True})["brokers"]:
        time.sleep(0.05)
    yield "no brokers", "Metadata", 13, {"topics": [{"name": "fixed"}], "allow_auto_topic_creation": False}
    yield "no brokers", "DescribeCluster", 2, {"include_fenced_brokers": True}
    yield "controllers", "@DescribeCluster", 2, {"endpoint_type": 2}
    yield "no brokers", "CreateTopics", 7, {"topics": [new_topic("nowhere")]}
    yield "no brokers", "CreatePartitions", 3, {"topics": [grown("fixed", 4), grown("growing", 100, [1])]}


CHAPTERS = [listener, create_partitions, describe_quorum, elect_leaders, reassign, update_features, kraft_version,
            brokers]

KEEPS_TEXTS = True


def _moment(value):
    return "<moment>" if value >= 0 else value


MASKED = {
    "high_watermark": _moment, "log_end_offset": _moment, "last_fetch_timestamp": _moment,
    "last_caught_up_timestamp": _moment,
    "replica_directory_id": lambda value: "<directory>" if value != uuid.UUID(int=0) else "<none>",
}

SORTED_BY = {"results": ("name", "feature"), "replica_election_results": ("topic",), "partition_result": ("partition_id",)}

# Keys that both sides serve, on the broker's listener and on the controller's.
SERVED = {0, 1, 2, 3, 18, 19, 20, 37, 43, 45, 46, 55, 57, 60, 64, 94}
SERVED_BY_CONTROLLER = {18, 19, 20, 37, 43, 45, 46, 55, 57, 60, 64, 67, 73, 94}
