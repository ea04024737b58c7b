"""A broker whose file sets much: unknown names, secrets, internal keys, listeners' own, every unit and type."""
from .common import (APPEND, BROKER, DELETE, GROUP, METRICS, SET, TOPIC, altered, described, make_topic, pause)

PROPERTIES = {
    # Topic defaults, in the units that are not the first.
    "log.retention.minutes": "600",
    "log.retention.hours": "7",
    "log.retention.bytes": "123456789012",
    "log.roll.hours": "24",
    "log.roll.jitter.hours": "1",
    "log.segment.bytes": " 2000000 ",
    "log.flush.scheduler.interval.ms": "77777",
    "log.flush.interval.messages": "10000",
    "log.cleanup.policy": "compact, delete",
    "log.cleaner.min.cleanable.ratio": "0.25",
    "log.cleaner.io.max.bytes.per.second": "12345678.5",
    "log.cleaner.delete.retention.ms": "1000",
    "log.cleaner.threads": "2",
    "log.cleaner.io.buffer.load.factor": "1e-3",
    "log.index.size.max.bytes": "1048576",
    "log.index.interval.bytes": "0",
    "log.preallocate": "TRUE",
    "log.message.timestamp.type": "LogAppendTime",
    "log.message.timestamp.after.max.ms": "0",
    "log.segment.delete.delay.ms": "0",
    "compression.type": "zstd",
    "compression.zstd.level": "-5",
    "compression.gzip.level": "9",
    "compression.lz4.level": "1",
    "message.max.bytes": "999999",
    "max.decompressed.message.bytes": "12345678",
    "unclean.leader.election.enable": "true",
    "min.insync.replicas": "1",
    "num.partitions": "3",
    "default.replication.factor": "1",
    "log.local.retention.ms": "-2",
    "log.remote.copy.lag.ms": "-1",
    # Sockets, threads, quotas.
    "socket.send.buffer.bytes": "-1",
    "socket.request.max.bytes": "1000000",
    "queued.max.request.bytes": "2000000",
    "max.connections.per.ip.overrides": "127.0.0.1:500,::1:600",
    "connections.max.idle.ms": "3600000",
    "num.io.threads": "4",
    "num.network.threads": "2",
    "background.threads": "5",
    "num.replica.alter.log.dirs.threads": "1",
    "metric.reporters": "",
    "metrics.recording.level": "DEBUG",
    "quota.window.num": "5",
    # Names, lists, classes, secrets.
    "broker.rack": "r 1",
    "early.start.listeners": "CONTROLLER",
    "controller.quorum.bootstrap.servers": "localhost:{controller}",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,PLAIN",
    "sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";",
    "sasl.kerberos.ticket.renew.jitter": "0.5",
    "sasl.oauthbearer.client.credentials.client.secret": "secret",
    "ssl.keystore.password": "secret",
    "ssl.cipher.suites": "",
    "ssl.client.auth": "requested",
    "ssl.principal.mapping.rules": "RULE:^CN=(.*?)$/$1/L,DEFAULT",
    "super.users": "User:admin",
    "allow.everyone.if.no.acl.found": "true",
    "listener.name.plaintext.ssl.keystore.location": "/no/such/file",
    "listener.name.plaintext.ssl.keystore.password": "secret",
    "listener.name.plaintext.plain.sasl.jaas.config": "secret",
    "listener.name.plaintext.max.connections": "1000",
    "listener.name.plaintext.num.network.threads": "2",
    "listener.name.plaintext.no.such.key": "1",
    "rsm.config.password": "secret",
    "zookeeper.connect": "localhost:2181",
    "a.key.nobody.knows": "its value",
    # Groups.
    "group.coordinator.rebalance.protocols": "classic,consumer,share",
    "group.consumer.session.timeout.ms": "50000",
    "group.consumer.heartbeat.interval.ms": "6000",
    "group.consumer.migration.policy": "Upgrade",
    "group.consumer.assignors": "range",
    "group.share.delivery.count.limit": "7",
    "group.streams.num.standby.replicas": "1",
    "group.streams.rack.aware.assignment.tags": "zone,cluster",
    "group.coordinator.append.linger.ms": "5",
    # Internal.
    "log.initial.task.delay.ms": "500",
    "producer.id.expiration.check.interval.ms": "5000",
    "group.consumer.regex.refresh.interval.ms": "700000",
    "group.share.assignor.offload.enable": "false",
    "group.streams.num.warmup.replicas": "4",
    "unclean.leader.election.interval.ms": "1000",
    "controller.performance.sample.period.ms": "30000",
}

EVERYTHING = [(BROKER, "1"), (BROKER, ""), (TOPIC, "plain"), (TOPIC, "own"), (GROUP, "g"), (GROUP, "own"), (METRICS, "own")]

TOPIC_CONFIGS = {
    "cleanup.policy": "delete,compact", "retention.ms": "-1", "flush.messages": " 5 ", "internal.segment.bytes": "5000",
    "compression.type": "lz4", "min.cleanable.dirty.ratio": "1", "preallocate": "False",
    "leader.replication.throttled.replicas": "0:1,1:1", "remote.storage.enable": "false", "segment.jitter.ms": "+7",
}


def told():
    yield from make_topic("plain")
    yield "own", "CreateTopics", 7, {**created_with(TOPIC_CONFIGS, "refused"), "validate_only": True}
    yield from make_topic("own", TOPIC_CONFIGS)
    yield "group", "IncrementalAlterConfigs", 1, altered(GROUP, "own", ("consumer.session.timeout.ms", SET, "55000"),
                                                         ("streams.task.offset.interval.ms", SET, "16000"),
                                                         ("share.auto.offset.reset", SET, "by_duration:PT1H"))
    yield "metrics", "IncrementalAlterConfigs", 1, altered(METRICS, "own", ("interval.ms", SET, "1000"), ("match", SET, "client_id=a.*, client_source_port=9"))
    pause()
    yield from ask("file")


def created_with(configs, name):
    return {"topics": [{"name": name, "num_partitions": 2, "replication_factor": 1, "assignments": [],
                        "configs": [{"name": key, "value": value} for key, value in configs.items()]}],
            "timeout_ms": 30000}


def ask(when):
    for resource in EVERYTHING:
        yield f"{when} {resource}", "DescribeConfigs", 4, described(resource, documentation=True)
    yield f"{when} broker", "@DescribeConfigs", 4, described((BROKER, "1"))
    yield f"{when} topic", "@DescribeConfigs", 4, described((TOPIC, "own"))
    yield f"{when} topic made then", "CreateTopics", 7, {**created_with({}, "refused"), "validate_only": True}


def with_cluster_values():
    yield "cluster", "IncrementalAlterConfigs", 1, altered(
        BROKER, "", ("log.retention.ms", SET, "1000000"), ("log.roll.ms", SET, "2000000"), ("log.segment.bytes", SET, "3000000"),
        ("log.cleanup.policy", APPEND, "delete"), ("compression.type", SET, "gzip"), ("no.such.key", SET, "cluster"),
        ("message.max.bytes", SET, " 777777 "), ("max.connections", SET, "500"), ("log.flush.interval.ms", SET, "4444"),
        ("leader.replication.throttled.rate", SET, "1000"), ("listener.name.plaintext.max.connections", SET, "900"),
        ("group.consumer.assignment.interval.ms", SET, "2000"), ("log.cleaner.threads", SET, "3"))
    pause()
    yield from ask("cluster")


def with_own_values():
    yield "broker", "IncrementalAlterConfigs", 1, altered(
        BROKER, "1", ("log.retention.ms", SET, "5"), ("log.segment.bytes", SET, "4000000"), ("no.such.key", SET, "broker"),
        ("log.roll.jitter.ms", SET, "1"), ("num.io.threads", SET, "8"), ("follower.replication.throttled.rate", SET, "0"),
        ("listener.name.plaintext.ssl.key.password", SET, "hidden"), ("listener.name.plaintext.sasl.enabled.mechanisms", SET, "PLAIN"),
        ("listener.name.plaintext.plain.sasl.jaas.config", SET, "hidden"), ("cordoned.log.dirs", SET, ""))
    pause()
    yield from ask("broker")


def without_cluster_values():
    yield "cluster", "IncrementalAlterConfigs", 1, altered(
        BROKER, "", ("log.retention.ms", DELETE, None), ("log.roll.ms", DELETE, None), ("no.such.key", DELETE, None),
        ("log.flush.interval.ms", DELETE, "x"))
    pause()
    yield from ask("broker alone")


CHAPTERS = [told, with_cluster_values, with_own_values, without_cluster_values]
