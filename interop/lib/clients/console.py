"""Kafka's own console producer and consumer (Java client)."""
import subprocess

from dataset import Digest
from jvm import tool


def write(bootstrap, topic, codec, records, lines):
    with open(lines, "rb") as source:
        subprocess.run(
            tool("org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", bootstrap, "--topic", topic,
                 "--reader-property", "parse.key=true", "--reader-property", "key.separator=\t",
                 "--compression-codec", codec, "--command-property", "linger.ms=20"),
            stdin=source, stdout=subprocess.DEVNULL, check=True, timeout=180)


def read(bootstrap, topic, ends):
    """A partition at a time: without a group the console consumer takes one."""
    digest = Digest()
    for partition, end in ends.items():
        if end == 0:
            continue
        done = subprocess.run(
            tool("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", bootstrap,
                 "--topic", topic, "--partition", str(partition), "--offset", "earliest",
                 "--max-messages", str(end), "--timeout-ms", "20000",
                 "--formatter-property", "print.key=true", "--formatter-property", "print.partition=true",
                 "--formatter-property", "key.separator=\t"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)
        assert done.returncode == 0, done.stderr.decode()
        for line in done.stdout.splitlines():
            where, key, value = line.split(b"\t", 2)
            assert where == b"Partition:%d" % partition, where
            digest.add(partition, key, value)
    return digest
