"""Asks a broker everything in questions.py and holds its answers against those that Kafka gave.

    answers.py                           starts Klamm and compares with data/kafka-4.4.0.json.gz
    answers.py --record HOST:PORT --stop COMMAND --kill COMMAND --start COMMAND
                                         asks a fresh Kafka broker, its controller at PORT + 1, and keeps its answers

What no two clusters have in common (ids, ports, the wording of messages) is masked; lists whose order means
nothing are sorted.
"""
import argparse
import gzip
import inspect
import json
import pathlib
import re
import subprocess
import sys
import uuid

import apis
import questions
from wire import Closed, Connection

DATA = pathlib.Path(__file__).parent / "data" / "kafka-4.4.0.json.gz"

SORTED_BY = {"topics": ("name", "topic", "topic_id"), "partitions": ("partition_index", "partition", "index"),
             "brokers": ("node_id", "broker_id"), "responses": ("name", "topic_id"), "configs": ("name",),
             "supported_features": ("name",), "finalized_features": ("name",), "api_keys": ("api_key",)}


class Mask:
    """Makes answers of different clusters comparable. Learns topic ids from the answers that tell them."""

    def __init__(self):
        self.names = {questions.ID_NONE: "<none>", questions.ID_UNKNOWN: "<unknown>", uuid.UUID(int=1): "<metadata log>"}
        self.ids = {}
        self.served = SERVED
        self.producer_ids = set()

    def learn(self, value):
        if isinstance(value, dict):
            topic_id, name = value.get("topic_id"), value.get("name")
            if topic_id and name and topic_id.int > 1 and value.get("error_code") == 0:
                assert self.names.setdefault(topic_id, f"<id of {name}>") == f"<id of {name}>", f"{name} has another's id"
                self.ids[name] = topic_id
            value = list(value.values())
        for item in value if isinstance(value, list) else []:
            self.learn(item)

    def masked(self, value, key=None):
        if isinstance(value, dict):
            return {name: self.masked(item, name) for name, item in value.items()}
        if isinstance(value, list):
            items = [self.masked(item, key) for item in value]
            if key == "api_keys":
                items = [item for item in items if item["api_key"] in self.served]
            if key in SORTED_BY and all(isinstance(item, dict) for item in items):
                items.sort(key=lambda item: [str(item.get(name)).rjust(8) for name in SORTED_BY[key]])
            return items
        if isinstance(value, uuid.UUID):
            return self.names.get(value, f"<strange id {value}>")
        if key == "cluster_id":
            return value and "<cluster id>"
        if key in ("host", "port"):
            return f"<{key}>"
        if key in ("error_message", "batch_index_error_message"):
            return value and "<text>"
        if key == "finalized_features_epoch":
            return "<epoch>" if value >= 0 else value
        if key == "producer_id" and value >= 0:
            assert value not in self.producer_ids, f"producer id {value} is given twice"
            self.producer_ids.add(value)
            return "<producer id>"
        return value


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


def converse(host, port, controller_port, end):
    """All answers by question, masked. `end` stops or kills the broker and starts it again, and returns the controller's
    port."""
    mask, answers = Mask(), {}
    broker, controller = Connection(host, port), Connection(host, controller_port)
    for chapter in questions.CHAPTERS:
        asking = chapter(mask.ids) if inspect.signature(chapter).parameters else chapter()
        answer = None
        while True:
            try:
                label, api, version, body = asking.send(answer)
            except StopIteration:
                break
            if api.startswith("!"):
                broker, controller = Connection(host, port), Connection(host, end(api.lstrip("!")))
                answer = None
                continue
            to_controller = api.startswith("@")
            connection = controller if to_controller else broker
            mask.served = SERVED_BY_CONTROLLER if to_controller else SERVED
            try:
                answer = connection.ask(apis.ALL[api.lstrip("@")], version, body)
                mask.learn(answer)
                masked = mask.masked(answer)
            except Closed:
                answer, masked = None, "<closed>"
            if label is not None:
                key = f"{chapter.__name__}: {label}, {api} v{version}"
                while key in answers:
                    key += "'"
                answers[key] = masked
    return answers


def difference(kafka, ours, path=""):
    """Where two answers differ, as lines."""
    if isinstance(kafka, dict) and isinstance(ours, dict):
        lines = []
        for key in sorted(set(kafka) | set(ours)):
            lines += difference(kafka.get(key, "<absent>"), ours.get(key, "<absent>"), f"{path}.{key}")
        return lines
    if isinstance(kafka, list) and isinstance(ours, list) and len(kafka) == len(ours):
        lines = []
        for index, (left, right) in enumerate(zip(kafka, ours)):
            lines += difference(left, right, f"{path}[{index}]")
        return lines
    return [] if kafka == ours else [f"{path}: Kafka {json.dumps(kafka)}, here {json.dumps(ours)}"]


def compare(kafka, ours):
    """Prints what differs and should not, or should and does not; returns how many questions that are."""
    wrong = 0
    for key in list(kafka) + [key for key in ours if key not in kafka]:
        lines = difference(kafka.get(key, "<not asked>"), ours.get(key, "<not asked>"))
        if bool(lines) == (key in DELIBERATE):
            continue
        wrong += 1
        print(f"answers: {key}" if lines else f"answers: {key} is meant to differ, and does not")
        for line in lines[:8]:
            print(f"    {line[:300]}")
    print(f"answers: {len(kafka)} questions, {len(DELIBERATE)} deliberate differences, {wrong} wrong")
    return wrong


def address(text):
    host, _, port = text.rpartition(":")
    return host, int(port)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--record", type=address, metavar="HOST:PORT")
    for command in ("--stop", "--kill", "--start"):
        arguments.add_argument(command, metavar="COMMAND", help="with --record")
    arguments = arguments.parse_args()
    if arguments.record:
        host, port = arguments.record

        def end(how):
            for command in (getattr(arguments, how), arguments.start):
                subprocess.run(command, shell=True, check=True, stdin=subprocess.DEVNULL)
            return port + 1
        answers = converse(host, port, port + 1, end)
        DATA.parent.mkdir(exist_ok=True)
        text = "\n".join(f"{json.dumps(key)}: {json.dumps(answer)}," for key, answer in answers.items())
        with open(DATA, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
            packed.write(f"{{\n{text.rstrip(',')}\n}}\n".encode())
        print(f"answers: {len(answers)} kept")
        return 0
    kafka = json.loads(gzip.decompress(DATA.read_bytes()))
    from broker import Broker
    with Broker() as broker:
        def controller_port():
            return int(re.findall(r"CONTROLLER://[^:]*:(\d+)", broker.log())[-1])

        def end(how):
            getattr(broker, how)()
            broker.start()
            return controller_port()
        ours = converse("127.0.0.1", broker.port, controller_port(), end)
    return 1 if compare(kafka, ours) else 0


if __name__ == "__main__":
    sys.exit(main())
