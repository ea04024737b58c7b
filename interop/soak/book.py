"""What was sent, acknowledged and seen: one truth, with which everything that a client reads is compared.

A record says itself who wrote it and as which, so that its content can be made again. One reader, the auditor, follows
each topic from its first record and enters a fingerprint for every offset; whatever anybody else is told about an
offset, by an acknowledgement or by reading it, is compared with that entry, at once or when the auditor comes there.
"""
import array
import collections
import random
import threading
import time
import traceback
import zlib

WORDS = "gorge water rock brook ford mill bridge alp fir rain".split()
TEXT = " ".join(random.Random(6).choices(WORDS, k=8000)).encode()
# Lengths of values; one in sixteen fills pages.
SIZES = (0, 20, 40, 60, 80, 100, 100, 150, 200, 250, 300, 400, 500, 700, 1000, 16000)
KEYS = 60


class Wrong(Exception):
    """The broker was found wrong."""


def content(writer, number, keyed):
    """Key and value of a writer's record."""
    head = b"%d %d %d " % (writer, number, keyed)
    chance = zlib.crc32(head)
    key = b"key-%d" % (chance // 7 % KEYS) if keyed else None
    start = chance % 4096
    return key, head + TEXT[start:start + SIZES[chance // 4096 % len(SIZES)]]


def check_content(key, value):
    """Whose record it is, and which one."""
    try:
        writer, number, keyed = map(int, value.split(b" ", 3)[:3])
    except (ValueError, AttributeError):
        raise Wrong(f"no record of ours: {key} {value[:40]}") from None
    if content(writer, number, keyed) != (key or None, value):
        raise Wrong(f"changed: {key} {value[:40]}")
    return writer, number


def fingerprint(key, value):
    return hash((key or None, value)) & 0xFFFFFFFFFFFFFFFF


class Book:
    """Of the topics that live throughout; every partition begins at offset 0."""

    def __init__(self, topics):
        self.lock = threading.Lock()
        self.entries = {(topic, p): array.array("Q") for topic, count in topics.items() for p in range(count)}
        self.claims = collections.defaultdict(list)
        self.newest, self.key_homes, self.written, self.seen = {}, {}, {}, collections.Counter()
        self.writers = 0

    def new_writer(self):
        with self.lock:
            self.writers += 1
            return self.writers

    def enter(self, topic, partition, offset, key, value):
        """By the auditor: the next record of a partition."""
        writer, number = check_content(key, value)
        with self.lock:
            entries = self.entries[topic, partition]
            if offset != len(entries):
                raise Wrong(f"{topic} {partition}: {offset} follows {len(entries) - 1}")
            if self.newest.get((writer, topic, partition), -1) >= number:
                raise Wrong(f"{topic} {partition} at {offset}: {number} of {writer} late or twice")
            self.newest[writer, topic, partition] = number
            if key and self.key_homes.setdefault((topic, key), partition) != partition:
                raise Wrong(f"{topic} at {offset}: {key} lies in two partitions")
            self.seen[writer] += 1
            entries.append(fingerprint(key, value))
            claims = self.claims.pop((topic, partition, offset), ())
        for claimed, who in claims:
            self.compare(topic, partition, offset, claimed, who)

    def claim(self, topic, partition, offset, key, value, who):
        """By anybody: this record is at this offset."""
        claimed = fingerprint(key, value)
        with self.lock:
            if offset >= len(self.entries[topic, partition]):
                self.claims[topic, partition, offset].append((claimed, who))
                return
        self.compare(topic, partition, offset, claimed, who)

    def compare(self, topic, partition, offset, claimed, who):
        if self.entries[topic, partition][offset] != claimed:
            raise Wrong(f"{who}: something else is at {offset} of {topic} {partition}")

    def has_written(self, writer, count):
        """All of its records were acknowledged."""
        with self.lock:
            self.written[writer] = count

    def missing(self):
        """What is left when all is over: lost records, and claims to offsets that do not exist."""
        with self.lock:
            lost = {w: (count, self.seen[w]) for w, count in self.written.items() if self.seen[w] != count}
            return lost, dict(list(self.claims.items())[:3])


class Coverage:
    """Which offsets of a partition were delivered, as intervals."""

    def __init__(self):
        self.intervals, self.delivered = [], 0

    def add(self, offset):
        self.delivered += 1
        intervals = self.intervals
        if intervals and offset == intervals[-1][1]:
            intervals[-1][1] += 1
            return
        for at, (start, end) in enumerate(intervals):
            if start <= offset < end:
                return
            if offset < start:
                intervals.insert(at, [offset, offset + 1])
                break
        else:
            intervals.append([offset, offset + 1])
        self.intervals = [intervals[0]]
        for start, end in intervals[1:]:
            if start <= self.intervals[-1][1]:
                self.intervals[-1][1] = max(end, self.intervals[-1][1])
            else:
                self.intervals.append([start, end])

    def is_whole(self, end):
        return self.intervals == ([[0, end]] if end else [])


class Errors:
    """What any client was told that is no success; what a rebalance may cause is counted apart."""

    def __init__(self):
        self.lock, self.examples = threading.Lock(), {}
        self.counts, self.allowed = collections.Counter(), collections.Counter()

    def add(self, part, error, detail=""):
        kind = f"{part}: {type(error).__name__ if isinstance(error, BaseException) else error}"
        with self.lock:
            self.counts[kind] += 1
            text = f"{time.strftime('%H:%M:%S')} {error} {detail}".strip()
            if isinstance(error, BaseException):
                text += "\n" + "".join(traceback.format_exception(error)[-3:])
            self.examples.setdefault(kind, text)

    def allow(self, part, kind):
        with self.lock:
            self.allowed[f"{part}: {kind}"] += 1
