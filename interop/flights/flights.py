"""Every flight out of New York in 2013 goes in by each client with each codec and out by each client.

`--quick`: the flights of January to mid April go in by Kafka's console producer only, and each topic is read by one
of the clients in turn; the others write in the suite `clients`.

Compared: counts, hashes of each key's values in order, and that equal keys lie in the partitions
that the Java client chooses.
"""
import argparse
import contextlib
import subprocess
import tempfile
import time

import clients
import dataset
from broker import Broker
from clients import confluent
from jvm import tool

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PARTITIONS = 3
# So many flights, if it has to be quick.
QUICK = 100_000


def round_trips(bootstrap, records, lines, codecs, writers, readers_of):
    wanted = dataset.expected(records).contents()
    placement = None
    passed = 0
    for writer in writers:
        for codec in codecs:
            topic = f"flights-{writer}-{codec}"
            confluent.create_topic(bootstrap, topic, PARTITIONS)
            started = time.monotonic()
            clients.ALL[writer].write(bootstrap, topic, codec, records, lines)
            wrote = time.monotonic() - started
            ends = confluent.ends(bootstrap, topic, PARTITIONS)
            assert sum(ends.values()) == len(records), (topic, ends)
            report = []
            for reader in readers_of(writer, codec):
                started = time.monotonic()
                got = clients.ALL[reader].read(bootstrap, topic, ends)
                assert got.total() == len(records), (topic, reader, got.total())
                assert got.contents() == wanted, f"{topic} read by {reader}: contents differ"
                placement = placement or got.placement()
                assert got.placement() == placement, f"{topic} read by {reader}: {got.placement()}"
                report.append(f"{reader} {time.monotonic() - started:.1f} s")
                passed += 1
            print(f"{writer:16}{codec:8}in {wrote:.1f} s; out by {', '.join(report)}", flush=True)
    return passed


def perf_tool(bootstrap, lines):
    """Kafka's producer-perf-test takes random lines of the file; the end offsets tell how many came."""
    topic, count = "flights-perf", 100_000
    confluent.create_topic(bootstrap, topic, PARTITIONS)
    done = subprocess.run(
        tool("org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", str(count),
             "--payload-file", lines, "--throughput", "-1", "--command-property",
             f"bootstrap.servers={bootstrap}", "acks=all"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    ends = confluent.ends(bootstrap, topic, PARTITIONS)
    assert sum(ends.values()) == count, ends
    got = clients.ALL["kcat"].read(bootstrap, topic, ends)
    assert got.total() == count, got.total()
    print(f"perf tool       {done.stdout.strip().splitlines()[-1]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", help="a broker that is already there")
    parser.add_argument("--quick", action="store_true", help="fewer flights, writers and readers")
    args = parser.parse_args()
    records = dataset.load()[:QUICK if args.quick else None]
    # The console producer comes first: its partitions are what the others are held against.
    names = ["console", *(name for name in clients.ALL if name != "console")]

    def readers_of(writer, codec):
        if not args.quick:
            return names
        return [names[CODECS.index(codec) % len(names)]]

    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".tsv"))
        lines.writelines(f"{key}\t{value}\n" for key, value in records)
        lines.flush()
        bootstrap = args.bootstrap or stack.enter_context(Broker()).bootstrap
        passed = round_trips(bootstrap, records, lines.name, CODECS,
                             names[:1] if args.quick else names, readers_of)
        perf_tool(bootstrap, lines.name)
    print(f"flights: {passed + 1} passed, 0 failed")


if __name__ == "__main__":
    main()
