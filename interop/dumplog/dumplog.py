"""Fills a folder through a client, then lets Kafka's kafka-dump-log read every file of it, deep.

Once after a clean stop and once after kill -9 and a clean restart. A complaint of the tool, or a file that
it cannot name a kind for, fails the suite.
"""
import re

import confluent_kafka

import dataset
from broker import Broker
from clients import confluent
from dump import dump, parts

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def fill(bootstrap, records):
    for codec in CODECS:
        topic = f"dump-{codec}"
        confluent.create_topic(bootstrap, topic, 2, {"segment.bytes": "1048576", "index.interval.bytes": "1024"})
        producer = confluent_kafka.Producer({
            "bootstrap.servers": bootstrap, "enable.idempotence": True, "compression.type": codec,
            "partitioner": "murmur2_random", "linger.ms": 5, "queue.buffering.max.messages": 1_000_000,
        })
        for key, value in records:
            producer.produce(topic, value, key, headers=[("codec", codec), ("codec", None)])
            producer.poll(0)
        assert producer.flush(60) == 0


def audit(data, count):
    """Logs deep, indexes checked, producer snapshots read; returns the number of files read."""
    folders = sorted(data.glob("dump-*"))
    logs = [file for folder in folders for file in sorted(folder.glob("*.log"))]
    per_topic = {f"dump-{codec}": 0 for codec in CODECS}
    for folder in folders:
        per_topic[folder.name.rpartition("-")[0]] += audit_offsets(folder)
    assert all(n == count for n in per_topic.values()), per_topic
    others = [file for kind in ("index", "timeindex", "snapshot") for file in sorted(data.glob(f"dump-*/*.{kind}"))]
    dump(others)
    dump([file for file in others if file.suffix == ".index"], "--index-sanity-check")
    return len(logs) + len(others) + audit_metadata(data / "__cluster_metadata-0")


def audit_offsets(folder):
    """Every segment of a partition deep: offsets are dense; returns their number."""
    printed = parts(dump(sorted(folder.glob("*.log")), "--deep-iteration"))
    numbers = [int(n) for file in sorted(printed)
               for n in re.findall(r"^\| offset: (\d+) ", printed[file], re.MULTILINE)]
    assert numbers == list(range(len(numbers))), f"{folder}: offsets not dense"
    return len(numbers)


def audit_metadata(folder):
    logs, checkpoints = sorted(folder.glob("*.log")), sorted(folder.glob("*.checkpoint"))
    text = dump(logs, "--cluster-metadata-decoder")
    for record in ("REGISTER_BROKER_RECORD", "TOPIC_RECORD", "PARTITION_RECORD", "FEATURE_LEVEL_RECORD"):
        assert record in text, f"no {record} in the metadata log"
    assert checkpoints, "no bootstrap checkpoint"
    dump(checkpoints, "--cluster-metadata-decoder")
    return len(logs) + len(checkpoints)


def main():
    records = dataset.load()[:60_000]
    with Broker() as broker:
        fill(broker.bootstrap, records)
        broker.kill()
        broker.start()
        assert broker.stop() == 0
        after_kill = audit(broker.data, len(records))
        broker.start()
        assert broker.stop() == 0
        after_stop = audit(broker.data, len(records))
    print(f"dump-log read {after_kill} files after a kill and a stop, {after_stop} after another start and stop")
    print("dumplog: 2 passed, 0 failed")


if __name__ == "__main__":
    main()
