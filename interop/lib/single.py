"""One node, broker and controller, for a suite of somebody else: Klamm's, or Kafka's as the baseline."""
import contextlib
import os
import subprocess

from broker import Serve, free_port
from jvm import JvmBroker, broker_tool

CLUSTER = "c3VpdGVzLW9mLW90aGVycw"
PROPERTIES = """\
node.id={node}
process.roles=broker,controller
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters={node}@127.0.0.1:{controller}
log.dirs={data}
group.initial.rebalance.delay.ms=100
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
# Of Kafka only: Klamm has no authorizer yet.
AUTHORIZER = """\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


def prepared(home, is_kafka, settings=(), node=1, jvm=JvmBroker):
    """Formatted and not started; `settings` are lines of the properties file; the folder `home` is the caller's."""
    port, controller = free_port(), free_port()
    text = PROPERTIES.format(node=node, port=port, controller=controller, data=home / "data")
    text += "".join(f"{line}\n" for line in settings) + (AUTHORIZER if is_kafka else "")
    properties = home / "server.properties"
    properties.write_text(text)
    arguments = ["format", "-t", CLUSTER, "-c", str(properties)]
    line = (broker_tool("kafka.tools.StorageTool", *arguments) if is_kafka
            else [os.environ["KLAMM_BIN"], "kafka-storage", *arguments])
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (jvm if is_kafka else Serve)(properties, port, home / "broker.log")


@contextlib.contextmanager
def single(home, is_kafka, settings=(), node=1):
    """The same, running."""
    broker = prepared(home, is_kafka, settings, node).start()
    try:
        yield broker
    finally:
        broker.stop()
