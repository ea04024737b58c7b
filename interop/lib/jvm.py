"""Kafka's own software: its Java tools, and its broker on any folder."""
import os
import pathlib
import signal
import subprocess
import time

INTEROP = pathlib.Path(__file__).resolve().parent.parent
# Short lives: the first compiler only and the plainest collector cost the least.
FRUGAL = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]


def tool(name, *args):
    """The command line of a tool of 4.3.1, the newest that Maven Central has complete."""
    return ["java", "-Xmx512M", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={INTEROP}/tools/log4j2.xml",
            "-cp", f"{os.environ['INTEROP_TOOLS']}/*", name, *args]


def broker_tool(name, *args):
    """The command line of a class of the broker's own jars, 4.4.0: StorageTool, ConfigCommand."""
    return ["java", "-Xmx256M", *FRUGAL, f"-Dlog4j2.configurationFile={INTEROP}/tools/log4j2.xml",
            "-cp", f"{os.environ['INTEROP_BROKER']}/*", name, *args]


class JvmBroker:
    """Kafka 4.4.0 as one node, broker and controller, on what `properties` says; it must be formatted."""

    OPTIONS = ["-Xmx512M", "-Xms128M", *FRUGAL]

    def __init__(self, properties, port, log):
        self.properties, self.port, self.log_file = properties, port, log
        self.process = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        self.log_file.unlink(missing_ok=True)
        line = ["java", *self.OPTIONS, f"-Dlog4j2.configurationFile={INTEROP}/broker/log4j2.xml", f"-Dbroker.log={self.log_file}",
                "-cp", f"{os.environ['INTEROP_BROKER']}/*", "kafka.Kafka", str(self.properties)]
        with open(self.log_file.with_suffix(".out"), "w") as out:
            self.process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            self.wait_until_started()
        except BaseException:
            self.kill()
            raise
        return self

    def wait_until_started(self):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"Kafka ended at once:\n{self.log()[-4000:]}")
            if "Kafka Server started" in self.log():
                return
            time.sleep(0.1)
        raise RuntimeError(f"Kafka is not ready within 120 s:\n{self.log()[-4000:]}")

    def log(self):
        return self.log_file.read_text() if self.log_file.exists() else ""

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """A clean stop."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"Kafka did not stop within 90 s:\n{self.log()[-4000:]}")
        # Java says 143 after SIGTERM.
        assert self.process.returncode in (0, 143), self.process.returncode

    def is_running(self):
        return self.process is not None and self.process.poll() is None


class StockJvmBroker(JvmBroker):
    """With the heap and the collector that Kafka's start script gives it."""

    OPTIONS = ["-Xmx1G", "-Xms1G", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
               "-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent"]
