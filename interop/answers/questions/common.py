"""What several families of questions need."""
import time
import uuid

from batches import batch
from messages import ALL

ID_NONE = uuid.UUID(int=0)
ID_UNKNOWN = uuid.UUID("0a0a0a0a-0000-4000-8000-0b0b0b0b0b0b")


def every(api, since=None, until=None):
    api = ALL[api]
    first = api.first if since is None else max(since, api.first)
    return range(first, (api.last if until is None else min(until, api.last)) + 1)


def new_topic(name, partitions=1, factor=1, configs=(), assignments=()):
    return {"name": name, "num_partitions": partitions, "replication_factor": factor,
            "configs": [{"name": key, "value": value} for key, value in configs],
            "assignments": [{"partition_index": index, "broker_ids": brokers} for index, brokers in assignments]}


def until_there(name):
    """Asks until the topic is there and led; these answers are not compared."""
    for _ in range(200):
        answer = yield None, "Metadata", 13, {"topics": [{"name": name}], "allow_auto_topic_creation": False}
        topic = answer["topics"][0]
        if topic["error_code"] == 0 and all(
                partition["leader_id"] >= 0 and not partition["offline_replicas"] for partition in topic["partitions"]):
            return
        time.sleep(0.05)
    raise AssertionError(f"topic {name} does not come to be")


def until_led(name, partition=0):
    """Asks until the leader answers for its partition; these answers are not compared."""
    for _ in range(200):
        answer = yield None, "ListOffsets", 11, {"topics": [
            {"name": name, "partitions": [{"partition_index": partition, "timestamp": -1}]}]}
        if answer["topics"][0]["partitions"][0]["error_code"] == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"topic {name} has no leader")


def until_gone(name):
    """Asks until the broker has dropped the topic; these answers are not compared."""
    while True:
        answer = yield None, "ListOffsets", 7, {"topics": [
            {"name": name, "partitions": [{"partition_index": 0, "timestamp": -1}]}]}
        if answer["topics"][0]["partitions"][0]["error_code"] == 3:
            return
        time.sleep(0.05)


def fill(topic, timestamps):
    """Sends one batch, again and again until the leader is ready for it."""
    while True:
        answer = yield None, "Produce", 7, {"topics": [
            {"name": topic, "partitions": [{"index": 0, "records": batch(timestamps)}]}]}
        if answer["topics"][0]["partitions"][0]["error_code"] == 0:
            return
        time.sleep(0.05)
