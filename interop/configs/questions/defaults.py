"""A broker on defaults: everything it describes, in every version, and what cannot be described."""
from .common import BROKER, GROUP, LOGGER, METRICS, TOPIC, described, make_topic

PROPERTIES = {}

EVERYTHING = [(BROKER, "1"), (BROKER, ""), (TOPIC, "plain"), (GROUP, "g"), (METRICS, "m")]


def everything():
    yield from make_topic("plain")
    for resource in EVERYTHING:
        for version in (1, 2, 3, 4):
            yield f"{resource} bare", "DescribeConfigs", version, described(resource, synonyms=False)
            yield f"{resource} synonyms", "DescribeConfigs", version, described(resource)
        for version in (3, 4):
            yield f"{resource} documented", "DescribeConfigs", version, described(
                resource, synonyms=False, documentation=True)
            yield f"{resource} all", "DescribeConfigs", version, described(resource, documentation=True)
        yield f"{resource} all", "@DescribeConfigs", 4, described(resource, documentation=True)
    yield "five at once", "DescribeConfigs", 4, described(*EVERYTHING)
    yield "none", "DescribeConfigs", 4, described()
    yield "twice", "DescribeConfigs", 4, described((TOPIC, "plain"), (TOPIC, "plain"))


def some_keys():
    for resource in EVERYTHING:
        for keys in ([], ["log.retention.ms"], ["retention.ms", "no.such.key", "retention.ms"], ["no.such.key"], [""],
                     ["internal.segment.bytes"], ["log.initial.task.delay.ms"], ["min.insync.replicas"],
                     ["interval.ms", "consumer.session.timeout.ms"], ["RETENTION.MS"]):
            yield f"{resource} {keys}", "DescribeConfigs", 4, described(resource, keys=keys)


def nothing_to_describe():
    names = {TOPIC: ["unknown", "", "a b", ".", "x" * 250, "__cluster_metadata"],
             BROKER: ["2", "-1", "x", "1 ", "+1", "01", "2147483648", "1.0"],
             LOGGER: ["", "2", "x", "-1"],
             GROUP: ["", "a b", "x" * 300],
             METRICS: ["", "a b", "x" * 300]}
    for kind, texts in names.items():
        for text in texts:
            for api in ("DescribeConfigs", "@DescribeConfigs"):
                yield f"{kind} {text[:20]!r}", api, 4, described((kind, text))
    for kind in (0, 1, 3, 5, 64, 127, -1, -128):
        yield f"kind {kind}", "DescribeConfigs", 4, described((kind, "x"))
        yield f"kind {kind}", "@DescribeConfigs", 4, described((kind, "x"))
        yield f"kind {kind} among others", "DescribeConfigs", 4, described((TOPIC, "plain"), (kind, "1"))
    yield "one of two", "DescribeConfigs", 4, described((TOPIC, "unknown"), (TOPIC, "plain"), keys=["retention.ms"])


def lists():
    yield "plain", "ListConfigResources", 0, {}
    for kinds in ([], [TOPIC], [BROKER], [LOGGER], [METRICS], [GROUP], [TOPIC, GROUP, TOPIC], [0], [3], [TOPIC, 127],
                  [-1], [TOPIC, BROKER, LOGGER, METRICS, GROUP]):
        yield f"kinds {kinds}", "ListConfigResources", 1, {"resource_types": kinds}


CHAPTERS = [everything, some_keys, nothing_to_describe, lists]
