"""Things that a broker has to remember, invented by the thousand."""
import struct

from batches import batch, crc32c
from seeds import framed, head
from target import attack

from .mutants import Stream
from .payloads import named


def numbered(make):
    number = 0
    while True:
        number += 1
        yield make(number)


@attack("autocreate", "Metadata creates topics, each time of new names", 10)
def autocreate(target):
    def request(number):
        listed = [b"stranger-%d-%d" % (number, index) for index in range(10)]
        return framed(head(3, 4, False) + struct.pack(">i", len(listed)) + b"".join(map(named, listed)) + b"\1")
    return Stream(target, numbered(request), 4, patience=10).run()


def join(group, instance=None):
    body = named(group) + struct.pack(">ii", 300_000, 300_000) + named(b"")
    body += struct.pack(">h", -1) if instance is None else named(instance)
    return framed(head(11, 5, False) + body + named(b"consumer") + struct.pack(">i", 1) + named(b"range")
                  + struct.pack(">i", 1000) + bytes(1000))


@attack("groups", "groups, members and static members nobody heard of, a kilobyte of metadata each, and offsets of theirs", 12, 3)
def groups(target):
    def request(number):
        if number % 1000 == 1:
            # Whoever looks for a coordinator first makes the topic; without it nothing is kept.
            return framed(head(10, 0, False) + named(b"crowd-1"))
        kind = number % 4
        if kind == 0:
            return join(b"group-%d" % number)
        if kind == 1:
            return join(b"crowd-%d" % (number % 7))
        if kind == 2:
            return join(b"static-%d" % (number % 5), b"instance-%d" % number)
        body = named(b"offsets-%d" % number) + struct.pack(">i", -1) + named(b"") + struct.pack(">hi", -1, 1)
        body += named(b"target") + struct.pack(">iiqi", 1, 0, 1, -1) + named(b"x" * 1000)
        return framed(head(8, 7, False) + body)
    return Stream(target, numbered(request), 64).run()


@attack("producer-ids", "InitProducerId as fast as it is answered", 8)
def producer_ids(target):
    def request(_):
        return framed(head(22, 0, False) + struct.pack(">hi", -1, 60_000))
    return Stream(target, numbered(request), 128, patience=5).run()


class Inventor:
    """Batches of one record, each with a producer id of its own; the checksum is put together from what each bit adds."""

    def __init__(self):
        self.plain = batch([1], 0, 0, 0)
        base = crc32c(self.plain[21:])
        self.bits = []
        for bit in range(40):
            changed = self.with_id(1 << bit)
            self.bits.append(crc32c(changed[21:]) ^ base)
        self.base = base

    def with_id(self, number):
        return self.plain[:43] + struct.pack(">q", number) + self.plain[51:]

    def batch(self, number):
        crc = self.base
        for bit in range(number.bit_length()):
            if number >> bit & 1:
                crc ^= self.bits[bit]
        made = self.with_id(number)
        return made[:17] + struct.pack(">I", crc) + made[21:]


@attack("producers", "idempotent producers by the hundred thousand, each writes one record", 15, 3)
def producers(target):
    inventor, partitions = Inventor(), 100

    def request(number):
        body = struct.pack(">hhii", -1, 1, 30_000, 1) + named(b"wide") + struct.pack(">i", partitions)
        for index in range(partitions):
            records = inventor.batch(1_000_000_000 + number * partitions + index)
            body += struct.pack(">ii", index, len(records)) + records
        return framed(head(0, 7, False) + body)
    return Stream(target, numbered(request), 8, patience=5).run()


@attack("sessions", "fetch sessions of a hundred partitions each, again and again new ones", 10, 3)
def sessions(target):
    body = struct.pack(">iiiibii", -1, 0, 0, 1, 0, 0, 0) + struct.pack(">i", 1) + named(b"wide") + struct.pack(">i", 100)
    body += b"".join(struct.pack(">iiqqi", index, -1, 1 << 40, -1, 1) for index in range(100))
    request = framed(head(1, 11, False) + body + struct.pack(">ih", 0, 0))
    return Stream(target, numbered(lambda _: request), 64).run()
