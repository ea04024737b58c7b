"""What is written into the folder: by whichever broker is there, and by Kafka alone what only Kafka serves."""
import dataclasses
import hashlib
import itertools
import random
import subprocess
import time

import confluent_kafka

import groups
import served
from batch import Sequence
from jvm import tool
from topics import CODECS, COMPACTED, HOUR, LONG_AGO, MANY, RECENTLY, RETAINED, TOPICS

TOPIC, BROKER, GROUP, CLIENT_METRICS = 2, 4, 32, 16
SET = 0


@dataclasses.dataclass
class Life:
    """What must be remembered of a folder while brokers come and go."""
    many: bool
    sequences: list = dataclasses.field(default_factory=list)
    round: int = 0
    # Of each group the last generation; how often they were carried on; what was last told of them.
    generations: dict = dataclasses.field(default_factory=dict)
    group_rounds: int = 0
    groups: dict = dataclasses.field(default_factory=dict)


def create_topics(connection, topics):
    answer = connection.ask("CreateTopics", timeout_ms=30_000, validate_only=False, topics=[
        {"name": name, "num_partitions": partitions, "replication_factor": 1, "assignments": [],
         "configs": [{"name": key, "value": value} for key, value in settings.items()]}
        for name, (partitions, settings) in topics.items()])
    for topic in answer.topics:
        assert topic.error_code == 0, (topic.name, topic.error_code, topic.error_message)
    for name, (partitions, _) in topics.items():
        for partition in range(partitions):
            served.wait_for_leader(connection, name, partition)


def delete_topic(connection, name):
    answer = connection.ask("DeleteTopics", timeout_ms=30_000, topics=[{"name": name, "topic_id": None}])
    assert answer.responses[0].error_code == 0, answer.responses[0]


def alter(connection, kind, name, settings):
    answer = connection.ask("IncrementalAlterConfigs", validate_only=False, resources=[
        {"resource_type": kind, "resource_name": name, "configs": [
            {"name": key, "config_operation": SET, "value": value} for key, value in settings.items()]}])
    result = answer.responses[0]
    assert result.error_code == 0, (name, result.error_code, result.error_message)


def delete_records(connection, topic, offset):
    answer = connection.ask("DeleteRecords", timeout_ms=30_000, topics=[
        {"name": topic, "partitions": [{"partition_index": 0, "offset": offset}]}])
    result = answer.topics[0].partitions[0]
    assert (result.error_code, result.low_watermark) == (0, offset), result


def producer(bootstrap, **settings):
    return confluent_kafka.Producer({
        "bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 2, "batch.num.messages": 20,
        "partitioner": "murmur2_random", "log_level": 0, **{k.replace("_", "."): v for k, v in settings.items()}})


STAMPS = itertools.count()


def stamp(chance):
    """Two seconds a record, up to a minute out of order."""
    return RECENTLY + 2000 * next(STAMPS) % (10 * HOUR) + chance.randrange(60_000)


def write(sender, topic, chance, count, null_values=True):
    """Records with and without keys, values and headers, stamped out of order."""
    failures = []
    for number in range(count):
        noise = chance.randbytes(chance.randrange(20, 200)).hex()
        key = None if null_values and chance.random() < 0.1 else f"key-{chance.randrange(50)}"
        value = None if null_values and chance.random() < 0.05 else f"{number} {noise}"
        headers = [("n", str(number)), ("n", None), ("utf", "ä€")] if chance.random() < 0.5 else None
        sender.produce(topic, value, key, headers=headers, timestamp=stamp(chance),
                       on_delivery=lambda error, _: failures.append(error) if error else None)
        sender.poll(0)
    assert sender.flush(60) == 0 and not failures, (topic, failures[:3])


def write_everywhere(bootstrap, life, seed):
    """What every broker can take; once more in every round."""
    life.round += 1
    chance = random.Random(f"{seed} {life.round}")
    for codec in CODECS:
        write(producer(bootstrap, compression_type=codec), f"codec-{codec}", chance, 400)
    sender = producer(bootstrap)
    for topic in ("stamped", "trimmed", "retained", "groups"):
        write(sender, topic, chance, 400)
    write(sender, "settings", chance, 20)
    for topic in ("compacted", "compacted-and-deleted"):
        write_compacted(sender, topic, chance)
    if life.many:
        write(sender, "many", chance, 300)


def write_compacted(sender, topic, chance):
    """Few keys again and again, some deleted at the end."""
    for number in range(500):
        key = f"key-{chance.randrange(20)}"
        value = None if number > 450 and chance.random() < 0.3 else chance.randbytes(60).hex()
        sender.produce(topic, value, key, timestamp=LONG_AGO + 1000 * number)
        if number % 10 == 9:
            assert sender.flush(60) == 0


def begin_sequences(connection, life):
    life.sequences = [Sequence.begin(connection, "sequences") for _ in range(3)]
    for number in range(60):
        life.sequences[number % 3].go_on(connection, 1 + number % 4)


def check_sequences(connection, life):
    for sequence in life.sequences:
        sequence.check(connection)
    for number in range(15):
        life.sequences[number % 3].go_on(connection)


def fill(connection, bootstrap, life, seed):
    """The first broker's part that both can do."""
    create_topics(connection, TOPICS | (MANY if life.many else {}))
    begin_sequences(connection, life)
    write_everywhere(bootstrap, life, seed)
    sender = producer(bootstrap)
    for topic in ("doomed", "gone", "full-indexes"):
        write(sender, topic, random.Random(seed), 400)


def remove(connection):
    """Takes away what was there: records and a topic."""
    if connection.serves("DeleteRecords"):
        delete_records(connection, "trimmed", 150)
    delete_topic(connection, "gone")


def settle(folder, connection, who):
    """Waits until Kafka's cleaner and retention have nothing left to do."""
    if who != "jvm":
        return
    deadline, before = time.monotonic() + 30, None
    while time.monotonic() < deadline:
        time.sleep(1)
        lines = sorted(line for file in folder.files("cleaner-offset-checkpoint")
                       for line in file.read_text().splitlines()[2:])
        starts = [served.list_offset(connection, topic, 0, served.EARLIEST)[0] for topic in RETAINED]
        if {line.split()[0] for line in lines} >= COMPACTED and (lines, starts) == before:
            return
        before = lines, starts
    raise AssertionError(f"the cleaner did not come to rest: {before}")


CHANGED = ("settings", {"retention.ms": "123456789012", "segment.jitter.ms": "2000"})


def change_settings(connection):
    """A topic's settings and a broker's, while it runs."""
    if not connection.serves("IncrementalAlterConfigs"):
        return
    alter(connection, TOPIC, *CHANGED)
    alter(connection, BROKER, "1", {"log.cleaner.threads": "1"})


def without_changed_settings(found):
    """The recording but for what change_settings changes."""
    if found.topic_configs is None:
        return found
    topic, settings = CHANGED
    topics = {name: {key: value for key, value in values.items() if name != topic or key not in settings}
              for name, values in found.topic_configs.items()}
    brokers = {name: {key: value for key, value in values.items() if key != "log.cleaner.threads"}
               for name, values in found.broker_configs.items()}
    return dataclasses.replace(found, topic_configs=topics, broker_configs=brokers)


def without_settings(found):
    """The recording but for settings: a broker's own have changed, and with them what topics inherit."""
    return dataclasses.replace(found, topic_configs=None, broker_configs=None)


# What only Kafka serves today.

def transactions(bootstrap, seed, rounds=12):
    """Committed and aborted in turn, of two producers at once, with records of no transaction between."""
    chance = random.Random(seed)
    plain, reader = producer(bootstrap), consumer(bootstrap, "group-transactional")
    writers = [begin(bootstrap, f"transactional-{n}") for n in range(2)]
    for number in range(rounds):
        for writer in writers:
            writer.begin_transaction()
            write(writer, "transactions", chance, 25)
            send_offsets(writer, reader, number)
            if number % 4 == 1:
                write(writer, "compacted", chance, 5, null_values=False)
        write(plain, "transactions", chance, 10)
        for which, writer in enumerate(writers):
            (writer.abort_transaction if (number + which) % 3 == 0 else writer.commit_transaction)(60)


def send_offsets(writer, reader, offset):
    """Offsets of the reader's group that count when the transaction does."""
    offsets = [confluent_kafka.TopicPartition("groups", p, offset, metadata=f"transaction {offset}") for p in range(2)]
    writer.send_offsets_to_transaction(offsets, reader.consumer_group_metadata(), 60)


def begin(bootstrap, transactional_id):
    writer = producer(bootstrap, transactional_id=transactional_id, transaction_timeout_ms=900_000)
    writer.init_transactions(60)
    return writer


def leave_open(bootstrap, seed):
    """A transaction with records and without an end; its producer, to be kept until the broker has gone."""
    chance = random.Random(seed)
    write(producer(bootstrap), "open", chance, 30)
    writer = begin(bootstrap, "transactional-open")
    writer.begin_transaction()
    write(writer, "open", chance, 40)
    send_offsets(writer, consumer(bootstrap, "group-transactional"), 10_000)
    write(producer(bootstrap), "open", chance, 30)
    return writer


def end_open(bootstrap):
    """Whoever takes over the transactional id ends what was left open."""
    writer = begin(bootstrap, "transactional-open")
    writer.begin_transaction()
    write(writer, "open", random.Random(1), 10)
    writer.commit_transaction(60)


def consumer(bootstrap, group, **settings):
    return confluent_kafka.Consumer({
        "bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False, "log_level": 0,
        "auto.offset.reset": "earliest", **{k.replace("_", "."): v for k, v in settings.items()}})


GROUPS = {"group-classic": "classic", "group-consumer": "consumer"}


def consume(bootstrap, group, protocol, count):
    """Takes some records as a member of the group, commits, and leaves; the first offset of each partition."""
    member = consumer(bootstrap, group, group_protocol=protocol)
    member.subscribe(["groups"])
    first, left, deadline = {}, count, time.monotonic() + 60
    while left > 0:
        assert time.monotonic() < deadline, f"{group}: {left} records did not come"
        for message in member.consume(left, timeout=1):
            assert message.error() is None, message.error()
            first.setdefault(message.partition(), message.offset())
            left -= 1
    committed = {p.partition: p.offset for p in member.commit(asynchronous=False)}
    member.close()
    return first, committed


def commit_alone(connection):
    """Offsets of a group without members, with metadata."""
    offsets = [{"partition_index": p, "committed_offset": 10 + p, "committed_leader_epoch": 0,
                "committed_metadata": f"kept {p}"} for p in range(2)]
    answer = connection.ask(
        "OffsetCommit", version=9, group_id="group-alone", generation_id_or_member_epoch=-1, member_id="",
        group_instance_id=None, topics=[{"name": "groups", "partitions": offsets}])
    assert all(p.error_code == 0 for topic in answer.topics for p in topic.partitions), answer


def share(bootstrap):
    """A share group takes some records; only Kafka's own consumer is one."""
    done = subprocess.run(
        tool("org.apache.kafka.tools.consumer.ConsoleShareConsumer", "--bootstrap-server", bootstrap,
             "--topic", "groups", "--group", "group-share", "--max-messages", "30", "--timeout-ms", "30000"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 0 and len(done.stdout.splitlines()) >= 30, done.stdout[-300:] + done.stderr[-2000:]


def guard(connection):
    """ACLs, SCRAM users, quotas, settings of brokers, groups and metrics."""
    answer = connection.ask("CreateAcls", creations=[
        {"resource_type": kind, "resource_name": name, "resource_pattern_type": pattern, "principal": principal,
         "host": "*", "operation": operation, "permission_type": permission}
        for kind, name, pattern, principal, operation, permission in (
            (2, "codec-none", 3, "User:alice", 3, 3), (2, "codec-", 4, "User:bob", 4, 2),
            (3, "*", 3, "User:carol", 3, 3), (4, "kafka-cluster", 3, "User:dave", 2, 3))])
    assert all(result.error_code == 0 for result in answer.results), answer
    upsertions = [{"name": user, "mechanism": mechanism, "iterations": 4096, "salt": b"salt of " + user.encode(),
                   "salted_password": hashlib.pbkdf2_hmac(hash_name, b"secret", b"salt of " + user.encode(), 4096)}
                  for user, mechanism, hash_name in (("alice", 1, "sha256"), ("bob", 2, "sha512"))]
    answer = connection.ask("AlterUserScramCredentials", deletions=[], upsertions=upsertions)
    assert all(result.error_code == 0 for result in answer.results), answer
    answer = connection.ask("AlterClientQuotas", validate_only=False, entries=[
        {"entity": [{"entity_type": kind, "entity_name": name} for kind, name in entity],
         "ops": [{"key": key, "value": value, "remove": False}]}
        for entity, key, value in (
            ([("user", "alice"), ("client-id", "loader")], "producer_byte_rate", 1e9),
            ([("client-id", None)], "consumer_byte_rate", 2e9),
            ([("ip", "10.1.2.3")], "connection_creation_rate", 5.0))])
    assert all(entry.error_code == 0 for entry in answer.entries), answer
    alter(connection, BROKER, "1", {"log.cleaner.threads": "2", "message.max.bytes": "2097152"})
    alter(connection, BROKER, "", {"num.io.threads": "7", "log.retention.ms": "86400000000"})
    alter(connection, GROUP, "group-consumer", {"consumer.session.timeout.ms": "50000"})
    alter(connection, GROUP, "group-share", {"share.auto.offset.reset": "earliest"})
    alter(connection, CLIENT_METRICS, "metrics", {"interval.ms": "60000", "metrics": "org.apache.kafka.producer."})


def fill_jvm(connection, bootstrap, seed):
    """What only Kafka serves: transactions, groups, and what guards them."""
    transactions(bootstrap, seed)
    for group, protocol in GROUPS.items():
        consume(bootstrap, group, protocol, 300)
    commit_alone(connection)
    guard(connection)
    share(bootstrap)


def go_on_jvm(connection, bootstrap):
    """Groups resume where they had committed, transactions go on, and what was open is ended."""
    for group, protocol in GROUPS.items():
        committed = {p: offset for _, p, offset, *_ in groups.offsets(connection, group)}
        first, _ = consume(bootstrap, group, protocol, 60)
        for partition, offset in first.items():
            assert offset == committed.get(partition, 0), f"{group} resumed {partition} at {offset}, not at {committed}"
    transactions(bootstrap, "go on", rounds=3)
    end_open(bootstrap)
    wait_until_stable(connection)


def wait_until_stable(connection):
    """Markers are written after the producer was told."""
    for _ in range(100):
        last, end = (served.list_offset(connection, "open", 0, served.LATEST, level)[0] for level in (1, 0))
        if last == end:
            return
        time.sleep(0.1)
    raise AssertionError(f"the last stable offset stays at {last}, the end is {end}")
