"""An hour of mixed load with clients coming and going: memory flat, descriptors flat, no error, nothing lost.

Side by side: producers of several clients with and without keys, every codec, idempotent and not; groups, eager,
cooperative and static, whose members come and go and are killed; readers that come for everything there is; topics
created, filled, widened, cut and deleted; a compacted topic with the cleaner at work; retention by time and by size
with small segments; offsets committed, reset, deleted and left to expire; settings changed; the kafka-* tools and our
own client called; connections dropped in the middle; the figures read by HTTP. Segments roll, offsets and producer ids
expire, the metadata log is snapshotted: an hour sees many times what else takes weeks, and the disk stays small.

Every record's content is compared, order and gaps in every partition, each acknowledgement, each delivery to a group:
nothing is lost, and nothing is there twice. No client may be told an error, but one: while a group changes hands, a
member's commit may be refused (REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, or what a client makes of
them by itself), and what it read comes again to another. The log of the broker may hold no WARN and no ERROR.
At the end the broker is stopped with clients connected, started again, and asked for everything. Ctrl-C or SIGTERM
brings the end forward, with all that belongs to it.
"""
import argparse
import contextlib
import logging
import os
import pathlib
import re
import signal
import socket
import sys
import threading
import time

import confluent_kafka

import compare
import planted
import served
from book import Book
from broker import Broker, free_port
from callers import Killed, OwnClient, Rude, Scraper, Tools
from clients import confluent
from connection import Connection
from members import Group
from part import Soak
from readers import Auditor, Readers, bounds
from topics import Compacted, Offsets, Settings, Topics
from watch import Watch
from writers import Writers

# The broker: everything that happens by itself happens often.
SETTINGS = {
    "log.retention.check.interval.ms": 5000, "log.segment.delete.delay.ms": 5000, "log.cleaner.backoff.ms": 5000,
    "log.cleaner.min.cleanable.ratio": 0.01, "log.cleaner.delete.retention.ms": 30_000,
    "group.initial.rebalance.delay.ms": 200, "group.min.session.timeout.ms": 1000,
    "offsets.topic.num.partitions": 5, "offsets.topic.segment.bytes": 1 << 20,
    "offsets.retention.minutes": 2, "offsets.retention.check.interval.ms": 20_000,
    "producer.id.expiration.ms": 120_000,
    "metadata.log.max.snapshot.interval.ms": 60_000, "metadata.log.segment.ms": 60_000,
    "metadata.log.max.record.bytes.between.snapshots": 1 << 20, "metadata.max.retention.bytes": 1 << 20,
}
SMALL = {"segment.bytes": "1048576", "segment.ms": "15000", "file.delete.delay.ms": "5000"}
TIMED, SIZED, RECODED, COMPACT = "soak-timed", "soak-sized", "soak-recoded", "soak-compacted"
TOPICS = {
    TIMED: (3, {**SMALL, "retention.ms": "120000"}),
    SIZED: (3, {**SMALL, "retention.bytes": "4194304", "message.timestamp.type": "LogAppendTime"}),
    RECODED: (2, {**SMALL, "retention.ms": "120000", "compression.type": "zstd"}),
    COMPACT: (2, {"segment.bytes": "1048576", "segment.ms": "5000", "cleanup.policy": "compact",
                  "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "30000", "file.delete.delay.ms": "5000"}),
}
# What a client says of a group that changes hands; and kafka-python of itself when it is closed.
REBALANCES = re.compile(
    r"rebalanc|generation|rejoin|revo|UnknownMember|Cancelled$|\[none\] \(closed\)", re.IGNORECASE)
WRITTEN = {name: TOPICS[name][0] for name in (TIMED, SIZED, RECODED)}
GROUPS = {"eager": [TIMED], "cooperative": [TIMED, SIZED], "static": [SIZED], "python": [RECODED], "aio": [TIMED]}


class Said(logging.Handler):
    """What the clients written in Python say: their errors count, their warnings are told."""

    def __init__(self, errors):
        super().__init__(logging.WARNING)
        self.errors = errors

    def emit(self, record):
        client = record.name.split(".")[0]
        if record.levelno >= logging.ERROR and not REBALANCES.search(record.getMessage()):
            self.errors.add(f"log of {client}", record.msg, record.getMessage())
        else:
            text = re.sub(r"0x[0-9a-f]+|[0-9.]+s", "#", record.msg)[:120]
            self.errors.allow(f"{record.levelname} of {client}", text)


class Load:
    """All parts together."""

    def __init__(self, soak, http):
        self.soak = soak
        self.auditor = Auditor(soak, WRITTEN)
        self.writers = [Writers(soak, number, sorted(WRITTEN)) for number in range(8)]
        self.groups = [Group(soak, number, *kind) for number, kind in enumerate(GROUPS.items())]
        self.compacted = Compacted(soak, COMPACT, TOPICS[COMPACT][0])
        self.others = [Readers(soak, 0, WRITTEN), Readers(soak, 1, WRITTEN), Topics(soak, 0), Topics(soak, 1),
                       self.compacted, Offsets(soak, TIMED), Settings(soak, TIMED),
                       Tools(soak, TIMED, [group.group for group in self.groups]),
                       OwnClient(soak), Rude(soak), Killed(soak), Scraper(soak, http)]

    def start(self):
        for part in (self.auditor, *self.writers, *self.groups):
            part.start()
            time.sleep(0.2)
        # The tools ask about groups: let each have come.
        time.sleep(3)
        for part in self.others:
            part.start()

    def end(self):
        """Everybody goes; what was written is read to its end. What is wrong then."""
        for part in (*self.others, *self.writers):
            part.over.set()
        for part in (*self.others, *self.writers):
            part.end()
        wrong = []
        ends = bounds(self.soak, WRITTEN, served.LATEST)
        deadline = time.monotonic() + 90
        while not self.auditor.is_at(ends) and time.monotonic() < deadline:
            time.sleep(0.2)
        for group in self.groups:
            missing = group.read_rest(ends)
            wrong += [f"{group.group} passed over records: {missing}"] if missing else []
        self.auditor.end()
        lost, claims = self.soak.book.missing()
        wrong += [f"written and seen by writer: {lost}"] if lost else []
        wrong += [f"offsets that were told and are not there: {claims}"] if claims else []
        self.compacted.check()
        return wrong


def offsets(bootstrap, ends):
    """What every group of ours has committed."""
    found = {}
    for kind, topics in GROUPS.items():
        reader = confluent_kafka.Consumer({"bootstrap.servers": bootstrap, "group.id": f"soak-{kind}"})
        asked = [confluent_kafka.TopicPartition(*where) for where in ends if where[0] in topics]
        found[kind] = {(p.topic, p.partition): p.offset for p in reader.committed(asked, timeout=30)}
        reader.close()
    return found


def restart(soak, ends):
    """A clean stop with clients connected, a second start: what is not as it was."""
    wrong = []
    committed = offsets(soak.bootstrap, ends)
    for kind, found in committed.items():
        behind = {where: offset for where, offset in found.items() if offset != ends[where] and ends[where]}
        wrong += [f"soak-{kind} has committed {behind} of {ends}"] if behind else []
    with Connection(soak.bootstrap) as connection:
        before = served.record(connection)
    with contextlib.ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", soak.broker.port)))
        open_ones.enter_context(Connection(soak.bootstrap))
        # What others on this machine have written does not count.
        os.sync()
        began = time.monotonic()
        code = soak.broker.stop()
        took = time.monotonic() - began
    wrong += [f"the stop took {took:.1f} s"] if took > 2 else []
    wrong += [f"exit code {code}"] if code else []
    soak.broker.start()
    with Connection(soak.bootstrap) as connection:
        after = served.record(connection)
    internal = "__consumer_offsets"
    wrong += compare.differences(before, after, changed={internal}, compacted={COMPACT, internal},
                                 retained=set(WRITTEN))
    now = offsets(soak.bootstrap, ends)
    wrong += [f"committed before: {committed}, after: {now}"] if now != committed else []
    partitions, batches = len(after.partitions), sum(len(p.batches) for p in after.partitions.values())
    print(f"stopped in {took:.2f} s with clients connected; after the second start {partitions} partitions with "
          f"{batches} batches and the offsets of {len(now)} groups are as they were")
    return wrong


def complaints(log):
    return [line for line in log.splitlines() if re.search(r"\b(WARN|ERROR|FATAL)\b|panicked", line)]


def report(soak, load, watch, wrong, is_long):
    for what, count in sorted(soak.counts.items()):
        print(f"  {count:>9,} {what}")
    for group in load.groups:
        joined, delivered, again = group.totals()
        print(f"  {group.group}: {joined} members by and by, {delivered:,} records delivered, {again:,} of them again")
    print(f"  the compacted topic held {load.compacted.fewest:.1%} of its records at least")
    lines, grown = watch.verdict()
    print("\n".join(lines))
    for kind, count in sorted(soak.errors.allowed.items()):
        print(f"  allowed: {kind}: {count}")
    wrong += grown if is_long else []
    wrong += [f"{kind}: {count} times, first: {soak.errors.examples[kind]}"
              for kind, count in soak.errors.counts.items()]
    found = complaints(soak.broker.log())
    wrong += [f"{len(found)} complaints in the log, first: {found[0]}"] if found else []
    wrong += [f"no figures: {watch.failure}"] if watch.failure else []


def rest(minutes, watch):
    """Until the time is over, a signal says so, or the broker has ended; how many minutes it was."""
    told, began = threading.Event(), time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    while watch.is_alive() and not told.is_set() and time.monotonic() - began < minutes * 60:
        told.wait(min(1, minutes * 60))
    return (time.monotonic() - began) / 60


def run(minutes, seed, out):
    http = f"127.0.0.1:{free_port()}"
    broker = Broker([f"{name}={value}" for name, value in {**SETTINGS, "klamm.http.listener": http}.items()])
    broker.log_file = out / "klamm.log"
    broker.log_file.unlink(missing_ok=True)
    with broker:
        for name, (count, settings) in TOPICS.items():
            confluent.create_topic(broker.bootstrap, name, count, settings)
        soak = Soak(broker, Book(WRITTEN), seed)
        logging.getLogger().addHandler(Said(soak.errors))
        load = Load(soak, http)
        watch = Watch(broker, out / "soak.csv", 10 if minutes >= 5 else 1)
        watch.start()
        load.start()
        lasted = rest(minutes, watch)
        watch.over.set()
        watch.join()
        if not broker.is_running():
            return lasted, ["the broker ended by itself", *broker.log().splitlines()[-5:]]
        wrong = load.end()
        wrong += restart(soak, bounds(soak, WRITTEN, served.LATEST))
        report(soak, load, watch, wrong, lasted >= 10)
    return lasted, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--smoke", action="store_true", help="half a minute; says nothing about what grows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(os.environ["INTEROP_WORK"], "soak"),
                        help="where soak.csv and the broker's log go")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    planted.check()
    minutes = 0.5 if args.smoke else args.minutes
    lasted, wrong = run(minutes, args.seed, args.out)
    for line in wrong:
        print(f"WRONG: {line}")
    print(f"soak: {lasted:.1f} minutes, {len(wrong)} things wrong")
    sys.stdout.flush()
    # Clients of others leave threads behind now and then.
    os._exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
