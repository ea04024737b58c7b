"""Whose tools, and how each is called."""
import os
import pathlib
import subprocess

import jvm

TOOLS = "org.apache.kafka.tools"
CLASSES = {
    "kafka-topics": f"{TOOLS}.TopicCommand",
    "kafka-console-producer": f"{TOOLS}.ConsoleProducer",
    "kafka-console-consumer": f"{TOOLS}.consumer.ConsoleConsumer",
    "kafka-consumer-groups": f"{TOOLS}.consumer.group.ConsumerGroupCommand",
    "kafka-configs": f"{TOOLS}.ConfigCommand",
    "kafka-get-offsets": f"{TOOLS}.GetOffsetShell",
    "kafka-delete-records": f"{TOOLS}.DeleteRecordsCommand",
    "kafka-log-dirs": f"{TOOLS}.LogDirsCommand",
    "kafka-cluster": f"{TOOLS}.ClusterTool",
    "kafka-broker-api-versions": f"{TOOLS}.BrokerApiVersionsCommand",
    "kafka-storage": "kafka.tools.StorageTool",
}
# Where the class was before 4.4.
OLD_CLASSES = {"kafka-configs": "kafka.admin.ConfigCommand"}
# What is a shell script, or begins as one.
SCRIPTS = ("kafka-server-start", "kafka-server-stop", "kafka-broker-api-versions")
NEWEST = (4, 4)


def environment(folder):
    """The same for everybody, whatever the user's is."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "LOG_DIR": str(folder / "logs"), "KAFKA_HEAP_OPTS": "-Xmx512M -Xms64M",
            "KAFKA_JVM_PERFORMANCE_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable"}


class Ours:
    """Links to the program, by the names of Kafka's scripts."""
    version = NEWEST

    def __init__(self, home):
        self.bin = home / "bin"
        klamm = os.path.abspath(os.environ["KLAMM_BIN"])
        done = subprocess.run([klamm, "install-links", str(home)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            self.bin.mkdir(exist_ok=True)
            for name in (*CLASSES, *SCRIPTS):
                (self.bin / f"{name}.sh").symlink_to(klamm) if not (self.bin / f"{name}.sh").exists() else None

    def line(self, tool, words):
        return [str(self.bin / f"{tool}.sh"), *words]

    def can(self, tool):
        return True


class Jvm:
    """Kafka's own. INTEROP_KAFKA names a whole Kafka 4.4: from it the data is recorded. Without it these are the tools
    of 4.3.1 and kafka-storage of 4.4.0, without the shell scripts: all that Maven Central has."""

    def __init__(self, home):
        kafka = os.environ.get("INTEROP_KAFKA")
        self.kafka = pathlib.Path(kafka) if kafka else None
        self.version = NEWEST if kafka else (4, 3)
        self.bin = self.kafka / "bin" if kafka else home / "bin"
        self.home = home

    def line(self, tool, words):
        if self.kafka and tool in SCRIPTS:
            return [str(self.bin / f"{tool}.sh"), *words]
        name = CLASSES[tool]
        if not self.kafka and tool in OLD_CLASSES:
            name = OLD_CLASSES[tool]
        return ["java", "-Xmx256M", *jvm.FRUGAL, *self.archive(tool), "-Xlog:disable",
                f"-Dlog4j2.configurationFile={jvm.INTEROP}/tools/log4j2.xml",
                "-cp", self.classpath(tool), name, *words]

    def classpath(self, tool):
        if self.kafka:
            return f"{self.kafka}/libs/*"
        return f"{os.environ['INTEROP_BROKER' if tool == 'kafka-storage' else 'INTEROP_TOOLS']}/*"

    def archive(self, tool):
        """Classes that one run loaded are kept for the next: starting costs half."""
        kept = pathlib.Path(os.environ["INTEROP_WORK"]) / f"cli-{'.'.join(map(str, self.version))}-{tool}.jsa"
        return [f"-XX:SharedArchiveFile={kept}"] if kept.exists() else [f"-XX:ArchiveClassesAtExit={kept}"]

    def can(self, tool):
        return self.kafka is not None or tool in CLASSES
