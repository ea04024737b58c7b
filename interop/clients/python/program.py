"""What the programs in Python have in common; ../README.md says what a program is asked and what it prints."""
import base64
import collections
import hashlib
import os
import struct
import sys
import threading

# A line for so many records at most: a difference is found near its place.
SEGMENT = 1000
# ms; how soon a member learns that its group changes.
HEARTBEAT = 500
# Records between two commits.
COMMIT_EVERY = 5000

Record = collections.namedtuple("Record", "timestamp key value headers")


def arguments():
    """The mode, and NAME=VALUE for the rest."""
    return sys.argv[1], dict(argument.split("=", 1) for argument in sys.argv[2:])


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def decoded(text):
    return None if text == "-" else base64.b64decode(text)


def read_records(path):
    with open(path, encoding="ascii") as lines:
        for line in lines:
            timestamp, key, value, *headers = line.rstrip("\n").split("\t")
            pairs = [header.split(":") for header in headers]
            yield Record(int(timestamp), decoded(key), decoded(value),
                         [(decoded(name).decode(), decoded(content)) for name, content in pairs])


def write_acknowledgements(path, acknowledged):
    with open(path, "w", encoding="ascii") as out:
        out.writelines(f"{partition} {offset}\n" for partition, offset in acknowledged)


def field(data):
    return b"\xff\xff\xff\xff" if data is None else len(data).to_bytes(4, "big") + data


def digest(offset, timestamp, key, value, headers):
    """Eight bytes of a hash of everything in a record."""
    parts = [struct.pack(">qq", offset, timestamp), field(key), field(value), len(headers).to_bytes(4, "big")]
    for name, content in headers:
        parts += (field(name.encode()), field(content))
    return int.from_bytes(hashlib.md5(b"".join(parts)).digest()[:8], "big")


class Segments:
    """Runs of consecutive offsets; the digests of a run are combined by exclusive or."""

    def __init__(self):
        self.runs = {}
        self.count = 0

    def add(self, topic, partition, offset, timestamp, key, value, headers):
        self.count += 1
        found = digest(offset, timestamp, key, value, headers)
        run = self.runs.get((topic, partition))
        if run is not None and run[0] + run[1] == offset and run[1] < SEGMENT:
            run[1] += 1
            run[2] ^= found
            return
        if run is not None:
            self.print(topic, partition, run)
        self.runs[topic, partition] = [offset, 1, found]

    def print(self, topic, partition, run):
        say("segment", topic, partition, run[0], run[1], f"{run[2]:016x}")

    def flush(self):
        for (topic, partition), run in self.runs.items():
            self.print(topic, partition, run)
        self.runs.clear()


def when_told(then):
    """Calls `then` in another thread when standard input ends or says anything."""

    def wait():
        os.read(0, 1)
        then()

    threading.Thread(target=wait, daemon=True).start()


def told():
    """An event that is set when standard input ends or says anything."""
    event = threading.Event()
    when_told(event.set)
    return event


def say_partitions(what, partitions):
    say(what, *sorted(f"{p.topic}:{p.partition}" for p in partitions))
