"""Valid requests to spoil: Kafka's own bytes of every API in every version, and some that meet what is there."""
import gzip
import json
import pathlib
import struct

import messages
from batches import batch

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "data"
CLIENT = b"hostile"


def head(key, version, flexible, correlation_id=7):
    return struct.pack(">hhih", key, version, correlation_id, len(CLIENT)) + CLIENT + (b"\0" if flexible else b"")


def framed(request):
    return struct.pack(">i", len(request)) + request


class Api:
    """One API in one version: `head` as bytes, and bodies by the name of their case."""

    def __init__(self, name, key, version, header):
        self.name, self.key, self.version, self.flexible = name, key, version, header == 2
        self.head, self.bodies = head(key, version, header == 2), {}


def golden(advertised):
    """Every advertised API in every version, those of one API side by side."""
    apis = {}
    with gzip.open(GOLDEN / "apis.jsonl.gz") as file:
        for line in map(json.loads, file):
            first, last = advertised.get(line["key"], (1, 0))
            for version, request_header, _ in line.get("headers", ()):
                if first <= version <= last:
                    apis[line["name"] + "Request", version] = Api(line["name"], line["key"], version, request_header)
    with gzip.open(GOLDEN / "requests.jsonl.gz") as file:
        for line in map(json.loads, file):
            api = apis.get((line["name"], line["version"]))
            if api and line["bytes"] is not None:
                api.bodies[line["case"]] = bytes.fromhex(line["bytes"])
    return [apis[key] for key in sorted(apis, key=lambda key: (apis[key].key, apis[key].version))]


TOPIC = "target"
ONE = {"name": TOPIC, "partitions": [{"partition_index": 0, "timestamp": -1}]}
PROTOCOLS = [{"name": "range", "metadata": b"\0\0\0\0\0\1\0\6target\0\0\0\0"}]
# What a working client says about the topic `target`; by the names of the suite of answers.
LIVE = {
    "Produce": {"topics": [{"name": TOPIC, "partitions": [{"index": 0, "records": batch([1, 2, 3])}]}]},
    "Fetch": {"max_wait_ms": 10, "min_bytes": 1, "topics": [
        {"topic": TOPIC, "partitions": [{"partition": 0, "fetch_offset": 0}]}]},
    "ListOffsets": {"topics": [ONE]},
    "Metadata": {"topics": [{"name": TOPIC}]},
    "CreateTopics": {"timeout_ms": 1000, "topics": [
        {"name": "made", "num_partitions": 1, "replication_factor": 1, "assignments": [], "configs": []}]},
    "JoinGroup": {"group_id": "made", "session_timeout_ms": 6000, "rebalance_timeout_ms": 100, "member_id": "",
                  "protocol_type": "consumer", "protocols": PROTOCOLS},
    "OffsetCommit": {"group_id": "made", "generation_id_or_member_epoch": -1, "member_id": "", "topics": [
        {"name": TOPIC, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_metadata": "x"}]}]},
    "FindCoordinator": {"key": "made", "key_type": 0, "coordinator_keys": ["made"]},
    "DescribeLogDirs": {"topics": [{"topic": TOPIC, "partitions": [0]}]},
    "DescribeProducers": {"topics": [{"name": TOPIC, "partition_indexes": [0]}]},
}


def live(advertised):
    """The same as bodies of APIs, in each version that the suite of answers can write."""
    found = []
    for name, values in LIVE.items():
        known = messages.ALL.get(name)
        first, last = advertised.get(known.key, (1, 0)) if known else (1, 0)
        for version in range(max(first, known.first), min(last, known.last) + 1) if known else ():
            fields = {field.name for field in known.request if field.is_in(version)}
            said = {key: value for key, value in values.items() if key in fields}
            try:
                request = known.encode(version, 7, said)[4:]
            except (AssertionError, KeyError, TypeError, AttributeError):
                continue
            api = Api(name, known.key, version, 2 if version >= known.flexible else 1)
            api.bodies["live"] = request[len(head(known.key, version, api.flexible)):]
            found.append(api)
    return found
