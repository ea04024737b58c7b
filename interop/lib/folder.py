"""A folder that Kafka and Klamm hand to each other: its properties, its formatting, its two brokers."""
import subprocess

from broker import Serve, free_port
from jvm import JvmBroker, broker_tool

CLUSTER = "5L6g3nShT-eMCtK--X86sw"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={dirs}
{quorum}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=3
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.backoff.ms=200
log.cleaner.dedupe.buffer.size=4194304
log.retention.check.interval.ms=500
log.initial.task.delay.ms=500
"""
# With several directories: snapshots of the metadata again and again.
SNAPSHOTS = "metadata.log.max.record.bytes.between.snapshots=16384\n"
# Klamm refuses to open what it cannot guard: it serves no authorizer yet.
JVM_ONLY = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class Folder:
    """`dirs`: how many log directories; with several, the quorum's voters are dynamic and snapshots frequent."""

    def __init__(self, path, dirs, ports=None):
        self.path, self.count = path, dirs
        self.ports = ports or (free_port(), free_port())
        path.mkdir(parents=True, exist_ok=True)
        self.write_properties()

    @property
    def dirs(self):
        return [self.path / f"data-{n}" for n in range(self.count)]

    def write_properties(self):
        port, controller = self.ports
        quorum = (f"controller.quorum.bootstrap.servers=127.0.0.1:{controller}" if self.count > 1
                  else f"controller.quorum.voters=1@127.0.0.1:{controller}")
        dirs = ",".join(map(str, self.dirs))
        text = PROPERTIES.format(port=port, controller=controller, quorum=quorum, dirs=dirs)
        text += SNAPSHOTS if self.count > 1 else ""
        (self.path / "jvm.properties").write_text(text + JVM_ONLY)
        (self.path / "klamm.properties").write_text(text)

    def jvm(self):
        return JvmBroker(self.path / "jvm.properties", self.ports[0], self.path / "jvm.log")

    def klamm(self):
        return Serve(self.path / "klamm.properties", self.ports[0], self.path / "klamm.log")

    def format(self, by):
        arguments = ["format", "-t", CLUSTER, "-c", str(self.path / f"{by}.properties")]
        arguments += ["--standalone"] if self.count > 1 else []
        line = (broker_tool("kafka.tools.StorageTool", *arguments) if by == "jvm"
                else [self.klamm().binary, "kafka-storage", *arguments])
        done = subprocess.run(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout

    def copy(self, path):
        """The same files in another place, for the same ports: two copies never run at once."""
        subprocess.run(["cp", "-a", "--sparse=always", str(self.path), str(path)], check=True)
        return Folder(path, self.count, self.ports)

    def files(self, pattern):
        return sorted(file for folder in self.dirs for file in folder.glob(pattern))
