"""What the suite itself asks the broker: its APIs, its settings, topics."""
import struct
import time

import messages
from wire import Api, Closed, Connection, parse

from batches import batch, crc32c, varint

ApiVersions = Api(18, 0, 0, 99, parse(""), parse("""
error_code int16 0+
api_keys[] 0+
  api_key int16 0+
  min_version int16 0+
  max_version int16 0+
"""))

DescribeConfigs = Api(32, 1, 1, 99, parse("""
resources[] 0+
  resource_type int8 0+
  resource_name string 0+
  configuration_keys string[] 0+ null 0+
include_synonyms bool 1+
"""), parse("""
throttle_time_ms int32 0+
results[] 0+
  error_code int16 0+
  error_message string 0+ null 0+
  resource_type int8 0+
  resource_name string 0+
  configs[] 0+
    name string 0+
    value string 0+ null 0+
    read_only bool 0+
    source int8 0+
    is_sensitive bool 0+
    synonyms[] 0+
      name string 0+
      value string 0+ null 0+
      source int8 0+
"""))


def connect(broker):
    return Connection("127.0.0.1", broker.port)


def advertised(broker):
    """First and last version by API key."""
    answer = connect(broker).ask(ApiVersions, 0, {})
    return {api["api_key"]: (api["min_version"], api["max_version"]) for api in answer["api_keys"]}


def settings(broker, node, names):
    """Of the broker, as text; None for what it does not know."""
    answer = connect(broker).ask(DescribeConfigs, 1, {"resources": [
        {"resource_type": 4, "resource_name": str(node), "configuration_keys": list(names)}]})
    found = {config["name"]: config["value"] for config in answer["results"][0]["configs"]}
    return {name: found.get(name) for name in names}


def topics(connection):
    return [topic["name"] for topic in connection.ask(messages.ALL["Metadata"], 1, {"topics": None})["topics"]]


def create(connection, name, partitions=1, configs=()):
    answer = connection.ask(messages.ALL["CreateTopics"], 4, {"topics": [
        {"name": name, "num_partitions": partitions, "replication_factor": 1,
         "configs": [{"name": key, "value": value} for key, value in configs], "assignments": []}]})
    assert answer["topics"][0]["error_code"] in (0, 36), answer
    for partition in range(partitions):
        while produce(connection, name, partition, batch([1])) != 0:
            time.sleep(0.05)


def batch_of(size):
    """A batch with one record of so many bytes."""
    value = b"\0\0\0\1" + varint(size) + b"x" * size + b"\0"
    tail = struct.pack(">hiqqqhii", 0, 0, 1, 1, -1, -1, -1, 1) + varint(len(value)) + value
    head = struct.pack(">ibI", -1, 2, crc32c(tail))
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


def produce(connection, name, partition, records):
    answer = connection.ask(messages.ALL["Produce"], 7, {"topics": [
        {"name": name, "partitions": [{"index": partition, "records": records}]}]})
    return answer["topics"][0]["partitions"][0]["error_code"]


def delete_all_but(broker, kept, patience=60):
    """What strangers made goes away. Returns how many there were."""
    connection, end, most = connect(broker), time.monotonic() + patience, 0
    while time.monotonic() < end:
        names = [name for name in topics(connection) if name not in kept and not name.startswith("__")]
        most = max(most, len(names))
        if not names:
            return most
        connection.ask(messages.ALL["DeleteTopics"], 3, {"topic_names": names[:1000], "timeout_ms": 20_000})
    raise AssertionError(f"{len(names)} topics cannot be deleted")

