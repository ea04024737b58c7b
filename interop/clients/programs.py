"""How each client's program is started, and what it prints, taken in while it runs."""
import os
import pathlib
import queue
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
WORK = pathlib.Path(os.environ["INTEROP_WORK"])
JAVA = ["java", "-Xmx320M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
        f"-Dlog4j2.configurationFile={HERE.parent}/tools/log4j2.xml",
        "-cp", f"{WORK}/clients/java:{os.environ['INTEROP_BROKER']}/*", "Main"]


def python(name):
    return [sys.executable, str(HERE / "python" / f"with_{name}.py")]


# The slowest first: two run at a time.
LINES = {
    "kafka-python": python("kafka_python"),
    "kafkajs": ["node", str(HERE / "node" / "main.js")],
    "java": JAVA,
    "aiokafka": python("aiokafka"),
    "confluent": python("confluent"),
    "kcat": python("kcat"),
    "franz-go": [str(WORK / "clients" / "franz-go")],
}
ENVIRONMENT = {**os.environ, "NODE_PATH": str(WORK / "node" / "node_modules"), "KAFKAJS_NO_PARTITIONER_WARNING": "1"}


def line(client, mode, options):
    return [*LINES[client], mode, *(f"{name}={value}" for name, value in options.items() if value is not None)]


def run(client, mode, timeout=120, **options):
    """Runs a program to its end and returns what it printed."""
    done = subprocess.run(line(client, mode, options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, env=ENVIRONMENT)
    assert done.returncode == 0, f"{client} {mode}: exit code {done.returncode}\n{done.stderr.decode()[-3000:]}"
    return done.stdout.decode().splitlines()


class Member:
    """A program in its mode `consume`: a member of a group. `on_line` is called in another thread."""

    def __init__(self, client, name=None, on_line=None, **options):
        self.client, self.name = client, name or client
        self.events, self.lines = queue.Queue(), []
        self.on_line = on_line
        self.process = subprocess.Popen(
            line(client, "consume", options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=ENVIRONMENT)
        self.readers = [threading.Thread(target=self.read_lines, daemon=True),
                        threading.Thread(target=self.read_errors, daemon=True)]
        self.errors = b""
        for reader in self.readers:
            reader.start()

    def read_lines(self):
        for text in self.process.stdout:
            words = text.decode().split()
            self.lines.append(words)
            if self.on_line:
                self.on_line(words)

    def read_errors(self):
        self.errors = self.process.stderr.read()

    def tell(self):
        """Tells it to leave."""
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def wait(self, timeout=30):
        """Waits for its end, which must be a good one."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self} did not end within {timeout} s\n{self.tail()}")
        for reader in self.readers:
            reader.join()
        assert code == 0, f"{self}: exit code {code}\n{self.tail()}"

    def leave(self):
        self.tell()
        self.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def tail(self):
        return self.errors.decode()[-3000:] + "\n".join(" ".join(words) for words in self.lines[-5:])

    def of(self, *kinds):
        """The lines that begin with one of these words."""
        return [words for words in list(self.lines) if words[0] in kinds]

    def has(self):
        """The partitions that it has now, by what it said."""
        found = set()
        for kind, *partitions in self.of("assigned", "revoked", "lost"):
            if self.client == "kafkajs":
                # It tells everything that it has, and names nothing that it gives up.
                found = set(partitions)
            elif kind == "assigned":
                found |= set(partitions)
            else:
                found -= set(partitions)
        return found

    def __str__(self):
        return self.name


def until(what, condition, members=(), timeout=40):
    """Waits for `condition()`; every member must be running meanwhile."""
    deadline = time.monotonic() + timeout
    while not condition():
        for member in members:
            assert member.process.poll() is None, f"{what}: {member} ended\n{member.tail()}"
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s\n" + "\n".join(
            f"{member}: {[words for words in member.lines if words[0] != 'segment'][-6:]}" for member in members)
        time.sleep(0.05)
