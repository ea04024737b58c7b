"""Requests that are right and huge, or become huge."""
import struct

import bombs
from seeds import TOPIC, framed, head
from target import attack

from .mutants import Stream


def named(name):
    return struct.pack(">h", len(name)) + name


def produce(topic, records, partition=0, acks=-1):
    return framed(head(0, 7, False) + struct.pack(">hhii", -1, acks, 30_000, 1) + named(topic.encode())
                  + struct.pack(">iii", 1, partition, len(records)) + records)


class Loop:
    """A list of requests, round and round."""

    def __init__(self, requests):
        self.requests, self.at = requests, 0

    def __iter__(self):
        return self

    def __next__(self):
        self.at += 1
        return self.requests[self.at % len(self.requests)]


@attack("bombs", "record batches of each codec that become gigabytes, to topics that keep their codec and that change it", 12, 5)
def bomb(target):
    requests = []
    for codec in bombs.CODECS:
        for shape in bombs.SHAPES:
            records = bombs.batch(codec, shape, target.size(2000, 250) * bombs.MB)
            requests += [produce(topic, records) for topic in (TOPIC, "recompressed")]
    requests += [produce(topic, records) for records in bombs.lies() for topic in (TOPIC, "recompressed")]
    # What was taken has to be unpacked again to find an instant.
    requests += [framed(head(2, 1, False) + struct.pack(">ii", -1, 1) + named(TOPIC.encode())
                        + struct.pack(">iiq", 1, 0, instant)) for instant in (2, 10**15)]
    return Stream(target, Loop(requests), 8, patience=10).run() | {"kinds": len(requests)}


def names(count):
    return b"".join(struct.pack(">h", 7) + b"%07d" % index for index in range(count))


@attack("names", "Metadata with 1,000,000 names, eight at a time", 10)
def million_names(target):
    count = target.size(1_000_000, 200_000)
    listed = struct.pack(">i", count) + names(count)
    requests = [framed(head(3, 4, False) + listed + b"\0"), framed(head(3, 0, False) + listed)]
    return Stream(target, Loop(requests), 8, patience=20).run()
