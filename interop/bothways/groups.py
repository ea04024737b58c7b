"""Groups of the classic protocol: made, carried on and looked at on whichever broker is there."""
import struct
import time

# What a client tries again: the coordinator is on its way.
LATER = {14, 15, 16}
# A member that is left behind must be there when the next broker has come, whatever the machine does meanwhile.
LONG_SESSION_MS = 1_800_000
TOPIC, PARTITIONS = "groups", 2


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


# Version 0 of what consumers say and are told.
SUBSCRIPTION = struct.pack(">hi", 0, 1) + text(TOPIC) + struct.pack(">i", -1)
ASSIGNMENT = (struct.pack(">hi", 0, 1) + text(TOPIC)
              + struct.pack(f">i{PARTITIONS}i", PARTITIONS, *range(PARTITIONS)) + struct.pack(">i", -1))


def until_there(ask):
    """The answer of a coordinator that may still have to be found, or to be loaded."""
    for _ in range(600):
        answer, error = ask()
        if error not in LATER:
            assert error == 0, answer
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no coordinator within 30 s: {answer}")


def asked(connection, name, version, error=lambda answer: answer.error_code, **fields):
    def ask():
        answer = connection.ask(name, version=version, **fields)
        return answer, error(answer)
    return until_there(ask)


def join(connection, group, instance=None):
    """A member alone with everything; its id and generation."""
    joined = asked(connection, "JoinGroup", 5 if instance else 3, group_id=group, session_timeout_ms=LONG_SESSION_MS,
                   rebalance_timeout_ms=60_000, member_id="", group_instance_id=instance, protocol_type="consumer",
                   protocols=[{"name": "range", "metadata": SUBSCRIPTION}])
    member = {"group_id": group, "generation_id": joined.generation_id, "member_id": joined.member_id}
    shares = [{"member_id": joined.member_id, "assignment": ASSIGNMENT}] if joined.leader == joined.member_id else []
    synced = asked(connection, "SyncGroup", 3, group_instance_id=instance, assignments=shares, **member)
    assert bytes(synced.assignment) == ASSIGNMENT, synced
    return member


def commit(connection, offset, group_id, generation_id=-1, member_id="", instance=None):
    partitions = [{"partition_index": p, "committed_offset": offset + p, "committed_leader_epoch": 0,
                   "committed_metadata": f"kept {offset} ä€"} for p in range(PARTITIONS)]
    asked(connection, "OffsetCommit", 8, lambda answer: answer.topics[0].partitions[-1].error_code, group_id=group_id,
          generation_id_or_member_epoch=generation_id, member_id=member_id, group_instance_id=instance,
          topics=[{"name": TOPIC, "partitions": partitions}])


def go_on(connection, life):
    """One round on a broker: a static member comes back and stays, another one comes and goes, some commit alone."""
    asked(connection, "FindCoordinator", 3, key="own", key_type=0)
    life.group_rounds += 1
    offset = 100 * life.group_rounds
    static = join(connection, "own-static", "instance")
    assert life.group_rounds == 1 or static["generation_id"] == life.generations["own-static"], static
    commit(connection, offset, instance="instance", **static)
    dynamic = join(connection, "own-dynamic")
    assert dynamic["generation_id"] > life.generations.get("own-dynamic", 0), dynamic
    commit(connection, offset, **dynamic)
    asked(connection, "LeaveGroup", 2, group_id="own-dynamic", member_id=dynamic["member_id"])
    life.generations = {member["group_id"]: member["generation_id"] for member in (static, dynamic)}
    commit(connection, offset, "own-alone")
    commit(connection, offset, f"own-round-{life.group_rounds}")
    if life.group_rounds > 1:
        gone = f"own-round-{life.group_rounds - 1}"
        asked(connection, "DeleteGroups", 2, lambda answer: answer.results[0].error_code, groups_names=[gone])


def ordered(items):
    return sorted(items, key=str)


def record(connection):
    """All groups as values that are equal when nothing has changed."""
    answer = asked(connection, "ListGroups", 5, states_filter=[], types_filter=[])
    found = {"groups": ordered(group.to_dict() for group in answer.groups)}
    for group in answer.groups:
        for stable in (False, True):
            found[f"offsets of {group.group_id}, stable: {stable}"] = offsets(connection, group.group_id, stable)
        if group.group_type.lower() == "classic":
            found[f"members of {group.group_id}"] = described(connection, group.group_id)
    return found


def described(connection, group):
    answer = asked(connection, "DescribeGroups", 5, lambda answer: answer.groups[0].error_code, groups=[group],
                   include_authorized_operations=False)
    return answer.groups[0].to_dict()


def offsets(connection, group, stable=False):
    """Topic, partition, offset, epoch, metadata; `stable`: what an open transaction may still change is an error."""
    answer = asked(connection, "OffsetFetch", 9, lambda answer: answer.groups[0].error_code, require_stable=stable,
                   groups=[{"group_id": group, "member_id": None, "member_epoch": -1, "topics": None}])
    return ordered((topic.name, p.partition_index, p.committed_offset, p.committed_leader_epoch, p.metadata,
                    p.error_code)
                   for topic in answer.groups[0].topics for p in topic.partitions)
