"""Groups of all kinds that Kafka has left behind: what they are to members of the classic protocol.

The folder comes from a broker that was killed after `fill_groups.py`.
"""
from .groups import MASKED, SORTED_BY, _named, beat, commit, every, fetch, join, leave, sync, until_known, until_loaded

FOLDER = "groups-left"
# The folder ages, and members of the other kinds should not be gone before they are asked about.
OVERRIDES = {"log.initial.task.delay.ms": 3_600_000, "offsets.topic.num.partitions": 1,
             "share.coordinator.state.topic.num.partitions": 1,
             "group.initial.rebalance.delay.ms": 0, "offsets.retention.minutes": 1_000_000_000,
             "group.consumer.session.timeout.ms": 60_000, "group.share.session.timeout.ms": 60_000}
FOREIGN = ["consumer-empty", "consumer-busy", "share-empty", "share-busy", "streams-empty"]
ALL = FOREIGN + ["consumer-gone", "streams-gone", "classic-empty", "classic-busy", "simple"]

DELIBERATE = {f"what_is_there: {group}, an epoch, OffsetFetch v9": "Kafka fails: an epoch without a member is a null"
              for group in ("consumer-empty", "consumer-busy", "consumer-gone", "streams-empty", "streams-gone")} | {
    "at_the_end: a share group goes, DeleteGroups v2": "its state lies in partitions that are not served yet",
    "at_the_end: a share group goes, DeleteGroups v3": "its state lies in partitions that are not served yet",
    "at_the_end: what is left, ListGroups v5": "the share group is left",
}


def what_is_there():
    _named.clear()
    yield from until_loaded()
    yield "all", "ListGroups", 5, {}
    for kind in ("classic", "consumer", "share", "streams", "Consumer", "nothing"):
        yield kind, "ListGroups", 5, {"types_filter": [kind]}
    for state in ("empty", "stable", "dead"):
        yield state, "ListGroups", 4, {"states_filter": [state]}
    for version in every("DescribeGroups", 5):
        for group in ALL:
            yield group, "DescribeGroups", version, {"groups": [group]}
    for group in ALL:
        yield group, "OffsetFetch", 7, fetch([group], 7, None)
        yield group, "OffsetFetch", 8, fetch([group], 8, [("t", None, [0]), ("u", None, [0])], True)
        one = {"group_id": group, "member_id": "stranger", "member_epoch": 2, "topics": None}
        yield f"{group}, a stranger", "OffsetFetch", 9, {"groups": [one]}
        yield f"{group}, an epoch", "OffsetFetch", 9, {"groups": [one | {"member_id": None}]}


def what_is_refused():
    for group in FOREIGN:
        yield f"{group}, a stranger", "SyncGroup", 5, sync(group, "stranger", 1, 5)
        yield f"{group}, a stranger", "Heartbeat", 4, beat(group, "stranger", 1)
        yield f"{group}, a stranger", "LeaveGroup", 5, leave(group, "stranger", 5)
        yield f"{group}, a stranger", "LeaveGroup", 1, leave(group, "stranger", 1)
        for version in (8, 9):
            yield f"{group}, a stranger", "OffsetCommit", version, commit(
                group, version, [("t", None, [0])], "stranger", 1)
    for group in ("consumer-busy", "share-busy", "share-empty"):
        yield f"{group}, nobody", "OffsetCommit", 8, commit(group, 8, [("t", None, [0])])
        yield f"{group}", "OffsetDelete", 0, {"group_id": group, "topics": [
            {"name": "t", "partitions": [{"partition_index": 0}]}]}
    for group in ("share-busy", "share-empty"):
        yield f"{group}, somebody", "JoinGroup", 9, join(group)
    for group in ("consumer-busy", "share-busy"):
        yield group, "DeleteGroups", 3, {"groups_names": [group]}


def what_changes():
    for group in ("consumer-empty", "streams-empty"):
        yield f"{group}, nobody", "OffsetCommit", 8, commit(group, 8, [("t", None, [0])], offset=9)
        yield f"{group}", "OffsetDelete", 0, {"group_id": group, "topics": [
            {"name": "u", "partitions": [{"partition_index": 0}]}]}
    # Kafka forgets an empty group that a stranger wants to join, until its log is read again.
    for group in FOREIGN:
        for version in every("JoinGroup", 3) if group != "consumer-busy" else ():
            yield f"{group}, a stranger", "JoinGroup", version, join(group, "stranger")
    yield None, "!kill", 0, None
    yield from until_loaded()
    for group in ("consumer-empty", "streams-empty"):
        answer = yield f"{group}, somebody", "JoinGroup", 9, join(group)
        yield from until_known(group)
        yield f"{group}, given an id", "DescribeGroups", 6, {"groups": [group]}
        yield f"{group}, with its id", "JoinGroup", 9, join(group, answer["member_id"])
        yield f"{group}, its part", "SyncGroup", 5, sync(
            group, answer["member_id"], 1, 5, [(answer["member_id"], b"all")])
        yield f"{group}, stable", "DescribeGroups", 6, {"groups": [group]}
        yield f"{group}, offsets", "OffsetFetch", 7, fetch([group], 7, None)
    yield "empty ones", "DeleteGroups", 3, {"groups_names": ["consumer-gone", "streams-gone"]}
    yield "they are gone", "DescribeGroups", 6, {"groups": ["consumer-gone"]}
    yield "they are gone", "OffsetFetch", 8, fetch(["consumer-gone", "streams-gone"], 8, None)
    yield "classic ones", "ListGroups", 5, {"types_filter": ["classic"]}


def after_a_kill():
    yield None, "!kill", 0, None
    yield from until_loaded()
    yield "classic ones", "ListGroups", 5, {"types_filter": ["classic"]}
    yield "streams groups", "ListGroups", 5, {"types_filter": ["streams"]}
    for group in ("consumer-empty", "streams-empty", "consumer-gone", "streams-gone"):
        yield group, "DescribeGroups", 6, {"groups": [group]}
        yield group, "OffsetFetch", 7, fetch([group], 7, None)


def at_the_end():
    yield "a share group goes", "DeleteGroups", 2, {"groups_names": ["share-empty"]}
    yield "a share group goes", "DeleteGroups", 3, {"groups_names": ["share-empty"]}
    yield "what is left", "ListGroups", 5, {"types_filter": ["share"]}


CHAPTERS = [what_is_there, what_is_refused, what_changes, after_a_kill, at_the_end]
