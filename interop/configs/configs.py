"""Asks a broker for settings, changes them, asks again, and holds every answer against Kafka's, field by field.

    configs.py [FAMILY ...]                  starts Klamm for each family and compares with data/FAMILY-4.4.0.json.gz
    configs.py --properties FAMILY DIR PORT  the server.properties of the broker to record from
    configs.py --record FAMILY DIR PORT      asks this broker, which is Kafka, and keeps its answers

Each family has one broker with settings of its own, and a conversation with it. Ports and folders are masked, and of
documentation only whether there is some. What Klamm means to answer otherwise stands in deliberate.json, entry by entry.
"""
import gzip
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid

HERE = pathlib.Path(__file__).parent
sys.path += [str(HERE.parent / "answers"), str(HERE.parent / "lib")]

from messages import ALL  # noqa: E402
from questions import FAMILIES  # noqa: E402
from wire import Closed, Connection  # noqa: E402

DATA = HERE / "data"

# What both brokers are told, as `klamm dev` would be.
BASE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@localhost:{controller}",
    "listeners": "PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller}",
    "advertised.listeners": "PLAINTEXT://localhost:{port}",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": "{dir}/data",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
}

# Lists whose order means nothing, and by what they are sorted.
SORTED_BY = {"configs": ["name"], "responses": ["resource_type", "resource_name", "error_code"],
             "config_resources": ["resource_type", "resource_name"]}


def properties(family, folder, port):
    text = "".join(f"{name}={value}\n" for name, value in {**BASE, **FAMILIES[family].PROPERTIES}.items())
    for name, value in (("port", port), ("controller", port + 1), ("dir", folder)):
        text = text.replace(f"{{{name}}}", str(value))
    return text


class Mask:
    """Makes the answers of two brokers comparable."""

    def __init__(self, folder, port):
        self.texts = [(str(folder), "<dir>"), (str(port), "<port>"), (str(port + 1), "<controller port>")]

    def masked(self, value, key=None):
        if isinstance(value, dict):
            return {name: self.masked(item, name) for name, item in value.items()}
        if isinstance(value, list):
            items = [self.masked(item) for item in value]
            if key in SORTED_BY:
                items.sort(key=lambda item: [item.get(name, 0) for name in SORTED_BY[key]])
            return items
        if key == "documentation":
            return value and "<text>"
        if isinstance(value, uuid.UUID):
            return "<id>" if value.int else "<no id>"
        if isinstance(value, str):
            for text, name in self.texts:
                value = value.replace(text, name)
        return value


def converse(family, folder, port):
    """All answers by question, masked."""
    mask, answers = Mask(folder, port), {}
    broker, controller = Connection("127.0.0.1", port), Connection("127.0.0.1", port + 1)
    for chapter in FAMILIES[family].CHAPTERS:
        asking, answer = chapter(), None
        while True:
            try:
                label, api, version, body = asking.send(answer)
            except StopIteration:
                break
            connection = controller if api.startswith("@") else broker
            try:
                answer = connection.ask(ALL[api.lstrip("@")], version, body)
                masked = mask.masked(answer)
            except Closed:
                answer, masked = None, "<closed>"
            except TimeoutError:
                connection.socket.close()
                connection.socket, answer, masked = None, None, "<no answer>"
            if label is not None:
                key = f"{chapter.__name__}: {label}, {api} v{version}"
                assert key not in answers, f"asked twice: {key}"
                answers[key] = masked
    return answers


def named(items):
    """A list as a mapping where its items have names."""
    keys = [item.get("resource_name", item.get("name")) if isinstance(item, dict) else None for item in items]
    distinct = None not in keys and len(set(keys)) == len(keys)
    return dict(zip(keys, items)) if distinct else dict(enumerate(items))


def differences(kafka, ours, path=()):
    """(path, Kafka's value, Klamm's value) wherever two answers differ."""
    if isinstance(kafka, list) and isinstance(ours, list):
        # The order of synonyms is their meaning.
        if path and path[-1] == "synonyms":
            return [] if kafka == ours else [(path, kafka, ours)]
        kafka, ours = named(kafka), named(ours)
    if isinstance(kafka, dict) and isinstance(ours, dict):
        found = []
        # Settings of our own stand beside Kafka's.
        own = {key for key in ours if str(key).startswith("klamm.") and key not in kafka}
        for key in list(kafka) + [key for key in ours if key not in kafka and key not in own]:
            found += differences(kafka.get(key, "<absent>"), ours.get(key, "<absent>"), path + (str(key),))
        return found
    return [] if kafka == ours else [(path, kafka, ours)]


class Deliberate:
    """The differences that are meant. Each must be there, or it is none any more."""

    def __init__(self, family):
        entries = json.loads((HERE / "deliberate.json").read_text())
        self.entries = [entry for entry in entries if family in entry["families"]]
        self.met = [0] * len(self.entries)

    def allows(self, question, path, kafka, ours):
        for index, entry in enumerate(self.entries):
            if re.fullmatch(entry["question"], question) and re.fullmatch(entry["path"], "/".join(path)) and \
                    ("here" not in entry or entry["here"] == ours):
                self.met[index] += 1
                return True
        return False

    def unmet(self):
        return [entry for entry, met in zip(self.entries, self.met) if not met]


def compare(family, kafka, ours):
    """Prints what differs and should not, or should and does not; returns how many values were compared and are wrong."""
    deliberate, wrong, fields = Deliberate(family), 0, 0
    for question in list(kafka) + [question for question in ours if question not in kafka]:
        left, right = kafka.get(question, "<not asked>"), ours.get(question, "<not asked>")
        fields += count(left)
        found = [d for d in differences(left, right) if not deliberate.allows(question, *d)]
        wrong += len(found)
        for path, left, right in found[:8]:
            print(f"configs: {family}: {question}\n    {'/'.join(path)}: Kafka {json.dumps(left)[:300]}, here {json.dumps(right)[:300]}")
    for entry in deliberate.unmet():
        wrong += 1
        print(f"configs: {family}: meant to differ, and does not: {entry['question']} {entry['path']}")
    print(f"configs: {family}: {len(kafka)} questions, {fields} values, {sum(deliberate.met)} deliberate differences, {wrong} wrong")
    return wrong


def count(answer):
    if isinstance(answer, (dict, list)):
        return sum(count(item) for item in (answer.values() if isinstance(answer, dict) else answer))
    return 1


def free_ports():
    """Two free ports in a row."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            try:
                second.bind(("127.0.0.1", first.getsockname()[1] + 1))
                return first.getsockname()[1]
            except (OSError, OverflowError):
                pass


def ask_klamm(family):
    """Starts Klamm on the family's settings and compares its answers; returns how many are wrong."""
    kafka = json.loads(gzip.decompress((DATA / f"{family}-4.4.0.json.gz").read_bytes()))
    home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-configs-"))
    port = free_ports()
    file = home / "server.properties"
    file.write_text(properties(family, home, port))
    binary = os.environ["KLAMM_BIN"]
    log = open(home / "klamm.log", "a")
    # Variables of this kind are settings.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
    process = None
    try:
        format_line = [binary, "kafka-storage.sh", "format", "-t", "5L6g3nShT-eMCtK--X86sw", "-c", str(file)]
        subprocess.run(format_line, check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        process = subprocess.Popen(
            [binary, "serve", str(file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"klamm does not start:\n{(home / 'klamm.log').read_text()}") from None
                time.sleep(0.02)
        return compare(family, kafka, converse(family, home, port))
    finally:
        if process and process.poll() is None:
            process.terminate()
            process.wait(30)
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def record(family, folder, port):
    answers = converse(family, pathlib.Path(folder), port)
    text = ",\n".join(f"{json.dumps(key)}: {json.dumps(answer)}" for key, answer in answers.items())
    with open(DATA / f"{family}-4.4.0.json.gz", "wb") as file, \
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(f"{{\n{text}\n}}\n".encode())
    print(f"configs: {family}: {len(answers)} answers kept")


def main():
    match sys.argv[1:]:
        case ["--properties", family, folder, port]:
            print(properties(family, folder, int(port)), end="")
        case ["--record", family, folder, port]:
            record(family, folder, int(port))
        case families:
            return int(sum([ask_klamm(family) for family in families or FAMILIES]) > 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
