"""Classic groups and their offsets: every version of each API, right and wrong, over a stop and a kill.

Member ids are named in the order in which they appear. A group whose name ends on the version is one of its own, so that
nothing of another version's is left in it.
"""
import re
import struct

from batches import records_of

from .common import ID_NONE, ID_UNKNOWN, every, new_topic, until_led, until_there

OVERRIDES = {"group.initial.rebalance.delay.ms": 0, "group.max.size": 3, "offsets.topic.num.partitions": 5,
             "group.min.session.timeout.ms": 6000}
SORTED_BY = {"members": ("member_id", "group_instance_id"), "groups": ("group_id",), "results": ("group_id",)}

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_named = {}  # Of one conversation.


def named(member_id):
    """What a member id begins with, and which one it is."""
    prefix = re.sub(f"-{UUID}$", "", member_id)
    if prefix == member_id:
        return member_id
    return f"{prefix}-<{_named.setdefault(member_id, len(_named) + 1)}>"


def text(data):
    return data if data is None else data.decode("latin-1")


def shown(data):
    """Bytes without what no two conversations have in common: ids of members, times, and the topic's id at the end."""
    data = re.sub(UUID.encode(), b"<id>", data)
    data = re.sub(rb"\x00\x00\x01[\x90-\xff].{4}", b"<time>", data, flags=re.DOTALL)
    return repr(re.sub(rb"\x01\x00\x10.{16}$", b"<topic id>", data, flags=re.DOTALL))


def members_sorted(value):
    """The value of a group's record with its members in an order."""
    at = 2

    def take(count):
        nonlocal at
        at += count
        return value[at - count:at]

    def text():
        length, = struct.unpack(">h", take(2))
        return take(max(length, 0))

    def sized():
        return take(struct.unpack(">i", take(4))[0])
    head = value[:2] + text() + take(4) + text() + b" " + text() + take(8)
    members = []
    for _ in range(struct.unpack(">i", take(4))[0]):
        members.append(shown(b" ".join((text(), text(), text(), text(), take(8), sized(), sized()))))
    assert at == len(value), "bytes behind the group"
    return f"{shown(head)} {sorted(members)}"


def stored(data):
    """What a partition of `__consumer_offsets` holds. Kafka's order of what comes together is that of its hash maps."""
    lines = []
    for producer_id, epoch, sequence, key, value in records_of(data or b""):
        is_group = value is not None and key[:2] == b"\0\2"
        value = value if value is None else members_sorted(value) if is_group else shown(value)
        lines.append(f"{producer_id} {epoch} {sequence} {key!r} {value}")
    return sorted(lines)


MASKED = {"records": stored, "member_id": named, "leader": named, "assignment": text, "member_metadata": text,
          "member_assignment": text, "metadata": lambda data: text(data) if isinstance(data, bytes) else data}

ALL_GROUP_APIS = {
    "JoinGroup": lambda v: join("none"),
    "SyncGroup": lambda v: sync("none", "nobody", 1, v),
    "Heartbeat": lambda v: {"group_id": "none", "generation_id": 1, "member_id": "nobody"},
    "LeaveGroup": lambda v: leave("none", "nobody", v),
    "OffsetCommit": lambda v: commit("none", v, [("t", ID_UNKNOWN, [0, 9])]),
    "OffsetFetch": lambda v: fetch(["none"], v, [("t", ID_UNKNOWN, [0, 9])]),
    "OffsetDelete": lambda v: {"group_id": "none", "topics": [{"name": "t", "partitions": [{"partition_index": 0}]}]},
    "ListGroups": lambda v: {},
    "DescribeGroups": lambda v: {"groups": ["none", "other"]},
    "DeleteGroups": lambda v: {"groups_names": ["none", "other", "none"]},
}


def subscription(*topics):
    """What a consumer says in version 0 of its protocol."""
    names = b"".join(len(topic).to_bytes(2, "big") + topic.encode() for topic in topics)
    return b"\0\0" + len(topics).to_bytes(4, "big") + names + b"\xff\xff\xff\xff"


RANGE = [("range", subscription("t"))]


def join(group, member="", instance=None, protocols=RANGE, kind="consumer", session=300_000, rebalance=10_000, **more):
    body = {"group_id": group, "member_id": member, "session_timeout_ms": session, "protocol_type": kind,
            "rebalance_timeout_ms": rebalance,
            "protocols": [{"name": name, "metadata": data} for name, data in protocols], **more}
    return body | ({"group_instance_id": instance} if instance is not None else {})


def sync(group, member, generation, version, given=(), instance=None, kind="consumer", name="range"):
    body = {"group_id": group, "member_id": member, "generation_id": generation,
            "assignments": [{"member_id": one, "assignment": data} for one, data in given]}
    if version >= 5:
        body |= {"protocol_type": kind, "protocol_name": name}
    return body | ({"group_instance_id": instance} if instance is not None else {})


def beat(group, member, generation, instance=None):
    body = {"group_id": group, "member_id": member, "generation_id": generation}
    return body | ({"group_instance_id": instance} if instance is not None else {})


def leave(group, member, version, instance=None):
    if version < 3:
        return {"group_id": group, "member_id": member}
    return {"group_id": group, "members": [{"member_id": member, "group_instance_id": instance}]}


def commit(group, version, topics, member="", generation=-1, offset=5, metadata="m", **more):
    partitions = lambda indexes: [{"partition_index": index, "committed_offset": offset, "committed_metadata": metadata}
                                  for index in indexes]
    name = lambda topic, topic_id: {"topic_id": topic_id} if version >= 10 else {"name": topic}
    return {"group_id": group, "member_id": member, "generation_id_or_member_epoch": generation,
            "topics": [name(topic, topic_id) | {"partitions": partitions(indexes)}
                       for topic, topic_id, indexes in topics], **more}


def fetch(groups, version, topics, stable=None):
    """`topics` of None are all."""
    name = lambda topic, topic_id: {"topic_id": topic_id} if version >= 10 else {"name": topic}
    if topics is not None:
        topics = [name(topic, topic_id) | {"partition_indexes": indexes} for topic, topic_id, indexes in topics]
    more = {} if stable is None else {"require_stable": stable}
    if version >= 8:
        return {"groups": [{"group_id": group, "topics": topics} for group in groups]} | more
    return {"group_id": groups[0], "topics": topics} | more


def versions(*apis):
    """The versions that go together when all are of one age; the oldest first."""
    lists = [list(every(api)) for api in apis]
    longest = max(len(one) for one in lists)
    return zip(*([one[0]] * (longest - len(one)) + one for one in lists))


def entered(group, version=9, **more):
    """A member that has joined on its own, and what it was told."""
    answer = yield None, "JoinGroup", version, join(group, **more)
    if answer["error_code"] == 79:
        answer = yield None, "JoinGroup", version, join(group, answer["member_id"], **more)
    assert answer["error_code"] == 0, answer
    return answer


def stable(group, given=b"all", **more):
    """A group of one member in which everything is settled."""
    told = yield from entered(group, **more)
    instance = more.get("instance")
    yield None, "SyncGroup", 5, sync(group, told["member_id"], told["generation_id"], 5,
                                     [(told["member_id"], given)], instance, told["protocol_type"],
                                     told["protocol_name"])
    return told


def until_loaded():
    """Asks until all coordinators are there: of forty names some fall to each of the few partitions."""
    for group in (f"any-{number}" for number in range(40)):
        while True:
            answer = yield None, "DescribeGroups", 6, {"groups": [group]}
            if answer["groups"][0]["error_code"] not in (14, 15, 16):
                break


def before_anything():
    _named.clear()
    for api, body in ALL_GROUP_APIS.items():
        for version in every(api):
            yield "no coordinator", api, version, body(version)
    yield "no coordinator, no group id", "JoinGroup", 9, join("")
    yield "no coordinator, short session", "JoinGroup", 9, join("none", session=10)
    yield "no coordinator, all offsets", "OffsetFetch", 7, fetch(["none"], 7, None)
    yield "no coordinator, stable", "OffsetFetch", 9, fetch(["none"], 9, None, True)


def coordinator():
    yield None, "CreateTopics", 7, {"topics": [new_topic("t", 3), new_topic("u", 1)], "timeout_ms": 10000}
    yield from until_there("t")
    yield from until_there("u")
    yield from until_led("t", 2)
    while True:
        answer = yield None, "FindCoordinator", 6, {"coordinator_keys": ["g"]}
        if answer["coordinators"][0]["error_code"] == 0:
            break
    for version in every("FindCoordinator"):
        if version < 4:
            yield "one", "FindCoordinator", version, {"key": "g"}
            yield "no name", "FindCoordinator", version, {"key": ""}
        else:
            yield "three", "FindCoordinator", version, {"coordinator_keys": ["g", "", "g"]}
            yield "none", "FindCoordinator", version, {"coordinator_keys": []}
        if version >= 1:
            name = {"key": "g"} if version < 4 else {"coordinator_keys": ["g"]}
            yield "a kind that is none", "FindCoordinator", version, name | {"key_type": 9}
            yield "another kind that is none", "FindCoordinator", version, name | {"key_type": -1}
    yield from until_loaded()
    yield "nothing yet", "ListGroups", 5, {}


def until_known(group):
    """Kafka gives an id before the group's first record is committed."""
    while True:
        answer = yield None, "DescribeGroups", 6, {"groups": [group]}
        if answer["groups"][0]["error_code"] == 0:
            return


def lives_of_one(ids):
    """A member alone, from its first word to its last, in versions of one age."""
    apis = ("JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup", "OffsetCommit", "OffsetFetch", "DescribeGroups",
            "ListGroups", "DeleteGroups")
    for v_join, v_sync, v_beat, v_leave, v_commit, v_fetch, v_describe, v_list, v_delete in versions(*apis):
        group = f"alone-{v_join}-{v_commit}"
        t = [("t", ids["t"], [0, 1])]
        answer = yield "first word", "JoinGroup", v_join, join(group)
        if v_join >= 4:
            yield from until_known(group)
            yield "given an id", "DescribeGroups", v_describe, {"groups": [group]}
            answer = yield "with its id", "JoinGroup", v_join, join(group, answer["member_id"])
        member, generation = answer["member_id"], answer["generation_id"]
        yield "joined", "DescribeGroups", v_describe, {"groups": [group]}
        yield "before it knows its part", "Heartbeat", v_beat, beat(group, member, generation)
        yield "before it knows its part", "OffsetCommit", v_commit, commit(group, v_commit, t, member, generation)
        yield "again", "JoinGroup", v_join, join(group, member)
        yield "its part", "SyncGroup", v_sync, sync(group, member, generation, v_sync, [(member, b"all")])
        yield "its part again", "SyncGroup", v_sync, sync(group, member, generation, v_sync, [(member, b"other")])
        yield "stable", "Heartbeat", v_beat, beat(group, member, generation)
        yield "stable", "DescribeGroups", v_describe, {"groups": [group]}
        yield "stable", "ListGroups", v_list, {}
        yield "as a member", "OffsetCommit", v_commit, commit(group, v_commit, t, member, generation)
        yield "of another generation", "OffsetCommit", v_commit, commit(group, v_commit, t, member, generation + 1)
        yield "as nobody", "OffsetCommit", v_commit, commit(group, v_commit, t)
        yield "as a stranger", "OffsetCommit", v_commit, commit(group, v_commit, t, "stranger", generation)
        yield "what it has committed", "OffsetFetch", v_fetch, fetch([group], v_fetch, t)
        yield "is busy", "DeleteGroups", v_delete, {"groups_names": [group]}
        yield "goes", "LeaveGroup", v_leave, leave(group, member, v_leave)
        yield "goes again", "LeaveGroup", v_leave, leave(group, member, v_leave)
        yield "is gone", "Heartbeat", v_beat, beat(group, member, generation)
        yield "is gone", "SyncGroup", v_sync, sync(group, member, generation, v_sync)
        yield "is gone", "JoinGroup", v_join, join(group, member)
        yield "is gone", "OffsetCommit", v_commit, commit(group, v_commit, t, member, generation)
        yield "empty", "DescribeGroups", v_describe, {"groups": [group]}
        yield "empty", "OffsetCommit", v_commit, commit(group, v_commit, t, offset=7)
        yield "empty", "OffsetFetch", v_fetch, fetch([group], v_fetch, t)
        yield "no more", "DeleteGroups", v_delete, {"groups_names": [group, group]}
        yield "no more", "DescribeGroups", v_describe, {"groups": [group]}
        yield "no more", "OffsetFetch", v_fetch, fetch([group], v_fetch, t)


def joins_that_are_refused():
    told = yield from stable("full")
    for version in every("JoinGroup"):
        yield "no group id", "JoinGroup", version, join("")
        yield "a session too short", "JoinGroup", version, join("new", session=5999)
        yield "a session too long", "JoinGroup", version, join("new", session=1_800_001)
        yield "a stranger into nothing", "JoinGroup", version, join("new", "stranger")
        yield "a stranger", "JoinGroup", version, join("full", "stranger")
        yield "another type", "JoinGroup", version, join("full", kind="connect")
        yield "another protocol", "JoinGroup", version, join("full", protocols=[("roundrobin", b"x")])
        yield "no type", "JoinGroup", version, join(f"no-type-{version}", kind="")
        yield "no protocols", "JoinGroup", version, join(f"no-protocols-{version}", protocols=[])
        yield "no protocols with an id", "JoinGroup", version, join("new", "stranger", protocols=[])
        yield "a member with another type", "JoinGroup", version, join("full", told["member_id"], kind="connect")
    for version in every("JoinGroup", 5):
        yield "a name nobody has", "JoinGroup", version, join("full", told["member_id"], "nobody")
        yield "a name into nothing", "JoinGroup", version, join("new", "stranger", "nobody")
    yield "what is there now", "ListGroups", 5, {}


def statics():
    for version in every("JoinGroup", 5):
        group = f"static-{version}"
        first = yield "first", "JoinGroup", version, join(group, instance="i")
        member, generation = first["member_id"], first["generation_id"]
        yield "while it is sharing out", "JoinGroup", version, join(group, member, "i")
        yield "first", "SyncGroup", 5, sync(group, member, generation, 5, [(member, b"all")], "i")
        yield "first", "OffsetCommit", 7, commit(group, 7, [("t", None, [0])], member, generation,
                                                 group_instance_id="i")
        second = yield "back", "JoinGroup", version, join(group, instance="i")
        now = second["member_id"]
        for api_version in every("SyncGroup", 3):
            yield "fenced", "SyncGroup", api_version, sync(group, member, generation, api_version, (), "i")
        for api_version in every("Heartbeat", 3):
            yield "fenced", "Heartbeat", api_version, beat(group, member, generation, "i")
            yield "unnamed", "Heartbeat", api_version, beat(group, member, generation)
            yield "back", "Heartbeat", api_version, beat(group, now, generation, "i")
            yield "under another name", "Heartbeat", api_version, beat(group, now, generation, "j")
        for api_version in every("OffsetCommit", 7, 9):
            yield "fenced", "OffsetCommit", api_version, commit(
                group, api_version, [("t", None, [0])], member, generation, group_instance_id="i")
            yield "named, nothing else", "OffsetCommit", api_version, commit(
                group, api_version, [("t", None, [0])], group_instance_id="i")
        yield "fenced", "JoinGroup", version, join(group, member, "i")
        yield "its part", "SyncGroup", 5, sync(group, now, generation, 5, (), "i")
        yield "described", "DescribeGroups", 6, {"groups": [group]}
        for api_version in every("LeaveGroup", 3):
            yield "fenced", "LeaveGroup", api_version, leave(group, member, api_version, "i")
            yield "a name nobody has", "LeaveGroup", api_version, leave(group, "", api_version, "j")
            yield "nobody", "LeaveGroup", api_version, leave(group, "", api_version)
        third = yield "with more protocols", "JoinGroup", version, join(
            group, instance="i", protocols=[("range", b"x"), ("other", b"y")])
        yield "leader again", "JoinGroup", version, join(group, third["member_id"], "i")
        yield "by its name", "LeaveGroup", 5, leave(group, "", 5, "i")
        yield "empty", "DescribeGroups", 6, {"groups": [group]}


def two_members():
    """A leader and a follower; each waits on its own connection."""
    for v_join, v_sync, v_beat, v_leave in versions("JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup"):
        if v_join < 4:
            continue
        group = f"two-{v_join}"
        first = yield from stable(group)
        one = first["member_id"]
        answer = yield "second", "JoinGroup", v_join, join(group)
        two = answer["member_id"]
        yield "pending", "Heartbeat", v_beat, beat(group, two, 1)
        yield "pending", "SyncGroup", v_sync, sync(group, two, 1, v_sync)
        yield "pending", "DescribeGroups", 6, {"groups": [group]}
        yield None, ">two JoinGroup", v_join, join(group, two)
        yield from until_rebalance(group, one, 1)
        yield "rebalance", "Heartbeat", v_beat, beat(group, one, 1)
        yield "rebalance, other generation", "Heartbeat", v_beat, beat(group, one, 0)
        yield "rebalance", "SyncGroup", v_sync, sync(group, one, 1, v_sync)
        yield "rebalance", "OffsetCommit", 8, commit(group, 8, [("t", None, [0])], one, 1)
        yield "rebalance", "DescribeGroups", 6, {"groups": [group]}
        yield "rebalance", "OffsetDelete", 0, {"group_id": group, "topics": [
            {"name": name, "partitions": [{"partition_index": 0}]} for name in ("t", "u")]}
        yield None, ">one JoinGroup", v_join, join(group, one)
        yield "leader", "<one", 0, None
        yield "follower", "<two", 0, None
        yield "of old", "Heartbeat", v_beat, beat(group, one, 1)
        yield "sharing out", "OffsetCommit", 8, commit(group, 8, [("t", None, [0])], one, 2)
        yield "sharing out", "DescribeGroups", 6, {"groups": [group]}
        yield None, ">two SyncGroup", v_sync, sync(group, two, 2, v_sync)
        yield None, ">one SyncGroup", v_sync, sync(group, one, 2, v_sync, [(one, b"a"), (two, b"b")])
        yield "leader", "<one", 0, None
        yield "follower", "<two", 0, None
        yield "stable", "DescribeGroups", 6, {"groups": [group]}
        yield "follower again", "JoinGroup", v_join, join(group, two)
        yield "follower, its part again", "SyncGroup", v_sync, sync(group, two, 2, v_sync)
        yield None, ">two JoinGroup", v_join, join(group, two, protocols=[("range", b"changed")])
        yield from until_rebalance(group, one, 2)
        yield "goes", "LeaveGroup", v_leave, leave(group, one, v_leave)
        yield "left alone", "<two", 0, None
        yield None, ">two SyncGroup", v_sync, sync(group, two, 3, v_sync, [("stranger", b"?")])
        yield "gives itself nothing", "<two", 0, None
        yield "stable", "DescribeGroups", 6, {"groups": [group]}


def until_rebalance(group, member, generation):
    while True:
        answer = yield None, "Heartbeat", 4, beat(group, member, generation)
        if answer["error_code"] == 27:
            return


def until_members(group, count):
    while True:
        answer = yield None, "DescribeGroups", 6, {"groups": [group]}
        if len(answer["groups"][0]["members"]) == count:
            return


def a_group_that_is_full():
    """Three are the most."""
    first = yield from stable("size")
    one, others = first["member_id"], []
    for count, name in ((2, "b"), (3, "c")):
        yield None, f">{name} JoinGroup", 3, join("size")
        yield from until_members("size", count)
    yield None, ">one JoinGroup", 9, join("size", one)
    for name in ("one", "b", "c"):
        answer = yield None, f"<{name}", 0, None
        others.append(answer["member_id"])
    for version in every("JoinGroup"):
        yield "a fourth, sharing out", "JoinGroup", version, join("size")
    yield "a fourth with an id", "JoinGroup", 9, join("size", "stranger")
    yield "a fourth with a name", "JoinGroup", 9, join("size", instance="i")
    yield "several go", "LeaveGroup", 5, {"group_id": "size", "members": [
        {"member_id": one} for one in (*others, "stranger", others[0])]}


def syncs_beats_leaves_that_are_refused():
    told = yield from stable("odd")
    member = told["member_id"]
    for version in every("SyncGroup"):
        yield "no group id", "SyncGroup", version, sync("", member, 1, version)
        yield "no such group", "SyncGroup", version, sync("none", member, 1, version)
        yield "a stranger", "SyncGroup", version, sync("odd", "stranger", 1, version)
        yield "of another generation", "SyncGroup", version, sync("odd", member, 2, version)
        yield "a stranger of another generation", "SyncGroup", version, sync("odd", "stranger", 2, version)
        if version >= 5:
            yield "no protocol", "SyncGroup", version, sync("odd", member, 1, version, kind=None, name=None)
            yield "no type", "SyncGroup", version, sync("odd", member, 1, version, kind=None)
            yield "no name, no group id", "SyncGroup", version, sync("", member, 1, version, name=None)
            yield "another type", "SyncGroup", version, sync("odd", member, 1, version, kind="connect")
            yield "another name", "SyncGroup", version, sync("odd", member, 1, version, name="roundrobin")
        if version >= 3:
            yield "a name nobody has", "SyncGroup", version, sync("odd", member, 1, version, (), "i")
    for version in every("Heartbeat"):
        yield "no group id", "Heartbeat", version, beat("", member, 1)
        yield "no such group", "Heartbeat", version, beat("none", member, 1)
        yield "a stranger", "Heartbeat", version, beat("odd", "stranger", 1)
        yield "nobody", "Heartbeat", version, beat("odd", "", 1)
        yield "of another generation", "Heartbeat", version, beat("odd", member, 2)
        yield "a stranger of another generation", "Heartbeat", version, beat("odd", "stranger", 2)
        yield "of no generation", "Heartbeat", version, beat("odd", member, -1)
    for version in every("LeaveGroup"):
        yield "no group id", "LeaveGroup", version, leave("", member, version)
        yield "no such group", "LeaveGroup", version, leave("none", member, version)
        yield "a stranger", "LeaveGroup", version, leave("odd", "stranger", version)
        yield "nobody", "LeaveGroup", version, leave("odd", "", version)
        if version >= 3:
            yield "none", "LeaveGroup", version, {"group_id": "odd", "members": []}
            yield "none of none", "LeaveGroup", version, {"group_id": "none", "members": []}
            yield "none without a group id", "LeaveGroup", version, {"group_id": "", "members": []}
            yield "a name nobody has", "LeaveGroup", version, leave("odd", member, version, "i")
    yield "with a reason", "LeaveGroup", 5, {"group_id": "odd", "members": [
        {"member_id": "stranger", "reason": "no reason"}, {"member_id": member, "reason": ""}]}


def commits(ids):
    t, u = ("t", ids["t"]), ("u", ids["u"])
    gone = ("gone", ID_UNKNOWN)
    connect = yield from stable("connect", kind="connect", protocols=[("default", b"x")])
    for version in every("OffsetCommit"):
        group = f"simple-{version}"
        yield "creates", "OffsetCommit", version, commit(group, version, [(*t, [0, 1]), (*u, [0])])
        yield "no metadata", "OffsetCommit", version, commit(group, version, [(*t, [2])], metadata=None)
        yield "empty metadata", "OffsetCommit", version, commit(group, version, [(*t, [1])], metadata="")
        yield "metadata that just fits", "OffsetCommit", version, commit(group, version, [(*t, [1])], metadata="ä" * 4096)
        yield "metadata too large", "OffsetCommit", version, commit(group, version, [(*t, [1])], metadata="x" * 4097)
        yield "large metadata of nothing", "OffsetCommit", version, commit(
            group, version, [(*gone, [1])], metadata="x" * 4097)
        yield "negative", "OffsetCommit", version, commit(group, version, [(*t, [1])], offset=-5)
        yield "partitions that are none", "OffsetCommit", version, commit(group, version, [(*t, [3, 0, -1])])
        yield "a topic that is none", "OffsetCommit", version, commit(group, version, [(*gone, [0, 1]), (*t, [0])])
        yield "only what is none", "OffsetCommit", version, commit(group, version, [(*gone, [0]), (*t, [7])])
        yield "no partitions", "OffsetCommit", version, commit(group, version, [(*t, []), (*gone, [])])
        yield "no topics", "OffsetCommit", version, commit(group, version, [])
        yield "twice", "OffsetCommit", version, commit(group, version, [(*t, [0, 0]), (*t, [0])])
        yield "twice with one that is none", "OffsetCommit", version, commit(
            group, version, [(*t, [0, 9]), (*t, [0]), (*gone, [0]), (*gone, [1])])
        yield "no group id", "OffsetCommit", version, commit("", version, [(*t, [0])])
        yield "a generation of nothing", "OffsetCommit", version, commit(f"no-{version}", version, [(*t, [0])], "m", 1)
        yield "generation 0 of nothing", "OffsetCommit", version, commit(f"no-{version}", version, [(*t, [0])], "", 0)
        yield "a generation of a simple group", "OffsetCommit", version, commit(group, version, [(*t, [0])], "m", 1)
        yield "a member of a simple group", "OffsetCommit", version, commit(group, version, [(*t, [0])], "m")
        yield "as a member", "OffsetCommit", version, commit(
            "connect", version, [(*t, [0])], connect["member_id"], 1, offset=version)
        yield "a member without generation", "OffsetCommit", version, commit(
            "connect", version, [(*t, [0])], connect["member_id"])
        if version <= 4:
            yield "with a time", "OffsetCommit", version, commit(group, version, [(*u, [0])], retention_time_ms=100000)
            yield "with no time", "OffsetCommit", version, commit(group, version, [(*u, [0])], retention_time_ms=0)
        if version >= 6:
            body = commit(group, version, [(*t, [0])])
            body["topics"][0]["partitions"][0]["committed_leader_epoch"] = 4
            yield "a leader epoch", "OffsetCommit", version, body
        if version >= 10:
            yield "no id", "OffsetCommit", version, commit(group, version, [("", ID_NONE, [0]), (*t, [1])])
        yield "what there is", "OffsetFetch", 7, fetch([group], 7, None)


def fetches(ids):
    t, u = ("t", ids["t"]), ("u", ids["u"])
    gone = ("gone", ID_UNKNOWN)
    for version in every("OffsetFetch"):
        yield "some", "OffsetFetch", version, fetch(["simple-6"], version, [(*t, [0, 2, 9]), (*u, [0])])
        yield "a topic that is none", "OffsetFetch", version, fetch(["simple-6"], version, [(*gone, [0, 1]), (*t, [0])])
        yield "nothing", "OffsetFetch", version, fetch(["simple-6"], version, [])
        yield "no partitions", "OffsetFetch", version, fetch(["simple-6"], version, [(*t, []), (*gone, [])])
        yield "twice", "OffsetFetch", version, fetch(["simple-6"], version, [(*t, [0, 0]), (*t, [0])])
        yield "no such group", "OffsetFetch", version, fetch(["none"], version, [(*t, [0]), (*gone, [0])])
        yield "no group id", "OffsetFetch", version, fetch([""], version, [(*t, [0, 1])])
        if version >= 2:
            yield "all", "OffsetFetch", version, fetch(["simple-7"], version, None)
            yield "all of no such group", "OffsetFetch", version, fetch(["none"], version, None)
        if version >= 7:
            yield "stable", "OffsetFetch", version, fetch(["simple-6"], version, [(*t, [0, 2, 9]), (*gone, [0])], True)
            yield "all, stable", "OffsetFetch", version, fetch(["simple-6"], version, None, True)
            yield "stable of no such group", "OffsetFetch", version, fetch(["none"], version, None, True)
        if version >= 8:
            groups = ["simple-6", "none", "connect", ""]
            yield "groups", "OffsetFetch", version, fetch(groups, version, [(*t, [0])])
            yield "groups, all, stable", "OffsetFetch", version, fetch(groups, version, None, True)
            yield "no groups", "OffsetFetch", version, {"groups": []}
        if version >= 9:
            one = {"group_id": "connect", "member_id": "stranger", "member_epoch": 7, "topics": None}
            yield "a stranger", "OffsetFetch", version, {"groups": [one, one | {"group_id": "none"}]}
        if version >= 10:
            yield "no id", "OffsetFetch", version, fetch(["simple-6"], version, [("", ID_NONE, [0]), (*t, [1])])


def offset_deletes():
    def body(group, *topics):
        return {"group_id": group, "topics": [
            {"name": name, "partitions": [{"partition_index": index} for index in indexes]} for name, indexes in topics]}
    member = yield from stable("reads-t")
    yield None, "OffsetCommit", 8, commit("reads-t", 8, [("t", None, [0]), ("u", None, [0])], member["member_id"], 1)
    yield "what is read and what is not", "OffsetDelete", 0, body("reads-t", ("t", [0]), ("u", [0]))
    yield "what is left", "OffsetFetch", 7, fetch(["reads-t"], 7, None)
    yield from stable("says-nonsense", protocols=[("range", b"\0")])
    yield "of a member that nobody understands", "OffsetDelete", 0, body("says-nonsense", ("t", [0]), ("u", [0]))
    yield "of another type", "OffsetDelete", 0, body("connect", ("t", [0]))
    yield "of nobody", "OffsetDelete", 0, body("none", ("t", [0]))
    yield "of nobody, nothing", "OffsetDelete", 0, body("none")
    yield "no group id", "OffsetDelete", 0, body("", ("t", [0]))
    yield "no group id, nothing that is", "OffsetDelete", 0, body("", ("gone", [0]))
    yield "nothing", "OffsetDelete", 0, body("simple-9")
    yield "no partitions", "OffsetDelete", 0, body("simple-9", ("t", []), ("gone", []))
    yield "what is none", "OffsetDelete", 0, body("simple-9", ("gone", [0, 1]), ("t", [9, 0]), ("u", [0]))
    yield "twice", "OffsetDelete", 0, body("simple-9", ("t", [1, 1]), ("t", [1]))
    yield "what is left", "OffsetFetch", 7, fetch(["simple-9"], 7, None)


def lists_and_descriptions():
    for version in every("ListGroups"):
        yield "all", "ListGroups", version, {}
        for states in (["Stable"], ["empty"], [" EMPTY "], ["Stable", "Dead"], ["nothing"], [""]) if version >= 4 else ():
            yield f"states {states}", "ListGroups", version, {"states_filter": states}
        for types in (["classic"], ["CLASSIC"], [" classic"], ["consumer"], ["classic", "share"], ["nothing"], [""]) \
                if version >= 5 else ():
            yield f"types {types}", "ListGroups", version, {"types_filter": types}
        if version >= 5:
            yield "both", "ListGroups", version, {"states_filter": ["stable"], "types_filter": ["classic"]}
    for version in every("DescribeGroups"):
        for group in ("connect", "simple-9", "none", "", "says-nonsense"):
            yield group, "DescribeGroups", version, {"groups": [group]}
            if version >= 3:
                yield f"{group}, rights", "DescribeGroups", version, {
                    "groups": [group], "include_authorized_operations": True}
        yield "none", "DescribeGroups", version, {"groups": []}
        yield "twice", "DescribeGroups", version, {"groups": ["connect", "connect"]}


def deletions():
    for version in every("DeleteGroups"):
        yield None, "OffsetCommit", 8, commit("short", 8, [("t", None, [0])])
        yield "one", "DeleteGroups", version, {"groups_names": ["short"]}
        yield "none", "DeleteGroups", version, {"groups_names": []}
        yield "many", "DeleteGroups", version, {"groups_names": ["short", f"simple-{version + 3}", "connect", "connect"]}
        yield "no group id", "DeleteGroups", version, {"groups_names": [""]}
        yield "what is left", "OffsetFetch", 8, fetch(["short", f"simple-{version + 3}", ""], 8, None)


def what_the_log_has():
    for partition in range(5):
        yield f"partition {partition}", "Fetch", 11, {"max_bytes": 10_000_000, "topics": [
            {"topic": "__consumer_offsets", "partitions": [
                {"partition": partition, "fetch_offset": 0, "partition_max_bytes": 10_000_000}]}]}


def after(how):
    def chapter():
        yield None, f"!{how}", 0, None
        yield from until_loaded()
        for group in ("connect", "simple-8", "reads-t", "says-nonsense", "static-9", "alone-9-10", "none", ""):
            yield group, "DescribeGroups", 6, {"groups": [group]}
            yield group, "OffsetFetch", 9, fetch([group], 9, None)
        yield "all", "ListGroups", 5, {}
        told = yield None, "DescribeGroups", 6, {"groups": ["connect"]}
        member = told["groups"][0]["members"][0]["member_id"]
        yield "still alive", "Heartbeat", 4, beat("connect", member, 1)
        yield "commits", "OffsetCommit", 8, commit("connect", 8, [("t", None, [1])], member, 1)
        yield "its part", "SyncGroup", 5, sync("connect", member, 1, 5, kind="connect", name="default")
        yield "nobody else", "JoinGroup", 9, join("connect", kind="connect", protocols=[("other", b"x")])
        yield "somebody else", "JoinGroup", 9, join("connect", kind="connect", protocols=[("default", b"x")])
    chapter.__name__ = f"after_a_{how}"
    return chapter


CHAPTERS = [before_anything, coordinator, lives_of_one, joins_that_are_refused, statics, two_members,
            a_group_that_is_full, syncs_beats_leaves_that_are_refused, commits, fetches, offset_deletes,
            lists_and_descriptions, deletions, what_the_log_has, after("stop"), after("kill")]
