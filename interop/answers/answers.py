"""Asks a broker everything in questions/ and holds its answers against those that Kafka gave.

    answers.py [FAMILY ...]              starts Klamm for each family and compares with data/FAMILY-4.4.0.json.gz
    answers.py --record FAMILY HOST:PORT --stop COMMAND --kill COMMAND --start COMMAND
                                         asks a fresh Kafka broker, its controller at PORT + 1, and keeps its answers
    answers.py --overrides FAMILY        the properties that the family's broker needs

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
import tarfile
import uuid

import messages
from questions import FAMILIES
from questions.common import ID_NONE, ID_UNKNOWN
from wire import Closed, Connection

DATA = pathlib.Path(__file__).parent / "data"

SORTED_BY = {"topics": ("name", "topic", "topic_id"), "partitions": ("partition_index", "partition", "index"),
             "brokers": ("node_id", "broker_id"), "responses": ("name", "topic_id"), "configs": ("name",),
             "supported_features": ("name",), "finalized_features": ("name",), "api_keys": ("api_key",)}


class Mask:
    """Makes answers of different clusters comparable. Learns topic ids from the answers that tell them."""

    def __init__(self, family):
        self.names = {ID_NONE: "<none>", ID_UNKNOWN: "<unknown>", uuid.UUID(int=1): "<metadata log>"}
        self.ids = {}
        self.served = set()
        self.producer_ids = set()
        self.sorted_by = SORTED_BY | getattr(family, "SORTED_BY", {})
        self.masked_here = getattr(family, "MASKED", {})
        self.keeps_texts = getattr(family, "KEEPS_TEXTS", False)

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
        if key in self.masked_here:
            value = self.masked_here[key](value)
            if not isinstance(value, (dict, list)):
                return value
        if isinstance(value, dict):
            return {name: self.masked(item, name) for name, item in value.items()}
        if isinstance(value, list):
            items = [self.masked(item) for item in value]
            if key == "api_keys":
                items = [item for item in items if item["api_key"] in self.served]
            if key in self.sorted_by and all(isinstance(item, dict) for item in items):
                items.sort(key=lambda item: [str(item.get(name)).rjust(8) for name in self.sorted_by[key]])
            return items
        if isinstance(value, uuid.UUID):
            return self.names.get(value, f"<strange id {value}>")
        if key == "cluster_id":
            return value and "<cluster id>"
        if key in ("host", "port"):
            return f"<{key}>"
        if key in ("error_message", "batch_index_error_message") and not self.keeps_texts:
            return value and "<text>"
        if key == "finalized_features_epoch":
            return "<epoch>" if value >= 0 else value
        if key == "producer_id" and type(value) is int and value >= 0:
            assert value not in self.producer_ids, f"producer id {value} is given twice"
            self.producer_ids.add(value)
            return "<producer id>"
        return value


def converse(family, host, port, controller_port, end):
    """All answers by question, masked. `end` stops or kills the broker and starts it again, and returns the controller's
    port."""
    mask, answers = Mask(family), {}
    broker, controller = Connection(host, port), Connection(host, controller_port)
    others, sent = {}, {}
    for chapter in family.CHAPTERS:
        asking = chapter(mask.ids) if inspect.signature(chapter).parameters else chapter()
        answer = None
        while True:
            try:
                label, api, version, body = asking.send(answer)
            except StopIteration:
                break
            if api.startswith("!"):
                broker, controller = Connection(host, port), Connection(host, end(api.lstrip("!")))
                others, answer = {}, None
                continue
            if api.startswith(">"):
                name, api = api[1:].split()
                sent[name] = api, version
                others.setdefault(name, Connection(host, port)).send(messages.ALL[api], version, body)
                answer = None
                continue
            waiting = others[api[1:]] if api.startswith("<") else None
            if waiting:
                api, version = sent[api[1:]]
            to_controller = api.startswith("@")
            connection = controller if to_controller else broker
            mask.served = getattr(family, "SERVED_BY_CONTROLLER" if to_controller else "SERVED", set())
            try:
                asked = messages.ALL[api.lstrip("@")]
                answer = waiting.receive() if waiting else connection.ask(asked, version, body)
                mask.learn(answer)
                masked = mask.masked(answer) if label is not None else None
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


def compare(name, kafka, ours):
    """Prints what differs and should not, or should and does not; returns how many questions that are."""
    deliberate = getattr(FAMILIES[name], "DELIBERATE", {})
    wrong = 0
    for key in list(kafka) + [key for key in ours if key not in kafka]:
        lines = difference(kafka.get(key, "<not asked>"), ours.get(key, "<not asked>"))
        if bool(lines) == (key in deliberate):
            continue
        wrong += 1
        print(f"answers: {name}: {key}" if lines else f"answers: {name}: {key} is meant to differ, and does not")
        for line in lines[:8]:
            print(f"    {line[:300]}")
    print(f"answers: {name}: {len(kafka)} questions, {len(deliberate)} deliberate differences, {wrong} wrong")
    return wrong


def record(name, address, arguments):
    """Asks Kafka and keeps what it says."""
    host, _, port = address.rpartition(":")

    def end(how):
        for command in (getattr(arguments, how), arguments.start):
            subprocess.run(command, shell=True, check=True, stdin=subprocess.DEVNULL)
        return int(port) + 1
    answers = converse(FAMILIES[name], host, int(port), int(port) + 1, end)
    text = "\n".join(f"{json.dumps(key)}: {json.dumps(answer)}," for key, answer in answers.items())
    with open(DATA / f"{name}-4.4.0.json.gz", "wb") as file, \
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(f"{{\n{text.rstrip(',')}\n}}\n".encode())
    print(f"answers: {name}: {len(answers)} kept")


def overrides(name):
    return [f"{key}={value}" for key, value in getattr(FAMILIES[name], "OVERRIDES", {}).items()]


def ask_klamm(name):
    """Starts Klamm and compares its answers; returns how many are wrong, and how many there are."""
    from broker import Broker
    kafka = json.loads(gzip.decompress((DATA / f"{name}-4.4.0.json.gz").read_bytes()))
    broker = Broker(overrides(name))
    folder = getattr(FAMILIES[name], "FOLDER", None)
    if folder:
        with tarfile.open(DATA / f"{folder}-4.4.0.tar.xz") as packed:
            packed.extractall(broker.data, filter="data")
    with broker:
        def controller_port():
            return int(re.findall(r"CONTROLLER://[^:]*:(\d+)", broker.log())[-1])

        def end(how):
            getattr(broker, how)()
            broker.start()
            return controller_port()
        ours = converse(FAMILIES[name], "127.0.0.1", broker.port, controller_port(), end)
    return compare(name, kafka, ours), len(kafka)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("families", nargs="*", metavar="FAMILY", help=f"of {', '.join(FAMILIES)}; all without any")
    arguments.add_argument("--record", nargs=2, metavar=("FAMILY", "HOST:PORT"))
    for command in ("--stop", "--kill", "--start"):
        arguments.add_argument(command, metavar="COMMAND", help="with --record")
    arguments.add_argument("--overrides", metavar="FAMILY")
    arguments = arguments.parse_args()
    if arguments.overrides:
        print("\n".join(overrides(arguments.overrides)))
        return 0
    if arguments.record:
        record(*arguments.record, arguments)
        return 0
    results = [ask_klamm(name) for name in arguments.families or FAMILIES]
    wrong, asked = (sum(column) for column in zip(*results))
    print(f"answers: {asked} questions in all, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
