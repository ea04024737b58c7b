"""Topics' and brokers' settings changed while it runs, on both listeners: what is taken, and every refusal."""
from .common import (APPEND, BROKER, DELETE, GROUP, LOGGER, METRICS, SET, SUBTRACT, TOPIC, altered, described, make_topic, pause,
                     replaced, several)

PROPERTIES = {"log.retention.hours": "100", "num.io.threads": "4", "log.local.retention.ms": "1000"}

LISTENERS = ("", "@")

OF_TOPICS = [
    ("cleanup.policy", ["compact", "delete,compact", "shred", "", "compact,,delete", "compact,compact", "Compact"]),
    ("compression.type", ["gzip", "GZIP", "arj", ""]),
    ("compression.gzip.level", ["0", "10", "9"]),
    ("compression.lz4.level", ["0", "18"]),
    ("compression.zstd.level", ["-131073", "23"]),
    ("delete.retention.ms", ["-1", "0"]),
    ("errors.deadletterqueue.group.enable", ["true"]),
    ("file.delete.delay.ms", ["-1"]),
    ("flush.messages", ["0", "1"]),
    ("flush.ms", ["-1", "0"]),
    ("follower.replication.throttled.replicas", ["*", "0:1", "0", "0:1,x", ""]),
    ("index.interval.bytes", ["-1", "2147483648"]),
    ("internal.segment.bytes", ["1", "0", "100"]),
    ("local.retention.bytes", ["-3", "5"]),
    ("max.compaction.lag.ms", ["0", "1"]),
    ("max.decompressed.message.bytes", ["0", "2147483640"]),
    ("max.message.bytes", ["-1", "x", " 5 "]),
    ("message.timestamp.type", ["createtime", "LogAppendTime"]),
    ("min.cleanable.dirty.ratio", ["1.1", "-0.1", "x", "1"]),
    ("min.insync.replicas", ["0", "2147483647", "2"]),
    ("preallocate", ["yes", "TRUE"]),
    ("remote.storage.enable", ["true", "false"]),
    ("retention.ms", ["-2", "-1", "soon", "9223372036854775808"]),
    ("retention.bytes", ["-2", "-9223372036854775808"]),
    ("segment.bytes", ["1048575", "1048576"]),
    ("segment.index.bytes", ["3"]),
    ("segment.ms", ["0", "1"]),
    ("unclean.leader.election.enable", ["1"]),
    ("message.format.version", ["3.0"]),
    ("log.retention.ms", ["1"]),
    ("", ["1"]),
]


def topics_value_by_value():
    yield from make_topic("t")
    for name, values in OF_TOPICS:
        for value in values:
            for listener in LISTENERS:
                yield f"{name}={value}", f"{listener}IncrementalAlterConfigs", 1, altered(
                    TOPIC, "t", (name, SET, value), validate_only=True)


def shapes():
    good = ("retention.ms", SET, "1000")
    cases = {
        "empty": several(),
        "no configs": altered(TOPIC, "t"),
        "one": altered(TOPIC, "t", good, validate_only=True),
        "same name twice": altered(TOPIC, "t", ("flush.ms", SET, "1"), ("flush.ms", SET, "2"), validate_only=True),
        "set and delete": altered(TOPIC, "t", ("flush.ms", SET, "1"), ("flush.ms", DELETE, None), validate_only=True),
        "null set": altered(TOPIC, "t", ("flush.ms", SET, None), ("retention.ms", SET, None), validate_only=True),
        "delete with value": altered(TOPIC, "t", ("flush.ms", DELETE, "5"), validate_only=True),
        "delete unset": altered(TOPIC, "t", ("flush.ms", DELETE, None), validate_only=True),
        "delete unknown": altered(TOPIC, "t", ("no.such", DELETE, None), validate_only=True),
        "unknown topic": altered(TOPIC, "unknown", good),
        "unknown topic, wrong value": altered(TOPIC, "unknown", ("retention.ms", SET, "x")),
        "no topic": altered(TOPIC, "", good),
        "bad topic": altered(TOPIC, "a b", good),
        "long topic": altered(TOPIC, "x" * 250, good),
        "resource twice": several((TOPIC, "t", [good]), (TOPIC, "t", [good])),
        "resource thrice and one more": several(*[(TOPIC, "t", [good])] * 3, (TOPIC, "unknown", [good])),
        "two kinds of one name": several((TOPIC, "1", [good]), (BROKER, "1", [("log.retention.ms", SET, "x")])),
        "append to no list": altered(TOPIC, "t", ("retention.ms", APPEND, "5")),
        "subtract from no list": altered(TOPIC, "t", ("retention.ms", SUBTRACT, "5")),
        "append to unknown": altered(TOPIC, "t", ("no.such", APPEND, "5")),
        "append wrong": altered(TOPIC, "t", ("cleanup.policy", APPEND, "shred")),
        "append empty": altered(TOPIC, "t", ("cleanup.policy", APPEND, "")),
        "subtract all": altered(TOPIC, "t", ("cleanup.policy", SUBTRACT, "delete"), validate_only=True),
        "subtract what is not there": altered(TOPIC, "t", ("cleanup.policy", SUBTRACT, "compact"), validate_only=True),
        "too long": altered(TOPIC, "t", ("follower.replication.throttled.replicas", SET, "1:1," * 8191 + "1:1")),
        "long": altered(TOPIC, "t", ("follower.replication.throttled.replicas", SET, "1:1," * 8190 + "1:1"), validate_only=True),
        "one of two": several((TOPIC, "unknown", [good]), (TOPIC, "t", [good]), validate_only=True),
        "lags": altered(TOPIC, "t", ("min.compaction.lag.ms", SET, "10"), ("max.compaction.lag.ms", SET, "5")),
    }
    for name, body in cases.items():
        for listener in LISTENERS:
            yield name, f"{listener}IncrementalAlterConfigs", 1, body
    for kind in (0, 1, 3, 64, 127, -1):
        for listener in LISTENERS:
            yield f"kind {kind}", f"{listener}IncrementalAlterConfigs", 1, altered(kind, "x", good)
            yield f"kind {kind} and another", f"{listener}IncrementalAlterConfigs", 0, several(
                (kind, "x", [good]), (TOPIC, "t", [good]), validate_only=True)
            yield f"kind {kind}", f"{listener}AlterConfigs", 2, replaced((kind, "x", {"retention.ms": "1"}))
    yield "operation 9 on broker", "IncrementalAlterConfigs", 1, altered(BROKER, "1", ("log.retention.ms", 9, "1"))
    yield "operation -1 on broker", "IncrementalAlterConfigs", 1, altered(BROKER, "", ("log.retention.ms", -1, "1"))


def topic_changes():
    steps = {
        "set": [("retention.ms", SET, "5000"), ("cleanup.policy", SET, "compact"), ("flush.ms", SET, " 7 ")],
        "append": [("cleanup.policy", APPEND, "delete,compact"), ("leader.replication.throttled.replicas", APPEND, "0:1,0:2")],
        "append again": [("leader.replication.throttled.replicas", APPEND, "0:2,0:3")],
        "subtract": [("leader.replication.throttled.replicas", SUBTRACT, "0:1,0:9,0:3"), ("cleanup.policy", SUBTRACT, "compact")],
        "same": [("retention.ms", SET, "5000")],
        "delete": [("flush.ms", DELETE, None), ("retention.ms", DELETE, None), ("segment.ms", DELETE, None)],
        "subtract the rest": [("leader.replication.throttled.replicas", SUBTRACT, "0:2")],
        "min isr": [("min.insync.replicas", SET, "2")],
    }
    for name, configs in steps.items():
        yield name, "IncrementalAlterConfigs", 1, altered(TOPIC, "t", *configs)
        pause()
        yield f"after {name}", "DescribeConfigs", 4, described((TOPIC, "t"))
    yield "replace", "AlterConfigs", 0, replaced((TOPIC, "t", {"retention.ms": "1", "segment.ms": "2"}))
    pause()
    yield "after replace", "DescribeConfigs", 4, described((TOPIC, "t"))
    yield "replace validated", "AlterConfigs", 1, replaced((TOPIC, "t", {}), validate_only=True)
    yield "replace by nothing", "@AlterConfigs", 2, replaced((TOPIC, "t", {}))
    pause()
    yield "after nothing", "DescribeConfigs", 4, described((TOPIC, "t"))


def legacy_shapes():
    good = {"retention.ms": "1000"}
    cases = {
        "empty": replaced(),
        "unknown topic": replaced((TOPIC, "unknown", good)),
        "no topic": replaced((TOPIC, "", good)),
        "bad topic": replaced((TOPIC, "a b", good)),
        "twice": replaced((TOPIC, "t", good), (TOPIC, "t", {})),
        "name twice": replaced((TOPIC, "t", [("flush.ms", "1"), ("flush.ms", "2")]), validate_only=True),
        "null": replaced((TOPIC, "t", {"flush.ms": None, "retention.ms": None}), validate_only=True),
        "unknown name": replaced((TOPIC, "t", {"no.such": "1"})),
        "wrong value": replaced((TOPIC, "t", {"retention.ms": "x"})),
        "logger": replaced((LOGGER, "1", {"root": "INFO"})),
        "broker read-only": replaced((BROKER, "1", {"num.partitions": "2", "node.id": "2"})),
        "cluster minimum": replaced((BROKER, "", {"log.retention.ms": "5"}), validate_only=True),
        "cluster with minimum": replaced((BROKER, "", {"min.insync.replicas": "1", "log.retention.ms": "5"}), validate_only=True),
        "broker elsewhere": replaced((BROKER, "2", {"log.retention.ms": "5"})),
    }
    for name, body in cases.items():
        for listener in LISTENERS:
            yield name, f"{listener}AlterConfigs", 2, body


# Values of brokers, each on its own at both levels.
OF_BROKERS = [
    ("log.retention.ms", ["5", "-1", "-2", "0", "x", ""]),
    ("log.retention.minutes", ["5"]),
    ("log.retention.hours", ["5"]),
    ("log.roll.ms", ["0", "5", "-1"]),
    ("log.segment.bytes", ["1", "1048576", "2147483648"]),
    ("log.cleanup.policy", ["", "compact", "shred"]),
    ("log.cleaner.threads", ["0", "1", "2", "3"]),
    ("log.cleaner.dedupe.buffer.size", ["1", "1048577"]),
    ("log.cleaner.io.max.bytes.per.second", ["1.5", "x"]),
    ("log.cleaner.min.cleanable.ratio", ["2"]),
    ("log.cleaner.enable", ["false"]),
    ("num.io.threads", ["0", "1", "2", "8", "9"]),
    ("num.network.threads", ["1", "2", "6", "7"]),
    ("num.replica.fetchers", ["2", "3"]),
    ("num.recovery.threads.per.data.dir", ["0", "4", "5"]),
    ("background.threads", ["4", "5", "20", "21"]),
    ("max.connections", ["0", "5"]),
    ("max.connection.creation.rate", ["0", "5"]),
    ("max.connections.per.ip", ["0", "-1"]),
    ("max.connections.per.ip.overrides", ["127.0.0.1:5", "127.0.0.1", "a b:5"]),
    ("message.max.bytes", ["-1", "5"]),
    ("compression.type", ["arj", "snappy"]),
    ("min.insync.replicas", ["0", "1", "2"]),
    ("unclean.leader.election.enable", ["true", "x"]),
    ("log.local.retention.ms", ["-1", "-2", "-3", "400000000"]),
    ("log.remote.copy.lag.ms", ["500", "5000"]),
    ("log.local.retention.bytes", ["5"]),
    ("remote.log.reader.threads", ["4", "5", "20", "21"]),
    ("remote.log.index.file.cache.total.size.bytes", ["0", "5"]),
    ("producer.id.expiration.ms", ["0", "5"]),
    ("transaction.partition.verification.enable", ["false"]),
    ("metric.reporters", ["", "no.such.Class"]),
    ("group.consumer.assignment.interval.ms", ["15000", "15001", "-1"]),
    ("group.coordinator.cached.buffer.max.bytes", ["524287"]),
    ("share.coordinator.cached.buffer.max.bytes", ["524288"]),
    ("leader.replication.throttled.rate", ["-1", "0", "5", "x"]),
    ("replica.alter.log.dirs.io.max.bytes.per.second", ["7"]),
    ("listeners", ["PLAINTEXT://localhost:1", "X", "PLAINTEXT://localhost:1,CONTROLLER://localhost:2"]),
    ("listener.security.protocol.map", ["PLAINTEXT:PLAINTEXT", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,NEW:PLAINTEXT", "CONTROLLER:PLAINTEXT,PLAINTEXT:SSL"]),
    ("config.providers", ["", "file"]),
    ("advertised.listeners", ["PLAINTEXT://localhost:1"]),
    ("ssl.keystore.location", ["/x"]),
    ("ssl.keystore.password", ["x"]),
    ("ssl.client.auth", ["required", "x"]),
    ("sasl.enabled.mechanisms", ["PLAIN"]),
    ("sasl.jaas.config", ["x"]),
    ("listener.name.plaintext.ssl.keystore.location", ["/x"]),
    ("listener.name.plaintext.max.connections", ["5", "0", "x"]),
    ("listener.name.plaintext.num.network.threads", ["2", "7"]),
    ("listener.name.plaintext.num.partitions", ["2"]),
    ("listener.name.controller.max.connections", ["5"]),
    ("cordoned.log.dirs", ["", "*", "/x", "*,/x"]),
    ("num.partitions", ["2"]),
    ("node.id", ["1"]),
    ("no.such.key", ["1", ""]),
    ("principal.builder.class", ["no.such.Class"]),
    ("follower.fetch.last.tiered.offset.enable", ["true"]),
    ("errors.deadletterqueue.topic.name.prefix", ["x."]),
    ("connections.max.reauth.ms", ["5"]),
]


def brokers_value_by_value():
    for name, values in OF_BROKERS:
        for value in values:
            for level in ("", "1"):
                yield f"{level!r} {name}={value}", "IncrementalAlterConfigs", 1, altered(
                    BROKER, level, (name, SET, value), validate_only=True)


def brokers_on_the_controller():
    for name, value in (("log.retention.ms", "x"), ("num.partitions", "2"), ("no.such.key", "1"), ("log.cleaner.threads", "50"),
                        ("min.insync.replicas", "0"), ("cordoned.log.dirs", "/x"), ("cordoned.log.dirs", "")):
        for level in ("", "1", "2", "x", "-1", "+1"):
            yield f"{level!r} {name}={value}", "@IncrementalAlterConfigs", 1, altered(
                BROKER, level, (name, SET, value), validate_only=True)
    for level in ("2", "x", "-1", "+1", " 1"):
        yield f"broker {level!r}", "IncrementalAlterConfigs", 1, altered(
            BROKER, level, ("log.retention.ms", SET, "5"), validate_only=True)
    for operation, name, value in ((APPEND, "log.cleanup.policy", "compact"), (SUBTRACT, "log.cleanup.policy", "delete"),
                                   (APPEND, "log.retention.ms", "5"), (SUBTRACT, "no.such.key", "5"), (APPEND, "no.such.key", "5"),
                                   (APPEND, "sasl.enabled.mechanisms", "PLAIN"), (DELETE, "log.retention.ms", None),
                                   (DELETE, "no.such.key", None), (DELETE, "num.partitions", None), (DELETE, "min.insync.replicas", None),
                                   (SET, "log.retention.ms", None), (APPEND, "listener.name.plaintext.sasl.enabled.mechanisms", "X")):
        for level in ("", "1"):
            for listener in LISTENERS:
                yield f"{level!r} {operation} {name} {value}", f"{listener}IncrementalAlterConfigs", 1, altered(
                    BROKER, level, (name, operation, value), validate_only=True)
    yield "several read-only", "IncrementalAlterConfigs", 1, altered(
        BROKER, "1", ("num.partitions", SET, "2"), ("log.dirs", SET, "/x"), ("broker.rack", SET, "r"), ("process.roles", SET, "broker"))
    yield "several of one broker", "IncrementalAlterConfigs", 1, altered(
        BROKER, "", ("ssl.protocol", SET, "TLS"), ("listeners", SET, "PLAINTEXT://localhost:1"), ("sasl.kerberos.service.name", SET, "k"))
    yield "several key stores", "IncrementalAlterConfigs", 1, altered(
        BROKER, "1", ("ssl.keystore.type", SET, "JKS"), ("ssl.truststore.location", SET, "/x"))


def logger_levels():
    cases = [("1", "root", SET, "WARN"), ("1", "root", SET, "warn"), ("1", "root", SET, "OFF"), ("1", "root", SET, ""),
             ("1", "root", DELETE, None), ("1", "no.such.logger", SET, "INFO"), ("1", "no.such.logger", DELETE, None),
             ("1", "root", APPEND, "INFO"), ("1", "root", SUBTRACT, "INFO"), ("1", "root", 9, "INFO"), ("1", "root", SET, None),
             ("2", "root", SET, "INFO"), ("", "root", SET, "INFO"), ("x", "root", SET, "INFO")]
    for name, logger, operation, value in cases:
        for listener in LISTENERS:
            yield f"{name!r} {logger} {operation} {value}", f"{listener}IncrementalAlterConfigs", 1, altered(
                LOGGER, name, (logger, operation, value), validate_only=True)
    yield "warn", "IncrementalAlterConfigs", 1, altered(LOGGER, "1", ("root", SET, "WARN"))
    yield "warned", "DescribeConfigs", 4, described((LOGGER, "1"), keys=["root"], documentation=True)
    yield "info", "@IncrementalAlterConfigs", 1, altered(LOGGER, "1", ("root", SET, "INFO"))
    yield "informed", "@DescribeConfigs", 4, described((LOGGER, "1"), keys=["root"])
    yield "informed", "DescribeConfigs", 1, described((LOGGER, "1"), keys=["root"])


def broker_changes():
    steps = [
        ("", [("log.retention.ms", SET, "50000"), ("log.local.retention.ms", SET, "-2")]),
        ("1", [("log.retention.ms", SET, "60000"), ("log.flush.interval.ms", SET, "3")]),
        ("1", [("log.retention.ms", DELETE, None)]),
        ("", [("log.cleanup.policy", APPEND, "compact"), ("no.such.key", SET, "x")]),
        ("", [("log.cleanup.policy", SUBTRACT, "delete"), ("no.such.key", DELETE, None)]),
        ("1", [("num.io.threads", SET, "8"), ("background.threads", SET, "20")]),
        ("1", [("num.io.threads", SET, "16"), ("background.threads", SET, "40")]),
        ("1", [("num.io.threads", SET, "3")]),
        ("", [("min.insync.replicas", SET, "2")]),
        ("1", [("min.insync.replicas", SET, "1")]),
        ("1", [("background.threads", DELETE, None), ("log.flush.interval.ms", DELETE, None)]),
    ]
    for index, (level, configs) in enumerate(steps):
        yield f"step {index}", "IncrementalAlterConfigs", 1, altered(BROKER, level, *configs)
        pause()
        yield f"topic after {index}", "DescribeConfigs", 4, described((TOPIC, "t"))
        yield f"brokers after {index}", "DescribeConfigs", 4, described((BROKER, ""), (BROKER, "1"))
    # Past the broker: what does not hold is kept, and counts for nothing.
    yield "unseen", "@IncrementalAlterConfigs", 1, altered(
        BROKER, "1", ("log.roll.ms", SET, "x"), ("num.partitions", SET, "7"), ("log.segment.ms", SET, "1"), ("message.max.bytes", SET, "7"))
    pause()
    yield "after unseen", "DescribeConfigs", 4, described((BROKER, ""), (BROKER, "1"), (TOPIC, "t"))
    yield "after unseen", "@DescribeConfigs", 4, described((BROKER, ""), (BROKER, "1"), (TOPIC, "t"))
    yield "add to unseen", "IncrementalAlterConfigs", 1, altered(BROKER, "1", ("log.roll.jitter.ms", SET, "9"))
    pause()
    yield "after adding", "DescribeConfigs", 4, described((BROKER, "1"))


CHAPTERS = [topics_value_by_value, shapes, topic_changes, legacy_shapes, brokers_value_by_value, brokers_on_the_controller,
            logger_levels, broker_changes]
