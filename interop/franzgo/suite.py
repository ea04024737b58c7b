"""franz-go's own tests against Klamm, or against Kafka as the baseline (`--kafka`).

The hardest of them is TestGroupETL: chains of groups whose members come and go all the time, some without a commit;
every record must come out once and in order. Every test must pass but for those that `left_out.json` names with their
reasons. `--chaos` breaks connections meanwhile; `--records N` for fewer records.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from single import single

HERE = pathlib.Path(__file__).resolve().parent
# With a small machine in mind; franz-go's own figure is 500,000.
RECORDS = "100000"
LIMIT = "540s"
VERDICT = re.compile(r"^ *--- (PASS|FAIL|SKIP): (\S+)", re.MULTILINE)


def skipped(left_out):
    """What is not even tried on Klamm: whole tests, since a part says by itself that it is not for this broker."""
    return "|".join(f"^{name}$" for name in left_out if "/" not in name)


def run(bootstrap, options, left_out):
    """The verdict of each test and of each of its parts."""
    variables = {**os.environ, "KGO_SEEDS": bootstrap, "KGO_TEST_RF": "1", "KGO_TEST_RECORDS": options.records,
                 "KGO_LOG_LEVEL": "none", "KGO_TEST_CHAOS": "1" if options.chaos else "0"}
    line = [os.environ["KGO_TESTS"], "-test.v", f"-test.timeout={LIMIT}", f"-test.run={options.run}"]
    line += [] if options.kafka else [f"-test.skip={skipped(left_out)}"]
    done = subprocess.run(line, cwd=pathlib.Path(os.environ["KGO_TESTS"]).parent, env=variables,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout[-8000:])
    found = {name: verdict for verdict, name in VERDICT.findall(done.stdout)}
    if done.returncode != 0 and "FAIL" not in found.values():
        found["the whole"] = "FAIL"
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", action="store_true", help="against Kafka")
    parser.add_argument("--chaos", action="store_true", help="connections break")
    parser.add_argument("--records", default=RECORDS)
    parser.add_argument("--run", default=".", help="a pattern of names")
    options = parser.parse_args()
    left_out = json.loads((HERE / "left_out.json").read_text())
    with tempfile.TemporaryDirectory(prefix="klamm-franz-go-") as folder:
        with single(pathlib.Path(folder), options.kafka) as broker:
            found = run(broker.bootstrap, options, left_out)
    problems = sorted(name for name, verdict in found.items()
                      if verdict == "FAIL" or (verdict == "SKIP" and name not in left_out))
    for name in problems:
        print(f"{found[name]}: {name}")
    passed = sum(verdict == "PASS" for verdict in found.values())
    print(f"franz-go: {passed} passed, {len(problems)} failed")
    sys.exit(1 if problems or not passed else 0)


if __name__ == "__main__":
    main()
