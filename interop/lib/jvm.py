"""Command lines of Kafka's Java tools."""
import os
import pathlib

TOOLS = pathlib.Path(__file__).resolve().parent.parent / "tools"


def tool(name, *args):
    return ["java", "-Xmx512M", "-XX:TieredStopAtLevel=1", f"-Dlog4j2.configurationFile={TOOLS}/log4j2.xml",
            "-cp", f"{os.environ['KAFKA_TOOLS']}/*", name, *args]
