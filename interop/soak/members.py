"""Groups whose members come and go: what is committed was delivered, and nothing is passed over."""
import asyncio
import collections
import threading
import time

import aiokafka
import aiokafka.errors
import confluent_kafka
import kafka
import kafka.errors

from book import Coverage, check_content
from part import Part
from readers import consumer

# What a member may be told when it commits while its group changes hands: whoever comes next reads that again.
REBALANCE = {"REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "_NO_OFFSET", "_ASSIGNMENT_LOST"}
REBALANCE_CLASSES = (kafka.errors.CommitFailedError, kafka.errors.RebalanceInProgressError,
                     kafka.errors.IllegalGenerationError, kafka.errors.UnknownMemberIdError,
                     aiokafka.errors.CommitFailedError, aiokafka.errors.RebalanceInProgressError,
                     aiokafka.errors.IllegalGenerationError, aiokafka.errors.UnknownMemberIdError,
                     aiokafka.errors.IllegalStateError)


class Group(Part):
    """Keeps one to four members of one kind at work."""

    PAUSE = (0.5, 3)
    MEMBERS = 4

    def __init__(self, soak, number, kind, topics):
        super().__init__(soak, number)
        self.kind, self.topics, self.group = kind, topics, f"soak-{kind}"
        self.label = f"group of {kind}"
        self.body = {"python": self.kafka_python, "aio": self.aiokafka}.get(kind, self.confluent)
        self.guard, self.coverage = threading.Lock(), collections.defaultdict(Coverage)
        self.members, self.joined = {}, 0

    def turn(self):
        """A member more, if there is room; the last to come stays until the next one is there."""
        self.members = {place: thread for place, thread in self.members.items() if thread.is_alive()}
        free = [place for place in range(self.MEMBERS) if place not in self.members]
        if free and (len(self.members) < 2 or self.chance.random() < 0.4):
            self.join_group(free[0], time.monotonic() + self.chance.uniform(10, 40))

    def join_group(self, place, until):
        thread = threading.Thread(target=self.live, args=(place, until), name=f"{self.group}-{place}")
        self.members[place] = thread
        self.joined += 1
        thread.start()

    def live(self, place, until):
        try:
            self.body(place, lambda: time.monotonic() < until and not self.over.is_set())
        except Exception as error:
            self.soak.errors.add(self.label, error)

    def read_rest(self, ends):
        """After the last record was written: one more member, until everything was delivered. What is missing."""
        self.end()
        for thread in self.members.values():
            thread.join(60)
        self.over = threading.Event()
        deadline = time.monotonic() + 90
        self.join_group(0, deadline)
        ends = {where: end for where, end in ends.items() if where[0] in self.topics}
        missing = lambda: {where: self.coverage[where].intervals for where, end in ends.items()
                           if not self.coverage[where].is_whole(end)}
        while missing() and time.monotonic() < deadline:
            time.sleep(0.2)
        self.over.set()
        self.members[0].join(60)
        return missing()

    def totals(self):
        """Members, records delivered, and how many of them more than once."""
        unique = sum(end - start for c in self.coverage.values() for start, end in c.intervals)
        delivered = sum(c.delivered for c in self.coverage.values())
        return self.joined, delivered, delivered - unique

    def take(self, topic, partition, offset, key, value):
        check_content(key, value)
        self.soak.book.claim(topic, partition, offset, key, value, self.group)
        with self.guard:
            self.coverage[topic, partition].add(offset)

    def confluent(self, place, goes_on):
        strategy = "cooperative-sticky" if self.kind == "cooperative" else "range,roundrobin"
        settings = {"session.timeout.ms": 10_000, "heartbeat.interval.ms": 1000, "fetch.min.bytes": 8000,
                    "fetch.wait.max.ms": 1000, "partition.assignment.strategy": strategy}
        if self.kind == "static":
            settings["group.instance.id"] = f"static-{place}"
        member = consumer(self.soak, self.label, self.group, **settings)
        member.subscribe(self.topics)
        try:
            while goes_on():
                messages = member.consume(500, timeout=1)
                for message in messages:
                    if message.error() is not None:
                        self.soak.errors.add(self.label, message.error().name(), message.error().str())
                    else:
                        where = message.topic(), message.partition(), message.offset()
                        self.take(*where, message.key(), message.value())
                if messages:
                    self.commit(member)
        finally:
            member.close()

    def commit(self, member):
        try:
            told = member.commit(asynchronous=False)
        except confluent_kafka.KafkaException as failure:
            self.judge(failure.args[0])
            return
        for partition in told:
            if partition.error is not None:
                self.judge(partition.error)

    def judge(self, error):
        if error.name() in REBALANCE:
            self.soak.errors.allow(self.label, error.name())
        else:
            self.soak.errors.add(self.label, error.name(), error.str())

    def kafka_python(self, place, goes_on):
        member = kafka.KafkaConsumer(
            *self.topics, bootstrap_servers=self.soak.bootstrap, group_id=self.group, enable_auto_commit=False,
            auto_offset_reset="earliest", session_timeout_ms=10_000, heartbeat_interval_ms=1000, fetch_min_bytes=8000,
            fetch_max_wait_ms=1000)
        try:
            while goes_on():
                polled = member.poll(1000)
                for records in polled.values():
                    for record in records:
                        self.take(record.topic, record.partition, record.offset, record.key, record.value)
                if polled:
                    try:
                        member.commit()
                    except REBALANCE_CLASSES as error:
                        self.soak.errors.allow(self.label, type(error).__name__)
        finally:
            member.close()

    def aiokafka(self, place, goes_on):
        async def live():
            member = aiokafka.AIOKafkaConsumer(
                *self.topics, bootstrap_servers=self.soak.bootstrap, group_id=self.group, enable_auto_commit=False,
                auto_offset_reset="earliest", session_timeout_ms=10_000, heartbeat_interval_ms=1000,
                fetch_min_bytes=8000, fetch_max_wait_ms=1000)
            await member.start()
            try:
                while goes_on():
                    polled = await member.getmany(timeout_ms=1000)
                    for records in polled.values():
                        for record in records:
                            self.take(record.topic, record.partition, record.offset, record.key, record.value)
                    if polled:
                        try:
                            await member.commit()
                        except REBALANCE_CLASSES as error:
                            self.soak.errors.allow(self.label, type(error).__name__)
            finally:
                await member.stop()

        asyncio.run(live())
