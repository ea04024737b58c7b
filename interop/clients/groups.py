"""What groups can do, by real clients, each scenario in a group and a topic of its own.

static        members with an instance id: one that stops, or is killed, and comes back within the session gets
              what it had, and the other does not notice; a second one of the same name takes its place and it is fenced
cooperative   a second member takes half and leaves: nothing else ever stops being read
mixed         clients of all kinds in one group come and go one after another; every record is read once
protocols     who knows no strategy of the group's is not let in
"""
import collections
import concurrent.futures
import functools
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

import programs
from programs import Member, until

PARTITIONS = 6
# Scenarios at a time: they wait more than they work.
AT_A_TIME = 3
STATIC = ["java", "confluent", "kafka-python", "aiokafka", "franz-go"]
COOPERATIVE = ["java", "confluent", "kafka-python", "franz-go"]
MIXED = ["java", "confluent", "kcat", "kafka-python", "aiokafka", "franz-go"]
# aiokafka keeps the instance id to itself in heartbeats and commits: it takes itself for a stranger.
FENCED = {"java": "FencedInstanceIdException", "confluent": "fenced by other", "kafka-python": "FencedInstanceIdError",
          "franz-go": "FENCED_INSTANCE_ID"}
# So long nothing may happen where nothing should, in seconds.
QUIET = 1.5


class Scenario:
    """A topic, a group, and its members; whoever still runs at the end is killed."""

    def __init__(self, bootstrap, name, partitions=PARTITIONS):
        self.bootstrap, self.name, self.partitions = bootstrap, name, partitions
        self.topic = self.group = f"groups-{int(time.time())}-{name}"
        self.members = []
        self.read = collections.Counter()
        self.lock = threading.Lock()

    def __enter__(self):
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 4})
        admin.create_topics([NewTopic(self.topic, self.partitions, 1)])[self.topic].result(30)
        return self

    def __exit__(self, *_):
        for member in self.members:
            if member.process.poll() is None:
                member.kill()

    def member(self, client, name=None, **options):
        member = Member(client, f"{self.name} {name or client}", self.take, bootstrap=self.bootstrap, group=self.group,
                        topics=self.topic, **options)
        self.members.append(member)
        return member

    def take(self, words):
        if words[0] == "segment":
            partition, first, count = map(int, words[2:5])
            with self.lock:
                self.read.update((partition, offset) for offset in range(first, first + count))

    def write(self, count):
        producer = confluent_kafka.Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 5})
        for number in range(count):
            producer.produce(self.topic, b"%d" % number, partition=number % self.partitions)
        assert producer.flush(30) == 0

    def wait_read(self, what, count, *members):
        try:
            until(f"{self.name}: {what}", lambda: len(self.read) == count, members)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.lost(count)}")

    def lost(self, count):
        """Where the records are that nobody read, and who read those around them."""
        lines = []
        for partition in range(self.partitions):
            gone = [offset for offset in range(count // self.partitions) if (partition, offset) not in self.read]
            if gone:
                lines.append(f"{partition}: {len(gone)} lost, from {gone[0]} to {gone[-1]}; read by " + "; ".join(
                    f"{member} {words[3]}+{words[4]}" for member in self.members for words in member.of("segment")
                    if int(words[2]) == partition))
        return "\n".join(lines)

    def everything(self):
        return {f"{self.topic}:{p}" for p in range(self.partitions)}

    def shared(self, *members):
        """Whether these have all partitions among them, none twice, and as evenly as can be."""
        parts = [member.has() for member in members]
        sizes = [len(part) for part in parts]
        return set().union(*parts) == self.everything() and sum(sizes) == self.partitions and max(sizes) - min(sizes) <= 1

    def wait_shared(self, what, *members):
        until(f"{self.name}: {what}", lambda: self.shared(*members), members)


def changes(member):
    return len(member.of("assigned", "revoked", "lost"))


def static(client, scenario):
    other = scenario.member(client, "other", instance="other", strategy="range")
    member = scenario.member(client, "first life", instance="the-one", strategy="range")
    scenario.wait_shared("two members share", member, other)
    had, seen = member.has(), changes(other)
    for what, end in [("stopped", Member.leave), ("killed", Member.kill)]:
        end(member)
        member = scenario.member(client, f"after it was {what}", instance="the-one", strategy="range")
        until(f"{scenario.name}: {what} and back", lambda: member.has() == had, [member, other])
        time.sleep(QUIET)
        assert changes(other) == seen and member.has() == had, f"{scenario.name}: {what}: {other.of('assigned', 'revoked')}"
    if client in FENCED:
        fencing(client, scenario, member, other)


def fencing(client, scenario, member, other):
    had, seen = member.has(), changes(other)
    double = scenario.member(client, "double", instance="the-one", strategy="range")
    until(f"{scenario.name}: fenced", lambda: any(FENCED[client] in " ".join(words) for words in member.of("error")),
          [double, other])
    until(f"{scenario.name}: the double has its place", lambda: double.has() == had, [double, other])
    time.sleep(QUIET)
    assert changes(other) == seen, f"{scenario.name}: {other.of('assigned', 'revoked')}"
    member.tell()


def cooperative(client, scenario):
    scenario.write(600)
    first = scenario.member(client, "first", strategy="cooperative-sticky")
    until(f"{scenario.name}: alone", lambda: first.has() == scenario.everything(), [first])
    second = scenario.member(client, "second", strategy="cooperative-sticky")
    scenario.wait_shared("two members share", first, second)
    revoked = [p for _, *partitions in first.of("revoked", "lost") for p in partitions]
    assert set(revoked) == second.has() and len(revoked) == PARTITIONS // 2, f"{scenario.name}: {revoked}"
    scenario.write(600)
    scenario.wait_read("read", 1200, first, second)
    second.leave()
    until(f"{scenario.name}: alone again", lambda: first.has() == scenario.everything(), [first])
    assert len([p for _, *partitions in first.of("revoked", "lost") for p in partitions]) == len(revoked), scenario.name
    first.leave()
    assert set(scenario.read.values()) == {1}, f"{scenario.name}: something was read twice"


def mixed(scenario, clients, strategy):
    """One after another comes, then one after another goes, and meanwhile there is something to read."""
    inside, written = collections.deque(), 0
    for client in clients:
        inside.append(scenario.member(client, strategy=strategy))
        scenario.wait_shared(f"{client} comes", *inside)
        scenario.write(1200)
        written += 1200
    scenario.wait_read("read", written, *inside)
    while len(inside) > 1:
        if inside[0].client == "kcat":
            # Interrupted, it commits records that it does not print any more.
            scenario.wait_read("read before kcat goes", written, *inside)
        leaving = inside.popleft()
        leaving.leave()
        scenario.wait_shared(f"{leaving} is gone", *inside)
        scenario.write(1200)
        written += 1200
    scenario.wait_read("read to the end", written, *inside)
    inside[0].leave()
    assert set(scenario.read.values()) == {1}, f"{scenario.name}: something was read twice"
    lines = programs.run("java", "offsets", bootstrap=scenario.bootstrap, group=scenario.group, topics=scenario.topic)
    ends = [tuple(line.split()[3:]) for line in lines]
    assert len(ends) == scenario.partitions and all(at == end for at, end in ends), f"{scenario.name}: {ends}"


def protocols(scenario):
    first = scenario.member("confluent", strategy="range")
    scenario.wait_shared("alone", first)
    for client in ("java", "kafkajs"):
        stranger = scenario.member(client, strategy="roundrobin")
        until(f"{scenario.name}: {client} is not let in", lambda: stranger.of("error"), [first])
        stranger.kill()
    assert scenario.shared(first) and changes(first) == 1, f"{scenario.name}: {first.of('assigned', 'revoked')}"
    first.leave()


def scenarios(clients):
    """(name, partitions, what to do with a Scenario) for all that these clients can do."""
    for client in filter(STATIC.__contains__, clients):
        yield f"static-{client}", PARTITIONS, functools.partial(static, client)
    for client in filter(COOPERATIVE.__contains__, clients):
        yield f"cooperative-{client}", PARTITIONS, functools.partial(cooperative, client)
    for strategy, mixing in (("range", MIXED), ("cooperative-sticky", COOPERATIVE)):
        able = [client for client in mixing if client in clients]
        if len(able) > 1 and "java" in able:
            yield f"mixed-{strategy}", 2 * len(mixing), functools.partial(mixed, clients=able, strategy=strategy)
    if {"java", "kafkajs", "confluent"} <= set(clients):
        yield "protocols", PARTITIONS, protocols


def run(bootstrap, clients, wanted=""):
    """The number of scenarios that passed; every one is run before the first failure is raised."""
    def one(name, partitions, act):
        started = time.monotonic()
        with Scenario(bootstrap, name, partitions) as scenario:
            act(scenario)
        print(f"{name:26}{time.monotonic() - started:6.1f} s", flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        done = [pool.submit(one, *scenario) for scenario in scenarios(clients) if wanted in scenario[0]]
    for future in done:
        if future.exception():
            print(f"FAILED: {future.exception()}", flush=True)
    for future in done:
        future.result()
    return len(done)
