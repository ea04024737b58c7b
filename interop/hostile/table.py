"""The table of docs/hostile.md out of two results: `table.py KLAMM.json KAFKA.json`; prints it, or with `--write FILE`
puts it between the two marks of that file."""
import argparse
import json
import pathlib

import attacks  # noqa: F401 (fills the list)
from target import ATTACKS

BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"


def outcome(result):
    if result is None:
        return "–"
    if "lives" not in result:
        return f"{result['seconds']} s, {'marker' if result['marker'] else 'no marker'}"
    if not result["lives"]:
        return "**gone**"
    if any("OutOfMemory" in line for line in result["log"]):
        return "**out of memory**" + ("" if result["answers"] else ", deaf")
    if not result["answers"]:
        return "**deaf**"
    if result["errors"]:
        return f"**{len(result['errors'])} errors**"
    if result["newcomers wrong"]:
        return "**newcomers kept out**"
    return "**failed**" if result["wrong"] else "holds"


def ratio(result):
    if result is None or result.get("ratio") is None:
        return "–"
    shown = f"{result['ratio']:.1f}"
    return shown if result["others"] < 0.25 else f"({shown})"


def peak(result):
    return f"{result['peak']:.0f}" if result and "peak" in result else "–"


def heading(kept):
    """What was measured against: quiet, as the first attack found it."""
    first = next(result for result in kept["results"].values() if "quiet p99" in result)
    return f"{kept['broker']}: in quiet p50 {first['quiet p50']} ms, p99 {first['quiet p99']} ms, {first['memory before']:.0f} MB."


def table(klamm, kafka):
    lines = [f"{heading(klamm)} {heading(kafka)}\n",
             "| Scenario | | Klamm | p99 | peak MB | Kafka 4.4.0 | p99 | peak MB |", "|---|---|---|--:|--:|---|--:|--:|"]
    meanings = {name: one.meaning for name, one in ATTACKS.items()} | {"stop": "SIGTERM with 2,000 connections and half requests"}
    for name, meaning in meanings.items():
        ours, theirs = klamm["results"].get(name), kafka["results"].get(name)
        lines.append(f"| `{name}` | {meaning} | {outcome(ours)} | {ratio(ours)} | {peak(ours)} "
                     f"| {outcome(theirs)} | {ratio(theirs)} | {peak(theirs)} |")
    return "\n".join(lines) + "\n"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("klamm", type=pathlib.Path)
    arguments.add_argument("kafka", type=pathlib.Path)
    arguments.add_argument("--write", type=pathlib.Path)
    options = arguments.parse_args()
    made = table(json.loads(options.klamm.read_text()), json.loads(options.kafka.read_text()))
    if not options.write:
        print(made, end="")
        return
    before, _, rest = options.write.read_text().partition(BEGIN)
    options.write.write_text(before + BEGIN + made + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
