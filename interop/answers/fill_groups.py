"""Fills a Kafka broker with groups of all kinds, for the family `groups_left`.

    fill_groups.py HOST:PORT     needs a fresh broker with the family's overrides; kill it afterwards (kill -9) and
    tar -C DATA -cJf data/groups-left-4.4.0.tar.xz meta.properties __cluster_metadata-0 __consumer_offsets-0 {t,u}-0
"""
import sys
import time

from messages import ALL
from questions.common import new_topic
from questions.groups import commit, join, sync
from wire import Api, Connection, parse

ConsumerGroupHeartbeat = Api(68, 0, 1, 0, parse("""
group_id string 0+
member_id string 0+
member_epoch int32 0+
instance_id string 0+ null 0+
rack_id string 0+ null 0+
rebalance_timeout_ms int32 0+ = 60000
subscribed_topic_names string[] 0+ null 0+
subscribed_topic_regex string 1+ null 1+
server_assignor string 0+ null 0+
topic_partitions[] 0+ null 0+
  topic_id uuid 0+
  partitions int32[] 0+
"""), parse("""
throttle_time_ms int32 0+
error_code int16 0+
error_message string 0+ null 0+
member_id string 0+ null 0+
member_epoch int32 0+
heartbeat_interval_ms int32 0+
assignment{} 0+ null 0+
  topic_partitions[] 0+
    topic_id uuid 0+
    partitions int32[] 0+
"""))

ShareGroupHeartbeat = Api(76, 1, 1, 0, parse("""
group_id string 0+
member_id string 0+
member_epoch int32 0+
rack_id string 0+ null 0+
subscribed_topic_names string[] 0+ null 0+
"""), ConsumerGroupHeartbeat.response)

StreamsGroupHeartbeat = Api(88, 0, 0, 0, parse("""
group_id string 0+
member_id string 0+
member_epoch int32 0+
endpoint_information_epoch int32 0+
instance_id string 0+ null 0+
rack_id string 0+ null 0+
rebalance_timeout_ms int32 0+ = 60000
topology{} 0+ null 0+
  epoch int32 0+
  subtopologies[] 0+
    subtopology_id string 0+
    source_topics string[] 0+
    source_topic_regex string[] 0+
    state_changelog_topics string[] 0+
    repartition_sink_topics string[] 0+
    repartition_source_topics string[] 0+
    copartition_groups string[] 0+
active_tasks string[] 0+ null 0+
standby_tasks string[] 0+ null 0+
warmup_tasks string[] 0+ null 0+
process_id string 0+ null 0+
user_endpoint{} 0+ null 0+
  host string 0+
client_tags string[] 0+ null 0+
task_offsets string[] 0+ null 0+
task_end_offsets string[] 0+ null 0+
shutdown_application bool 0+
"""), None)
# What a member of the new protocol has said before.
UNCHANGED = {"subscribed_topic_names": None, "rebalance_timeout_ms": -1}
TOPOLOGY = {"epoch": 0, "subtopologies": [{"subtopology_id": "0", "source_topics": ["t"]}]}


class Broker:
    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.connection = Connection(host, int(port))

    def ask(self, api, version, body):
        return self.connection.ask(ALL[api] if isinstance(api, str) else api, version, body)

    def ask_for_error(self, api, version, body):
        """The error of an answer that is not read any further."""
        self.connection.send(api, version, body)
        answer = self.connection.read(int.from_bytes(self.connection.read(4), "big"))
        return int.from_bytes(answer[9:11], "big")


def consumer(broker, group, leaves, topic_id):
    """A member of the new protocol that has all it should have."""
    told = broker.ask(ConsumerGroupHeartbeat, 1, {
        "group_id": group, "member_id": f"{group}-member", "member_epoch": 0, "subscribed_topic_names": ["t"],
        "topic_partitions": []})
    assert told["error_code"] == 0, told
    for _ in range(100):
        if told["assignment"] and told["assignment"]["topic_partitions"]:
            break
        time.sleep(0.1)
        told = broker.ask(ConsumerGroupHeartbeat, 1, {
            "group_id": group, "member_id": f"{group}-member", "member_epoch": told["member_epoch"],
            "topic_partitions": None} | UNCHANGED)
        assert told["error_code"] == 0, told
    owned = [{"topic_id": topic_id, "partitions": [0]}]
    told = broker.ask(ConsumerGroupHeartbeat, 1, {
        "group_id": group, "member_id": f"{group}-member", "member_epoch": told["member_epoch"],
        "topic_partitions": owned} | UNCHANGED)
    assert told["error_code"] == 0, told
    one = commit(group, 9, [("t", None, [0]), ("u", None, [0])], f"{group}-member", told["member_epoch"])
    assert broker.ask("OffsetCommit", 9, one)["topics"][0]["partitions"][0]["error_code"] == 0
    if leaves:
        broker.ask(ConsumerGroupHeartbeat, 1, {
            "group_id": group, "member_id": f"{group}-member", "member_epoch": -1, "topic_partitions": None} | UNCHANGED)


def share(broker, group, leaves):
    for epoch in (0, -1) if leaves else (0,):
        told = broker.ask(ShareGroupHeartbeat, 1, {
            "group_id": group, "member_id": f"{group}-member", "member_epoch": epoch,
            "subscribed_topic_names": ["t"] if epoch == 0 else None})
        assert told["error_code"] == 0, told


def streams(broker, group):
    body = {"group_id": group, "member_id": f"{group}-member", "process_id": "p", "active_tasks": [],
            "standby_tasks": [], "warmup_tasks": [], "client_tags": []}
    assert broker.ask_for_error(StreamsGroupHeartbeat, 0, body | {"topology": TOPOLOGY}) == 0
    assert broker.ask_for_error(StreamsGroupHeartbeat, 0, {
        "group_id": group, "member_id": f"{group}-member", "member_epoch": -1}) == 0
    one = commit(group, 9, [("t", None, [0])])
    assert broker.ask("OffsetCommit", 9, one)["topics"][0]["partitions"][0]["error_code"] == 0


def classic(broker, group, leaves):
    told = broker.ask("JoinGroup", 3, join(group, session=1_800_000))
    member = told["member_id"]
    given = sync(group, member, told["generation_id"], 4, [(member, b"all")])
    assert broker.ask("SyncGroup", 4, given)["error_code"] == 0
    one = commit(group, 9, [("t", None, [0])], member, told["generation_id"])
    assert broker.ask("OffsetCommit", 9, one)["topics"][0]["partitions"][0]["error_code"] == 0
    if leaves:
        broker.ask("LeaveGroup", 2, {"group_id": group, "member_id": member})


def main():
    broker = Broker(sys.argv[1])
    made = broker.ask("CreateTopics", 7, {"topics": [new_topic("t"), new_topic("u")], "timeout_ms": 10000})
    while broker.ask("FindCoordinator", 6, {"coordinator_keys": ["g"]})["coordinators"][0]["error_code"]:
        time.sleep(0.1)
    while broker.ask("DescribeGroups", 6, {"groups": ["g"]})["groups"][0]["error_code"] != 69:
        time.sleep(0.1)
    for group in ("consumer-empty", "consumer-gone"):
        consumer(broker, group, True, made["topics"][0]["topic_id"])
    share(broker, "share-empty", True)
    for group in ("streams-empty", "streams-gone"):
        streams(broker, group)
    classic(broker, "classic-empty", True)
    classic(broker, "classic-busy", False)
    broker.ask("OffsetCommit", 9, commit("simple", 9, [("t", None, [0])]))
    share(broker, "share-busy", False)
    consumer(broker, "consumer-busy", False, made["topics"][0]["topic_id"])


main()
