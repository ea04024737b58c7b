"""Scenarios of Kafka's command line tools: run, compared, recorded. run.sh says how it is called."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "lib"))

import planted  # noqa: E402
import tools  # noqa: E402
from prepare import Local, Preparer  # noqa: E402
from running import Way  # noqa: E402
from scenario import File  # noqa: E402
from servers import Server  # noqa: E402

WAYS = ("ours-klamm", "jvm-klamm", "ours-jvm", "jvm-jvm")
# These have no broker to speak to; each is run with its own kind only.
ALONE = ("kafka-storage", "kafka-server-start", "kafka-server-stop")
# These have one of their own, which nobody has used before.
FRESH = ("course",)
# These start and end servers on their own, in a room where there are no others.
APART = ("kafka-server-start", "kafka-server-stop")


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ways", default="ours-klamm",
                        help=f"of {', '.join(WAYS)}, or all; NAME/3 is every third scenario of each tool")
    parser.add_argument("--tool", action="append", default=[])
    parser.add_argument("--scenario", action="append", default=[])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.ways = list(WAYS) if arguments.ways == "all" else arguments.ways.split(",")
    assert {way.split("/")[0] for way in arguments.ways} <= set(WAYS), f"the ways are {', '.join(WAYS)}"
    assert not arguments.record or "INTEROP_KAFKA" in os.environ, "data is recorded from a whole Kafka: INTEROP_KAFKA=..."
    return arguments


def chosen(file, arguments, way):
    """The course is one session: it is run whole or not at all."""
    found = [s for s in file.scenarios if not arguments.scenario or s.name in arguments.scenario]
    every = int((way.split("/") + ["1"])[1])
    return [] if file.tool in FRESH and every > 1 else found[::every]


def run_way(name, files, arguments):
    """Runs one way; returns how many scenarios failed."""
    whose, broker = name.split("/")[0].split("-")
    home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-cli-"))
    counts = {"passed": 0, "failed": 0, "left out": 0}
    try:
        kit = (tools.Ours if whose == "ours" else tools.Jvm)(home)
        files = [file for file in files if chosen(file, arguments, name)]
        alone = [file for file in files if file.tool in ALONE]
        if alone and whose == {"klamm": "ours", "jvm": "jvm"}[broker]:
            run_files(Way(kit, None, Local(kit), broker, home), name, alone, arguments, counts)
        sessions = [[file] for file in files if file.tool in FRESH]
        sessions.append([file for file in files if file.tool not in ALONE and file.tool not in FRESH])
        for number, some in enumerate(filter(None, sessions)):
            with Server(broker, home / f"server-{number}") as server:
                preparer = Preparer(server.bootstrap)
                if some[0].tool not in FRESH:
                    preparer.warm()
                run_files(Way(kit, server, preparer, broker, home), name, some, arguments, counts)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"cli: {name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return counts["failed"]


def run_files(way, name, files, arguments, counts):
    for file in files:
        start = time.monotonic()
        for scenario in chosen(file, arguments, name):
            counts[run_scenario(way, name, scenario, arguments)] += 1
            if way.broker_is_gone():
                raise RuntimeError(f"the broker ended by itself:\n{way.server.process.log()[-6000:]}")
        if arguments.record:
            file.write()
        print(f"cli: {name}: {file.tool}: {time.monotonic() - start:.1f} s", flush=True)
    took = sorted(way.took)
    if took:
        print(f"cli: {name}: {len(took)} calls, half of them within {took[len(took) // 2][0] * 1000:.0f} ms, the slowest "
              f"{took[-1][0] * 1000:.0f} ms: {took[-1][1]}")


def run_scenario(way, name, scenario, arguments):
    if not way.can(scenario):
        return "left out"
    if arguments.record:
        record(way, scenario)
        return "passed"
    lines = way.differences(scenario)
    if not lines:
        return "passed"
    print(f"cli: {name}: {scenario.tool}: {scenario.name}: DIFFERS")
    for line in lines:
        print(f"    {line}")
    return "failed"


def record(way, scenario):
    for step, ran in way.run(scenario):
        step.stdout, step.stderr, step.code = ran.stdout, ran.stderr, ran.code
        print(f"$ {step.command}")
        for line in ran.lines():
            print(f"    {line}")


def run_apart(arguments, tool):
    """Starts this program again where no other server can be seen, nor outlives it."""
    line = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, __file__, "--inside",
            "--tool", tool, "--ways", ",".join(arguments.ways)]
    line += [word for name in arguments.scenario for word in ("--scenario", name)]
    line += ["--record"] if arguments.record else []
    return subprocess.run(line, stdin=subprocess.DEVNULL).returncode


def can_be_apart():
    probe = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"], stderr=subprocess.DEVNULL)
    return probe.returncode == 0


def main():
    arguments = parse()
    planted.check()
    if not arguments.record:
        planted.check_files(HERE / "scenarios")
    files = [File(path) for path in sorted((HERE / "scenarios").glob("*.txt"))]
    unknown = set(arguments.tool) - {file.tool for file in files}
    assert not unknown, f"no scenarios of {', '.join(unknown)}"
    files = [file for file in files if not arguments.tool or file.tool in arguments.tool]
    ways = ["jvm-jvm"] if arguments.record else arguments.ways
    failed = 0
    apart = [] if arguments.inside else [file.tool for file in files if file.tool in APART]
    here = [file for file in files if file.tool not in apart]
    for way in ways:
        if any(chosen(file, arguments, way) for file in here):
            failed += run_way(way, here, arguments)
    if apart and not can_be_apart():
        print(f"cli: LEFT OUT: this machine does not allow processes of their own to {', '.join(apart)}")
        apart = []
    failed += sum(run_apart(arguments, tool) != 0 for tool in apart)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
