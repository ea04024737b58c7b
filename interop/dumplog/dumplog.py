"""Fills a folder through a client, then lets Kafka's kafka-dump-log read every file of it, deep.

Once after a clean stop and once after kill -9 and a clean restart. A complaint of the tool, or a file that
it cannot name a kind for, fails the suite.
"""
import re
import subprocess

import confluent_kafka

import dataset
from broker import Broker
from clients import confluent
from jvm import tool

# The tool calls every segment that does not begin at offset 0 non-consecutive ("-1 is followed by ..."), also
# of Kafka's own making; offsets missing between two records do count.
COMPLAINTS = re.compile(
    r"isvalid: false|Found timestamp mismatch|Mismatches in|Found indexed offset|Found out of order|"
    r"^ +\d+ is followed by|Could not|Exception|corrupt|invalid|Skipping", re.IGNORECASE | re.MULTILINE)
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


def dump(files, *options):
    done = subprocess.run(
        tool("org.apache.kafka.tools.DumpLogSegments", *options, "--files", ",".join(map(str, files))),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    complaint = COMPLAINTS.search(done.stdout)
    if done.returncode or complaint:
        around = done.stdout[max(0, complaint.start() - 500):][:2000] if complaint else done.stdout[-2000:]
        raise AssertionError(f"{' '.join(map(str, files))}: exit {done.returncode}\n{around}")
    return done.stdout


def audit(data, count):
    """Every partition folder: logs deep, indexes checked, producer snapshots read; returns files read."""
    read = 0
    for folder in sorted(data.glob("dump-*")):
        logs = sorted(folder.glob("*.log"))
        text = dump(logs, "--deep-iteration")
        numbers = [int(n) for n in re.findall(r"^\| offset: (\d+) ", text, re.MULTILINE)]
        assert numbers == list(range(len(numbers))), f"{folder}: offsets not dense"
        indexes = sorted([*folder.glob("*.index"), *folder.glob("*.timeindex"), *folder.glob("*.snapshot")])
        dump(indexes)
        dump(sorted(folder.glob("*.index")), "--index-sanity-check")
        read += len(logs) + len(indexes)
    per_topic = {codec: 0 for codec in CODECS}
    for codec in CODECS:
        for folder in data.glob(f"dump-{codec}-*"):
            text = dump(sorted(folder.glob("*.log")), "--deep-iteration")
            per_topic[codec] += len(re.findall(r"^\| offset: ", text, re.MULTILINE))
    assert all(n == count for n in per_topic.values()), per_topic
    metadata = data / "__cluster_metadata-0"
    text = dump(sorted(metadata.glob("*.log")), "--cluster-metadata-decoder")
    for record in ("REGISTER_BROKER_RECORD", "TOPIC_RECORD", "PARTITION_RECORD", "FEATURE_LEVEL_RECORD"):
        assert record in text, f"no {record} in the metadata log"
    checkpoints = sorted(metadata.glob("*.checkpoint"))
    assert checkpoints, "no bootstrap checkpoint"
    dump(checkpoints, "--cluster-metadata-decoder")
    return read + len(list(metadata.glob("*.log"))) + len(checkpoints)


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
