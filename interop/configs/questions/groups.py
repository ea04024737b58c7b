"""Groups and client-metrics subscriptions: what is taken, what is refused, what is listed."""
from .common import (APPEND, DELETE, GROUP, METRICS, SET, SUBTRACT, altered, described, pause, replaced, several)

PROPERTIES = {"group.streams.assignors": "sticky", "group.consumer.max.session.timeout.ms": "70000"}

OF_GROUPS = [
    ("consumer.session.timeout.ms", ["44999", "45000", "70000", "70001", "x", "", "-1", "2147483648", " 46000 ", "+46000"]),
    ("consumer.heartbeat.interval.ms", ["4999", "5000", "15000", "15001", "0"]),
    ("consumer.assignment.interval.ms", ["-1", "0", "15000", "15001"]),
    ("share.session.timeout.ms", ["44999", "60000", "60001"]),
    ("share.heartbeat.interval.ms", ["4999", "15001"]),
    ("share.record.lock.duration.ms", ["999", "14999", "15000", "60001"]),
    ("share.delivery.count.limit", ["1", "2", "10", "11"]),
    ("share.partition.max.record.locks", ["99", "100", "4001"]),
    ("share.assignment.interval.ms", ["15001", "7"]),
    ("share.auto.offset.reset", ["latest", "earliest", "none", "by_duration:PT1H", "by_duration:1h", "by_duration:-PT1H"]),
    ("share.isolation.level", ["read_committed", "READ_COMMITTED", "serializable"]),
    ("share.renew.acknowledge.enable", ["true", "maybe"]),
    ("streams.session.timeout.ms", ["44999", "60001"]),
    ("streams.heartbeat.interval.ms", ["4999", "6000"]),
    ("streams.num.standby.replicas", ["-1", "2", "3"]),
    ("streams.num.warmup.replicas", ["-1", "20", "21"]),
    ("streams.task.offset.interval.ms", ["14999", "15000"]),
    ("streams.acceptable.recovery.lag", ["-1", "0"]),
    ("streams.assignment.interval.ms", ["15001"]),
    ("streams.assignor.name", ["sticky", "none", ""]),
    ("streams.rack.aware.assignment.tags", ["a,b", "a,a", "a, a", "a,,b", ""]),
    ("streams.initial.rebalance.delay.ms", ["-1", "0"]),
    ("errors.deadletterqueue.topic.name", ["dlq.a", "__a", "a b", ""]),
    ("errors.deadletterqueue.copy.record.enable", ["true", "x"]),
    ("no.such.key", ["1"]),
    ("session.timeout.ms", ["1"]),
]

OF_METRICS = [
    ("interval.ms", ["99", "100", "3600000", "3600001", "x", "", "-1", "0"]),
    ("metrics", ["", "*", "org.apache.kafka.", "a,b", "a,,b", "a, a"]),
    ("match", ["", "client_id=a", "client_id", "client_id=", "=a", "client_id=a=b", "client_id==", " client_id = a ", "id=a", "client_id=a,client_software_name=b",
               "client_id=a,b", "client_id=(", "client_id=[a", "client_id=*", "client_id=a{2", "client_id=\\\\", "client_id=(?<n>a)\\\\k<n>",
               "client_id=[[:alpha:]]+", "client_id=a++", "client_id=(?=a)"]),
    ("no.such.key", ["1"]),
]


def groups_value_by_value():
    for name, values in OF_GROUPS:
        for value in values:
            yield f"{name}={value}", "IncrementalAlterConfigs", 1, altered(GROUP, "g", (name, SET, value), validate_only=True)
    yield "heartbeat above session", "IncrementalAlterConfigs", 1, altered(
        GROUP, "g", ("consumer.session.timeout.ms", SET, "45000"), ("consumer.heartbeat.interval.ms", SET, "15000"))
    yield "two wrong", "IncrementalAlterConfigs", 1, altered(
        GROUP, "g", ("share.delivery.count.limit", SET, "11"), ("consumer.heartbeat.interval.ms", SET, "1"), validate_only=True)
    yield "no name", "IncrementalAlterConfigs", 1, altered(GROUP, "", ("consumer.heartbeat.interval.ms", SET, "5000"))
    for operation in (APPEND, SUBTRACT):
        yield f"list {operation}", "IncrementalAlterConfigs", 1, altered(
            GROUP, "g", ("streams.rack.aware.assignment.tags", operation, "a"))
    pause()
    yield "then", "DescribeConfigs", 4, described((GROUP, "g"))


def metrics_value_by_value():
    for name, values in OF_METRICS:
        for value in values:
            yield f"{name}={value}", "IncrementalAlterConfigs", 1, altered(METRICS, "m", (name, SET, value), validate_only=True)
    yield "no name", "IncrementalAlterConfigs", 1, altered(METRICS, "", ("interval.ms", SET, "100"))
    for operation in (APPEND, SUBTRACT):
        yield f"list {operation}", "IncrementalAlterConfigs", 1, altered(METRICS, "m", ("metrics", operation, "a"))


def changed():
    yield "group", "IncrementalAlterConfigs", 1, altered(
        GROUP, "g", ("consumer.session.timeout.ms", SET, "60000"), ("consumer.assignor.offload.enable", SET, "false"),
        ("streams.rack.aware.assignment.tags", SET, "zone, rack"))
    yield "metrics", "IncrementalAlterConfigs", 0, altered(METRICS, "m", ("metrics", SET, "a, b"), ("interval.ms", SET, "500"))
    yield "others", "IncrementalAlterConfigs", 1, several((GROUP, "a b", [("share.isolation.level", SET, "read_committed")]),
                                                           (METRICS, "a b", [("metrics", SET, "")]))
    pause()
    for resource in ((GROUP, "g"), (GROUP, "a b"), (GROUP, "x"), (METRICS, "m"), (METRICS, "a b"), (METRICS, "x")):
        yield f"{resource}", "DescribeConfigs", 4, described(resource, documentation=True)
    yield "all", "ListConfigResources", 1, {"resource_types": []}
    yield "metrics", "ListConfigResources", 0, {}
    yield "replaced", "AlterConfigs", 2, replaced((GROUP, "g", {"share.isolation.level": "read_committed"}), (METRICS, "m", {"match": "client_id=a"}))
    yield "emptied", "IncrementalAlterConfigs", 1, several((GROUP, "a b", [("share.isolation.level", DELETE, None)]),
                                                            (METRICS, "a b", [("metrics", DELETE, None)]))
    pause()
    for resource in ((GROUP, "g"), (GROUP, "a b"), (METRICS, "m"), (METRICS, "a b")):
        yield f"{resource} then", "DescribeConfigs", 4, described(resource)
    yield "all then", "ListConfigResources", 1, {"resource_types": []}
    yield "metrics then", "ListConfigResources", 0, {}
    yield "wrong", "AlterConfigs", 2, replaced((GROUP, "g", {"no.such.key": "1"}), (METRICS, "m", {"no.such.key": "1"}), (GROUP, "", {}), (METRICS, "", {}))


CHAPTERS = [groups_value_by_value, metrics_value_by_value, changed]
