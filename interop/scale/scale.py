#!/usr/bin/env python3
"""Many partitions on one node: how long starts and stops take, and what they cost. Run by hand, not in CI.

    interop/scale/scale.py [--partitions 10000] [--topics 10] [--rounds 3] [--kafka KAFKA_SH] [--dir DIR]

A round: a fresh node, topics created, one record to every partition, a clean stop, a start, one more record to every
partition, `kill -9`, a start, a stop. With --kafka, rounds of Klamm and of a JVM broker take turns; KAFKA_SH is a script that
knows `format DIR PORT` and `run DIR` (in the foreground, with exec). Needs Python alone. KLAMM_BIN names the binary.

Creating files is slow on some file systems for a minute after many were deleted, so all folders stay until the end.
"start" is from exec to the first Metadata answer in which every partition has its leader. CPU is of the node's process, user
and system; it says more than the time where others use the machine too. Printed: medians of the rounds.
"""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

PATIENCE = 300
PRODUCE, METADATA, CREATE_TOPICS = (0, 3), (3, 1), (19, 2)


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def batch():
    """One record of 100 bytes, without a key."""
    body = bytes([0, 0, 0, 1]) + b"\xc8\x01" + b"x" * 100 + bytes([0])
    record = bytes([len(body) << 1 & 127 | 128, len(body) >> 6]) + body
    now = int(time.time() * 1000)
    checked = struct.pack(">hiqqqhii", 0, 0, now, now, -1, -1, -1, 1) + record
    return struct.pack(">qiibI", 0, 9 + len(checked), -1, 2, crc32c(checked)) + checked


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")

    def send(self, api, body):
        message = struct.pack(">hhi", *api, 7) + text("scale") + body
        self.socket.sendall(struct.pack(">i", len(message)) + message)

    def receive(self):
        size, = struct.unpack(">i", self.exactly(4))
        return self.exactly(size)[4:]

    def exactly(self, size):
        data = self.reader.read(size)
        if len(data) < size:
            raise ConnectionError("the node closed the connection")
        return data

    def create(self, topic, partitions):
        self.send(CREATE_TOPICS, struct.pack(">i", 1) + text(topic) + struct.pack(">ihiiib", partitions, 1, 0, 0, PATIENCE * 1000, 0))
        answer = self.receive()
        code, = struct.unpack_from(">h", answer, 10 + len(topic))
        if code:
            raise RuntimeError(f"creating {topic}: error {code}")

    def partitions_with_leader(self):
        """Over all topics of ours."""
        self.send(METADATA, struct.pack(">i", -1))
        answer, at = self.receive(), 0

        def take(form):
            nonlocal at
            value, = struct.unpack_from(">" + form, answer, at)
            at += struct.calcsize(form)
            return value

        def take_text():
            nonlocal at
            size = max(take("h"), 0)
            at += size
            return answer[at - size:at]

        for _ in range(take("i")):
            take("i"), take_text(), take("i"), take_text()
        take("i")
        led = 0
        for _ in range(take("i")):
            take("h")
            ours = take_text().startswith(b"scale-")
            take("b")
            for _ in range(take("i")):
                take("h"), take("i")
                led += ours and take("i") >= 0
                for _ in range(2):
                    replicas = take("i")
                    at += 4 * replicas
        return led

    def write_to_each(self, topics, partitions, in_request=500):
        """One record to each partition; those whose leader does not know yet that it leads are asked again."""
        record = batch()
        left = [(topic, partition) for topic in topics for partition in range(partitions)]
        while left:
            requests = [left[i:i + in_request] for i in range(0, len(left), in_request)]
            left = []
            for request in requests:
                by_topic = {}
                for topic, partition in request:
                    by_topic.setdefault(topic, []).append(partition)
                body = struct.pack(">hhii", -1, 1, PATIENCE * 1000, len(by_topic))
                for topic, members in by_topic.items():
                    body += text(topic) + struct.pack(">i", len(members))
                    body += b"".join(struct.pack(">ii", member, len(record)) + record for member in members)
                self.send(PRODUCE, body)
            for _ in requests:
                left += self.refused()

    def refused(self):
        answer, at, again = self.receive(), 0, []
        topics, = struct.unpack_from(">i", answer, at)
        at += 4
        for _ in range(topics):
            size, = struct.unpack_from(">h", answer, at)
            topic = answer[at + 2:at + 2 + size].decode()
            count, = struct.unpack_from(">i", answer, at + 2 + size)
            at += 6 + size
            for _ in range(count):
                partition, code = struct.unpack_from(">ih", answer, at)
                at += 22
                if code in (3, 6):
                    again.append((topic, partition))
                elif code:
                    raise RuntimeError(f"writing to {topic}-{partition}: error {code}")
        return again


def free_port():
    """One whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
                return port
            except OSError:
                continue


class Node:
    """A node in a folder of its own. `line` is what starts it."""

    def __init__(self, name, folder, port, line):
        self.name, self.folder, self.port, self.line = name, folder, port, line
        self.process = None

    def start(self, expected):
        """Returns seconds, and CPU seconds of the process, until every partition has a leader."""
        began = time.monotonic()
        with open(self.folder / "output.log", "a") as log:
            self.process = subprocess.Popen(self.line, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
        while time.monotonic() < began + PATIENCE:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at once, see {self.folder}/output.log")
            try:
                client = Client(self.port)
                if client.partitions_with_leader() >= expected:
                    return time.monotonic() - began, self.cpu()
            except OSError:
                pass
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} does not answer")

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self, kind):
        """Seconds from the signal to the end."""
        began = time.monotonic()
        self.process.send_signal(kind)
        self.process.wait(PATIENCE)
        return time.monotonic() - began


def klamm(home):
    folder, port = home / "klamm", free_port()
    folder.mkdir()
    binary = os.environ.get("KLAMM_BIN", "target/release/klamm")
    line = [str(pathlib.Path(binary).resolve()), "dev", "--dir", str(folder / "data"), "--port", str(port)]
    return Node("klamm", folder, port, line)


def kafka(home, script):
    folder, port = home / "kafka", free_port()
    folder.mkdir()
    subprocess.run([script, "format", str(folder), str(port)], check=True, stdout=subprocess.DEVNULL)
    return Node("kafka", folder, port, [script, "run", str(folder)])


def timed(measured, name, node, step):
    cpu, began = node.cpu(), time.monotonic()
    step()
    measured[name + ", s"] = time.monotonic() - began
    measured[name + ", CPU s"] = node.cpu() - cpu


def one_round(node, count, topic_count):
    measured = {}
    topics = [f"scale-{number}" for number in range(topic_count)]
    each = count // topic_count

    def note(name, values):
        measured[name + ", s"], measured[name + ", CPU s"] = values

    def state(name):
        measured[f"memory {name}, MB"] = node.memory()
        measured[f"descriptors {name}"] = node.descriptors()

    def create():
        for topic in topics:
            client.create(topic, each)
        while client.partitions_with_leader() < count:
            time.sleep(0.002)

    try:
        note("start, empty", node.start(0))
        state("when empty")
        client = Client(node.port)
        timed(measured, "create", node, create)
        state("when created")
        timed(measured, "a record to each", node, lambda: client.write_to_each(topics, each))
        state("with records")
        measured["clean stop, s"] = node.end(signal.SIGTERM)
        note("start after a clean stop", node.start(count))
        state("after a clean stop")
        client = Client(node.port)
        timed(measured, "a record to each, again", node, lambda: client.write_to_each(topics, each))
        node.end(signal.SIGKILL)
        note("start after kill -9", node.start(count))
        state("after kill -9")
        measured["clean stop, nothing new, s"] = node.end(signal.SIGTERM)
    finally:
        if node.process and node.process.poll() is None:
            node.process.kill()
            node.process.wait()
    return measured


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--partitions", type=int, default=10_000)
    parser.add_argument("--topics", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kafka", help="script that formats and runs a JVM broker")
    parser.add_argument("--dir", help="where the folders are made")
    arguments = parser.parse_args()
    results = {}
    homes = []
    try:
        rounds(arguments, results, homes)
        show(arguments, results)
    finally:
        for home in homes:
            shutil.rmtree(home, ignore_errors=True)


def rounds(arguments, results, homes):
    for number in range(arguments.rounds):
        for name in ["klamm"] + (["kafka"] if arguments.kafka else []):
            home = pathlib.Path(tempfile.mkdtemp(prefix="scale-", dir=arguments.dir))
            homes.append(home)
            node = klamm(home) if name == "klamm" else kafka(home, arguments.kafka)
            measured = one_round(node, arguments.partitions, arguments.topics)
            results.setdefault(name, []).append(measured)
            load = os.getloadavg()[0]
            print(f"round {number + 1}, {name}: load {load:.1f}", file=sys.stderr, flush=True)


def show(arguments, results):
    names = list(results)
    print(f"{arguments.partitions} partitions in {arguments.topics} topics, medians of {arguments.rounds}")
    print(f"{'':32}" + "".join(f"{name:>12}" for name in names))
    for row in results[names[0]][0]:
        values = (statistics.median(measured[row] for measured in results[name]) for name in names)
        print(f"{row:32}" + "".join(f"{value:12.2f}" for value in values), flush=True)


if __name__ == "__main__":
    main()
