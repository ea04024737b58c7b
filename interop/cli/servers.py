"""The broker of a run: Klamm or Kafka, with the same properties."""
import subprocess
import time

from broker import Serve, free_port
from jvm import JvmBroker, broker_tool

CLUSTER = "5L6g3nShT-eMCtK--X86sw"
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
log.dirs={logs}
log.initial.task.delay.ms=86400000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class Server:
    """`with Server("jvm", folder) as server`: formats the folder and serves it until the end."""

    def __init__(self, kind, home):
        self.kind, self.home = kind, home
        self.port, self.controller = free_port(), free_port()
        self.logs = home / "data"
        home.mkdir(parents=True)
        properties = home / "server.properties"
        properties.write_text(PROPERTIES.format(port=self.port, controller=self.controller, logs=self.logs))
        self.process = (JvmBroker if kind == "jvm" else Serve)(properties, self.port, home / "server.log")
        format_line = ["format", "-t", CLUSTER, "-c", str(properties)]
        line = (broker_tool("kafka.tools.StorageTool", *format_line) if kind == "jvm"
                else [self.process.binary, "kafka-storage", *format_line])
        subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    @property
    def bootstrap(self):
        return self.process.bootstrap

    def settle(self):
        """What the controller of a JVM knows reaches its broker a moment later."""
        if self.kind == "jvm":
            time.sleep(0.1)

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        if self.process.is_running():
            self.process.stop()
