"""What a scenario finds: topics, records, groups, made by librdkafka; and all of it taken away again.

    + topic NAME PARTITIONS [SETTING=VALUE ...]
    + records TOPIC PARTITION [KEY=]VALUE ...       stamped 1700000000000, one second apart
    + record TOPIC PARTITION {"key": ..., "value": ..., "headers": [[..., ...]], "timestamp": ...}
    + commit GROUP TOPIC:PARTITION:OFFSET ...       the group has no members
    + member GROUP CLIENT-ID TOPIC [SETTING=VALUE ...]  subscribed until the scenario ends
    + members GROUP N                               until so many of any kind are in it, and stable
    + config topics|brokers NAME SETTING=VALUE ...
    + file NAME                                     its lines follow, each behind a `|`
    + folder NAME
"""
import itertools
import json
import logging
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType)

from connection import Connection
from servers import CLUSTER
from tools import environment

FIRST_STAMP = 1_700_000_000_000
WAIT = 30
# Where the verb is a word that is taken.
VERBS = {"members": "members_"}
# Numbers of the protocol.
BROKER, DYNAMIC_BROKER, DYNAMIC_DEFAULT, SET, DELETE = 4, 2, 3, 0, 1
# librdkafka says on standard error what becomes of each connection.
SILENT = logging.getLogger("librdkafka")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
KINDS = {"topics": ResourceType.TOPIC, "brokers": ResourceType.BROKER}


def until(what, wanted, wait=WAIT):
    deadline = time.monotonic() + wait
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError(wanted)
        time.sleep(0.02)


class Member(threading.Thread):
    """A consumer that stays in its group."""

    def __init__(self, bootstrap, group, client, topic, settings):
        super().__init__(daemon=True)
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap, "group.id": group, "client.id": client,
            "partition.assignment.strategy": "range", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", **settings}, logger=SILENT)
        self.consumer.subscribe(topic.split(","), on_assign=lambda *_: self.assigned.set())
        self.assigned, self.over = threading.Event(), threading.Event()

    def run(self):
        while not self.over.is_set():
            self.consumer.poll(0.1)
        self.consumer.close()


class Preparer:
    """Of one broker, for many scenarios."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 3}, logger=SILENT)
        self.stamps, self.producer, self.members, self.first_settings = None, None, [], {}

    def begin(self, folder):
        self.at = folder
        self.stamps = itertools.count(FIRST_STAMP, 1000)
        # A new one: it would remember how many partitions a topic of this name had.
        self.producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 0, "acks": "all"}, logger=SILENT)

    def do(self, prepared, fill):
        words = shlex.split(fill(prepared.words))
        body = [fill(line) for line in prepared.body]
        if prepared.verb == "record":
            topic, partition, rest = fill(prepared.words).split(" ", 2)
            words = [topic, partition, rest]
        getattr(self, VERBS.get(prepared.verb, prepared.verb))(*words, **({"body": body} if body else {}))

    def warm(self):
        """Makes __consumer_offsets, which is then there in every scenario."""
        self.topic("warm", "1")
        self.commit("warm", "warm:0:0")
        self.clean()

    def topic(self, name, partitions, *settings):
        config = dict(setting.split("=", 1) for setting in settings)
        self.admin.create_topics([NewTopic(name, int(partitions), 1, config=config)])[name].result(WAIT)
        until(lambda: self.has_leaders(name), f"topic {name} has no leaders")

    def has_leaders(self, name):
        # Asked for all of them: librdkafka would make a topic that it asks for by its name.
        topic = self.admin.list_topics(timeout=WAIT).topics.get(name)
        return topic and topic.error is None and all(p.leader >= 0 for p in topic.partitions.values())

    def records(self, topic, partition, *records):
        for record in records:
            key, separator, value = record.partition("=")
            key, value = (key, value) if separator else (None, record)
            self.send(topic, partition, key, value, next(self.stamps), None)

    def record(self, topic, partition, text):
        fields = json.loads(text)
        self.send(topic, partition, fields.get("key"), fields.get("value"),
                  fields.get("timestamp", FIRST_STAMP), fields.get("headers"))

    def send(self, topic, partition, key, value, timestamp, headers):
        failures = []
        self.producer.produce(
            topic, value, key, int(partition), timestamp=timestamp,
            headers=[tuple(header) for header in headers] if headers else None,
            on_delivery=lambda error, _: failures.append(error) if error else None)
        assert self.producer.flush(WAIT) == 0 and not failures, failures

    def commit(self, group, *offsets):
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": group, "enable.auto.commit": False}, logger=SILENT)
        wanted = [offset.rsplit(":", 2) for offset in offsets]
        consumer.commit(offsets=[TopicPartition(t, int(p), int(o)) for t, p, o in wanted], asynchronous=False)
        consumer.close()

    def member(self, group, client, topic, *settings):
        member = Member(self.bootstrap, group, client, topic, dict(s.split("=", 1) for s in settings))
        self.members.append(member)
        member.start()
        assert member.assigned.wait(WAIT), f"{client} gets no assignment in {group}"

    def members_(self, group, count):
        """Until so many have joined and all know what is theirs."""
        def joined():
            found = self.admin.describe_consumer_groups([group])[group].result(WAIT)
            return found.state.name == "STABLE" and len(found.members) == int(count)
        until(joined, f"{group} has not {count} members")

    def config(self, kind, name, *settings):
        entries = [ConfigEntry(n, v, incremental_operation=AlterConfigOpType.SET)
                   for n, v in (setting.split("=", 1) for setting in settings)]
        self.alter(KINDS[kind], name, entries)

    def alter(self, kind, name, entries):
        resource = ConfigResource(kind, name, incremental_configs=entries)
        for answer in self.admin.incremental_alter_configs([resource]).values():
            answer.result(WAIT)

    def file(self, name, body=()):
        path = self.at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in body))

    def folder(self, name):
        (self.at / name).mkdir(parents=True)

    def end_members(self):
        for member in self.members:
            member.over.set()
        for member in self.members:
            member.join(WAIT)
        self.members = []

    def clean(self):
        """Everything that scenarios leave: members, groups, topics, settings of brokers."""
        self.end_members()
        # It would make its topics again.
        self.producer = None
        self.delete_groups()
        names = [name for name in self.admin.list_topics(timeout=WAIT).topics if not name.startswith("__")]
        for answer in self.admin.delete_topics(names).values() if names else ():
            answer.result(WAIT)
        until(lambda: not set(names) & set(self.admin.list_topics(timeout=WAIT).topics), "topics do not go")
        self.reset()

    def delete_groups(self):
        """Tools that were killed are members for a while yet."""
        def gone():
            groups = [group.group_id for group in self.admin.list_consumer_groups().result(WAIT).valid]
            for answer in self.admin.delete_consumer_groups(groups).values() if groups else ():
                try:
                    answer.result(WAIT)
                except KafkaException:
                    pass
            return not groups
        until(gone, "groups do not go", 2 * WAIT)

    def settings(self, connection, name):
        """What was set of broker `name`, or with "" of all of them, while they ran."""
        source = DYNAMIC_BROKER if name else DYNAMIC_DEFAULT
        answer = connection.ask(
            "DescribeConfigs", include_synonyms=False, include_documentation=False,
            resources=[{"resource_type": BROKER, "resource_name": name, "configuration_keys": None}])
        return {entry.name: entry.value for entry in answer.results[0].configs if entry.config_source == source}

    def reset(self):
        with Connection(self.bootstrap) as connection:
            for name in ("1", ""):
                now = self.settings(connection, name)
                first = self.first_settings.setdefault(name, now)
                changes = [(key, SET, first[key]) for key in first if now.get(key) != first[key]]
                changes += [(key, DELETE, None) for key in now if key not in first]
                if changes:
                    self.change(connection, name, changes)

    def change(self, connection, name, changes):
        answer = connection.ask("IncrementalAlterConfigs", validate_only=False, resources=[
            {"resource_type": BROKER, "resource_name": name,
             "configs": [{"name": key, "config_operation": operation, "value": value}
                         for key, operation, value in changes]}])
        assert answer.responses[0].error_code == 0, answer


SERVER = """\
process.roles=broker,controller
node.id={number}
controller.quorum.voters={number}@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={logs}
"""


class Local:
    """For tools without a broker: files and folders, and servers on their own.

        + properties FILE N     of a server whose node.id is N, on the ports {freeN} and, controller, {freeN+1}
        + formatted FILE N      its log directory too
        + server FILE N         started with -daemon, and it serves
        + serves PORT           until somebody listens there; and still does half a second later
        + gone PORT             until nobody does
        + nobody                until all servers have ended
        + occupied PORT         somebody else listens there
    """

    def __init__(self, kit):
        self.kit, self.sockets = kit, []

    def begin(self, folder):
        self.at = folder

    file, folder = Preparer.file, Preparer.folder

    def do(self, prepared, fill):
        self.fill = fill
        Preparer.do(self, prepared, fill)

    def properties(self, name, number):
        port, controller = (self.fill("{free%d}" % n) for n in (int(number), int(number) + 1))
        (self.at / name).write_text(SERVER.format(
            number=number, port=port, controller=controller, logs=self.at / f"logs-{number}"))

    def formatted(self, name, number):
        self.properties(name, number)
        self.call("kafka-storage", "format", "-t", CLUSTER, "-c", name)

    def server(self, name, number):
        self.formatted(name, number)
        self.call("kafka-server-start", "-daemon", name)
        self.serves(self.fill("{free%s}" % number))

    def call(self, tool, *words):
        subprocess.run(self.kit.line(tool, words), cwd=self.at, env=environment(self.at), check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def serves(self, port):
        until(lambda: is_open(port), f"nobody listens on {port}")
        time.sleep(0.5)
        assert is_open(port), f"nobody listens on {port} any more"

    def gone(self, port):
        until(lambda: not is_open(port), f"somebody still listens on {port}")

    def nobody(self):
        until(lambda: not running_here(), "a server does not end")

    def occupied(self, port):
        self.sockets.append(socket.create_server(("127.0.0.1", int(port))))

    def clean(self):
        for other in self.sockets:
            other.close()
        self.sockets = []
        # Nobody else lives in this room; see `run_apart`.
        for process in running_here() if os.getpid() == 1 else ():
            os.kill(process, signal.SIGKILL)


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


def running_here():
    """Process ids but for this one and those that only wait to be buried."""
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            found += [int(folder.name)] if state != "Z" else []
    return found
