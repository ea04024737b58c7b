"""kafka-python's own integration tests against Klamm, or against Kafka as the baseline (`--kafka`).

Every test must pass but for those that `left_out.json` names with their reasons: none of them may pass. `--named` runs
those of `must_pass.txt` only, which are all the others.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from single import single

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = pathlib.Path(os.environ["KAFKA_PYTHON"])
# The newest that this version of kafka-python knows.
VERSION = "4.3.0"
# Sessions of 3 s; partitions of a topic by default.
SETTINGS = ["num.partitions=4", "group.min.session.timeout.ms=1000"]
# Some tests assign replicas to broker 0.
NODE = 0


def kafka_root(home, is_kafka):
    """The tests want to see a tree as Kafka's archive unpacks to; they call nothing in it on a broker of this age."""
    root = home / "root"
    if is_kafka:
        root.mkdir()
    else:
        subprocess.run([os.environ["KLAMM_BIN"], "install-links", str(root)], check=True, stdout=subprocess.DEVNULL)
    return root


def run(home, bootstrap, root, chosen):
    """The outcome of each test by its name, and what is to be said of it."""
    tree = home / "tests"
    shutil.copytree(SOURCES / "test", tree / "test")
    shutil.copy(SOURCES / "pyproject.toml", tree)
    # Without it Python's own package of that name would be found.
    (tree / "test" / "__init__.py").touch()
    shutil.copy(HERE / "service.py", tree / "test")
    variables = {**os.environ, "KAFKA_URI": f"kafka://{bootstrap}", "KAFKA_VERSION": VERSION, "KAFKA_ROOT": str(root),
                 "PYTHONPATH": f"{tree}:{HERE}"}
    report = home / "report.xml"
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:warnings", "-p", "bootstrapped", "--tb=short",
            "--show-capture=no", f"--junit-xml={report}", *(chosen or ["test/integration"])]
    subprocess.run(line, cwd=tree, env=variables, stdin=subprocess.DEVNULL)
    found = {}
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname').removeprefix('test.integration.')}::{case.get('name')}"
        ends = [child for child in case if child.tag in ("failure", "error", "skipped")]
        found[name] = (ends[0].tag, ends[0].get("message", "").splitlines()[:1]) if ends else ("passed", [])
    return found


def short(name):
    """`test_group` of one of the files, as the report has it."""
    return name.removeprefix("test/integration/").replace(".py", "")


def judge(found, left_out, is_kafka):
    problems = []
    for name, (outcome, message) in sorted(found.items()):
        reason = left_out.get(name)
        if outcome != "passed":
            print(f"{outcome:8}{name}: {reason or message}")
        if outcome != "passed" and (reason is None or (is_kafka and "Kafka too" not in reason)):
            problems.append(name)
        if outcome == "passed" and reason is not None and not is_kafka:
            problems.append(f"{name} passes: take it out of left_out.json")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", action="store_true", help="against Kafka")
    parser.add_argument("--named", action="store_true", help="only what must pass")
    parser.add_argument("tests", nargs="*", help="as pytest names them, test/integration/...::...")
    options = parser.parse_args()
    left_out = json.loads((HERE / "left_out.json").read_text())
    named = (HERE / "must_pass.txt").read_text().split()
    chosen = options.tests or (named if options.named else [])
    with tempfile.TemporaryDirectory(prefix="klamm-kafka-python-") as folder:
        home = pathlib.Path(folder)
        with single(home, options.kafka, SETTINGS, NODE) as broker:
            found = run(home, broker.bootstrap, kafka_root(home, options.kafka), chosen)
    if not chosen:
        listed = {*left_out, *map(short, named)}
        assert listed == found.keys(), f"in no list, or not there: {sorted(listed ^ found.keys())}"
    problems = judge(found, left_out, options.kafka)
    passed = sum(outcome == "passed" for outcome, _ in found.values())
    print(f"kafka-python: {passed} passed, {len(problems)} failed, {len(found) - passed} in all did not pass")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
