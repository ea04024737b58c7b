"""kcat as Debian packages it: an old librdkafka (2.0.2)."""
import subprocess

from dataset import Digest


def write(bootstrap, topic, codec, records, lines):
    line = ["kcat", "-P", "-b", bootstrap, "-t", topic, "-K", "\t", "-X", "partitioner=murmur2_random",
            "-X", "acks=all", "-X", "linger.ms=20", "-X", "queue.buffering.max.messages=1000000"]
    if codec != "none":
        line += ["-z", codec]
    with open(lines, "rb") as source:
        subprocess.run(line, stdin=source, check=True, timeout=180)


def read(bootstrap, topic, ends):
    done = subprocess.run(
        ["kcat", "-C", "-b", bootstrap, "-t", topic, "-o", "beginning", "-e", "-q", "-X", "check.crcs=true",
         "-f", "%p\t%k\t%s\n"],
        check=True, timeout=180, stdout=subprocess.PIPE)
    digest = Digest()
    for line in done.stdout.splitlines():
        partition, key, value = line.split(b"\t", 2)
        digest.add(int(partition), key, value)
    return digest
