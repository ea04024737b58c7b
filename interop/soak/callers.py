"""Callers of the command line tools, of our own client, and clients that go away in the middle of a word."""
import os
import re
import signal
import socket
import struct
import subprocess
import urllib.request


from book import Wrong
from connection import build
from part import Part


def tool(soak, name, *arguments):
    """What one of our tools prints; it must end well and complain of nothing."""
    line = [os.environ["KLAMM_BIN"], name, "--bootstrap-server", soak.bootstrap, *arguments]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
    said = done.stdout.decode() + done.stderr.decode()
    if done.returncode or re.search(r"Error|Exception|WARN (?!.*deprecated)", said):
        soak.errors.add(name, f"exit code {done.returncode}", f"{arguments}: {said[-500:]}")
    soak.count("calls of tools")
    return done.stdout.decode()


class Tools(Part):
    """One command after the other, by chance."""

    PAUSE = (3, 8)

    def __init__(self, soak, topic, groups):
        super().__init__(soak)
        group = lambda: self.chance.choice(groups)
        level = lambda: self.chance.choice(("1", "6", "9"))
        self.lines = (
            lambda: ("kafka-topics", "--list"),
            lambda: ("kafka-topics", "--describe", "--topic", topic),
            lambda: ("kafka-configs", "--describe", "--entity-type", "topics", "--entity-name", topic),
            lambda: ("kafka-configs", "--describe", "--all", "--entity-type", "brokers", "--entity-name", "1"),
            lambda: ("kafka-configs", "--alter", "--entity-type", "topics", "--entity-name", topic,
                     "--add-config", f"compression.gzip.level={level()}"),
            lambda: ("kafka-consumer-groups", "--list", "--state"),
            lambda: ("kafka-consumer-groups", "--describe", "--group", group()),
            lambda: ("kafka-consumer-groups", "--describe", "--members", "--verbose", "--group", group()),
            lambda: ("kafka-get-offsets", "--topic", topic, "--time", "earliest"),
            lambda: ("kafka-log-dirs", "--describe", "--topic-list", topic),
            lambda: ("kafka-broker-api-versions",),
            lambda: ("kafka-cluster", "cluster-id"),
        )

    def turn(self):
        name, *arguments = self.chance.choice(self.lines)()
        if name == "kafka-cluster":
            # Its subcommand comes first.
            line = [os.environ["KLAMM_BIN"], name, *arguments, "--bootstrap-server", self.soak.bootstrap]
            done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            if done.returncode:
                raise Wrong(done.stdout.decode())
            self.soak.count("calls of tools")
        elif not tool(self.soak, name, *arguments).strip() and "--members" not in arguments:
            raise Wrong(f"{name} {arguments} said nothing")


class OwnClient(Part):
    """Our client crate's example: a group of some members, or some groups, with all that belongs to them."""

    PAUSE = (45, 90)

    def turn(self):
        kind = self.chance.choice(("members", "groups"))
        line = [os.environ["GROUP_LOAD"], self.soak.bootstrap, kind, str(self.chance.randint(3, 12))]
        done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        said = done.stdout.decode()
        found = re.search(r"groups listed (\d+) of (\d+), records read (\d+) of (\d+)", said)
        if done.returncode or not found or found[1] != found[2] or found[3] != found[4]:
            self.soak.errors.add("own client", f"exit code {done.returncode}", said[-500:])
        self.soak.count("runs of our own client")


class Rude(Part):
    """Connections that are opened and dropped: silent, in the middle of a request, with an answer due, by the dozen."""

    PAUSE = (0.3, 2)

    def turn(self):
        self.chance.choice((self.silent, self.half, self.deaf, self.waiting, self.dozen))()
        self.soak.count("connections dropped")

    def connect(self):
        host, port = self.soak.bootstrap.split(":")
        return socket.create_connection((host, int(port)), timeout=20)

    def drop(self, connection):
        """Closed, or reset."""
        if self.chance.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def request(self, wait_ms=0):
        if wait_ms:
            request = build("Fetch", 12, {
                "replica_id": -1, "max_wait_ms": wait_ms, "min_bytes": 1 << 20, "max_bytes": 1 << 20,
                "isolation_level": 0, "session_id": 0, "session_epoch": 0, "topics": [{
                    "topic": "soak-timed", "partitions": [{
                        "partition": 0, "current_leader_epoch": -1, "fetch_offset": 0, "last_fetched_epoch": -1,
                        "log_start_offset": -1, "partition_max_bytes": 1 << 20}]}],
                "forgotten_topics_data": [], "rack_id": ""})
        else:
            request = build("Metadata", 8, {"topics": None, "allow_auto_topic_creation": False,
                                            "include_cluster_authorized_operations": False,
                                            "include_topic_authorized_operations": False})
        request.with_header(correlation_id=1, client_id="rude")
        return request.encode(header=True, framed=True)

    def silent(self):
        connection = self.connect()
        self.over.wait(self.chance.uniform(0, 3))
        self.drop(connection)

    def half(self):
        connection, request = self.connect(), self.request()
        connection.sendall(request[:self.chance.randrange(1, len(request))])
        self.over.wait(self.chance.uniform(0, 1))
        self.drop(connection)

    def deaf(self):
        connection = self.connect()
        connection.sendall(self.request() * 20)
        self.drop(connection)

    def waiting(self):
        connection = self.connect()
        connection.sendall(self.request(wait_ms=20_000))
        self.over.wait(self.chance.uniform(0, 2))
        self.drop(connection)

    def dozen(self):
        connections = [self.connect() for _ in range(12)]
        for connection in connections:
            self.drop(connection)


class Scraper(Part):
    """Whoever watches the broker by HTTP: it is well throughout, and no counter goes back."""

    PAUSE = (5, 15)

    def __init__(self, soak, address):
        super().__init__(soak)
        self.address, self.counters = address, {}

    def turn(self):
        for path in ("healthz", "readyz", "livez"):
            self.get(path)
        counters = set()
        for line in self.get("metrics").splitlines():
            if line.startswith("# TYPE ") and line.endswith(" counter"):
                counters.add(line.split()[2].removesuffix("_total"))
            if line.startswith("#") or not line.strip():
                continue
            name, value = line.rsplit(" ", 1)
            if name.split("{")[0].removesuffix("_total") in counters:
                before = self.counters.get(name, 0)
                if float(value) < before and "soak-passing" not in name:
                    raise Wrong(f"{name} went from {before} to {value}")
                self.counters[name] = float(value)
        if not counters:
            raise Wrong("/metrics has no counter")
        self.soak.count("looks at the figures by HTTP")

    def get(self, path):
        """Anything but 200 is an error here."""
        with urllib.request.urlopen(f"http://{self.address}/{path}", timeout=20) as answer:
            return answer.read().decode()


class Killed(Part):
    """A member that is killed, so that its group has to find out."""

    PAUSE = (10, 25)

    def turn(self):
        line = ["kcat", "-b", self.soak.bootstrap, "-X", "auto.commit.interval.ms=3600000",
                "-X", "session.timeout.ms=6000", "-X", "auto.offset.reset=latest", "-q", "-G", "soak-killed",
                "soak-timed"]
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(line, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE)
        self.over.wait(self.chance.uniform(2, 8))
        early = process.poll()
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[1].decode()
        if early is not None or said.strip():
            self.soak.errors.add("kcat -G", f"exit code {early}", said[-300:])
        self.soak.count("members killed")
