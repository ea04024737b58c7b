"""librdkafka's own regression tests against Klamm, or against Kafka as the baseline.

Each number of the suite runs by itself, so that a hanging one costs only its own time. Tests that need no broker, or
those that `left_out.json` names with their reasons, are not run. What fails beside others is tried once more alone,
since many of these tests measure time.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

from broker import Broker, free_port
from jvm import JvmBroker, broker_tool, tool

HERE = pathlib.Path(__file__).resolve().parent
TESTS = pathlib.Path(os.environ["LIBRDKAFKA"]) / "tests"
VERSION = "4.4.0"
# Of the broker: what the tests expect of a cluster for tests.
OVERRIDES = {
    "auto.create.topics.enable": "true",
    "num.partitions": "4",
    "group.initial.rebalance.delay.ms": "100",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "connections.max.idle.ms": "40000",
}
# What the suite calls a scenario, and what the broker must be told for it.
SCENARIOS = {"default": {}, "noautocreate": {"auto.create.topics.enable": "false"}}
# Of Kafka only: Klamm has no authorizer yet.
AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}
VERDICT = re.compile(r"\| *(\d{4}_\w+) *\| *(PASSED|FAILED|SKIPPED) *\| *([\d.]+)s *\| *(.*)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def numbers(with_left_out):
    """The numbers of the tests that talk to a broker, in order, by the scenario they are for."""
    rows = re.findall(r"^\s+_TEST\((\d{4}_\w+),(.*?)(?=^\s+_TEST\(|^\};)", (TESTS / "test.c").read_text(),
                      re.MULTILINE | re.DOTALL)
    left_out = {} if with_left_out else json.loads((HERE / "left_out.json").read_text())
    found = {name: set() for name in SCENARIOS}
    for name, flags in rows:
        if not ("TEST_F_LOCAL" in flags or "TEST_F_MANUAL" in flags or name[:4] >= "8000" or name in left_out):
            found["noautocreate" if '"noautocreate"' in flags else "default"].add(name[:4])
    return {scenario: sorted(members) for scenario, members in found.items()}


def configuration(home, bootstrap):
    path = home / "test.conf"
    path.write_text(f"metadata.broker.list={bootstrap}\ntest.topic.random=true\ntest.timeout.multiplier=2\n")
    return path


def kafka_root(home):
    """A tree as Kafka's archive unpacks to, since some tests call `bin/kafka-topics.sh`."""
    root = home / "root"
    (root / "bin").mkdir(parents=True)
    mains = {"topics": "org.apache.kafka.tools.TopicCommand", "acls": "org.apache.kafka.tools.AclCommand",
             "configs": "kafka.admin.ConfigCommand"}
    for name, main in mains.items():
        line = tool(main)
        script = root / "bin" / f"kafka-{name}.sh"
        script.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in line) + ' "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return root


def run_number(number, home, bootstrap, root, scenario, quick):
    """The verdict of each test with this number."""
    variables = {
        **os.environ, "TESTS": f"{number}_", "BROKERS": bootstrap, "KAFKA_PATH": str(root),
        "TEST_KAFKA_VERSION": VERSION, "RDKAFKA_TEST_CONF": str(configuration(home, bootstrap)),
        "LD_LIBRARY_PATH": f"{TESTS}/../src:{TESTS}/../src-cpp"}
    log = home / f"{number}.log"
    began = time.monotonic()
    with open(log, "w") as out:
        line = ["timeout", "--kill-after=10", "600", "./test-runner", "-L", "-K", "-p1", "-s", scenario]
        line += ["-Q"] if quick else []
        ended = subprocess.run(line, cwd=TESTS, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    text = COLOUR.sub("", log.read_text(errors="replace"))
    found = {name: (verdict, float(took), why.strip().rstrip("|").strip())
             for name, verdict, took, why in VERDICT.findall(text)}
    if not found:
        found = {f"{number}_": ("FAILED", time.monotonic() - began, f"no summary, exit code {ended.returncode}")}
    return found


def run_all(chosen, home, bootstrap, root, scenario, options):
    verdicts = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        folders = {}
        for number in chosen:
            folders[number] = home / number
            folders[number].mkdir()
        def run(number):
            return number, run_number(number, folders[number], bootstrap, root, scenario, options.quick)
        again = []
        for number, found in pool.map(run, chosen):
            if any(verdict == "FAILED" for verdict, _, _ in found.values()):
                again.append(number)
            else:
                verdicts |= told(found)
    for number in again:
        found = run(number)[1]
        verdicts |= told(found)
        if options.keep and any(verdict == "FAILED" for verdict, _, _ in found.values()):
            shutil.copy(folders[number] / f"{number}.log", pathlib.Path(options.keep) / f"{number}.log")
    return verdicts


def told(found):
    """Prints verdicts; gives them without the rest."""
    for name, (verdict, took, why) in sorted(found.items()):
        print(f"{verdict:8} {took:6.1f} s  {name}  {why}", flush=True)
    return {name: verdict for name, (verdict, _, _) in found.items()}


def against_klamm(chosen, home, scenario, options):
    overrides = OVERRIDES | SCENARIOS[scenario]
    with Broker([f"{name}={value}" for name, value in overrides.items()]) as broker:
        root = home / "root"
        subprocess.run([os.environ["KLAMM_BIN"], "install-links", str(root)], check=True, stdout=subprocess.DEVNULL)
        return run_all(chosen, home, broker.bootstrap, root, scenario, options)


def against_kafka(chosen, home, scenario, options):
    port, controller = free_port(), free_port()
    properties = home / "server.properties"
    lines = {"node.id": "1", "process.roles": "broker,controller", "log.dirs": str(home / "data"),
             "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
             "controller.listener.names": "CONTROLLER", "controller.quorum.voters": f"1@127.0.0.1:{controller}",
             **AUTHORIZER, **OVERRIDES, **SCENARIOS[scenario]}
    properties.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
    subprocess.run(broker_tool("kafka.tools.StorageTool", "format", "-t", "bGlicmRrYWZrYS10ZXN0cw", "-c",
                               str(properties)), check=True, stdout=subprocess.DEVNULL)
    broker = JvmBroker(properties, port, home / "kafka.log").start()
    try:
        return run_all(chosen, home, broker.bootstrap, kafka_root(home), scenario, options)
    finally:
        broker.kill()


def run_scenario(scenario, members, options):
    """Verdicts of the tests of one scenario, on a broker of their own."""
    against = against_kafka if options.kafka else against_klamm
    home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-librdkafka-"))
    try:
        return against(members, home, scenario, options)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", help="numbers such as 0011; without any all that talk to one broker")
    parser.add_argument("--ci", action="store_true", help="only those that ci.txt names")
    parser.add_argument("--all", action="store_true", help="those left out as well")
    parser.add_argument("--kafka", action="store_true", help="Kafka 4.4.0 instead of Klamm")
    parser.add_argument("--quick", action="store_true", help="less data")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", help="a folder for the logs of tests that fail")
    parser.add_argument("--save", help="a file for the verdicts, as JSON")
    options = parser.parse_args()
    chosen = set(options.tests or ((HERE / "ci.txt").read_text().split() if options.ci else ()))
    verdicts = {}
    for scenario, members in numbers(options.all or options.tests).items():
        members = [number for number in members if not chosen or number in chosen]
        found = run_scenario(scenario, members, options) if members else {}
        verdicts |= {name: verdict for name, verdict in found.items()
                     if verdict != "SKIPPED" or name not in verdicts}
    if options.save:
        pathlib.Path(options.save).write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n")
    counts = collections.Counter(verdicts.values())
    print(", ".join(f"{counts[kind]} {kind.lower()}" for kind in ("PASSED", "FAILED", "SKIPPED")))
    sys.exit(1 if counts["FAILED"] or not counts["PASSED"] else 0)


if __name__ == "__main__":
    main()
