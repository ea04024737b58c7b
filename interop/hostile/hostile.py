"""Attacks a running broker while an honest client works, one attack after the other, and judges what that did.

An attack is a process of its own (attack.py), and so are the honest client and a second one that connects anew each
time (honest.py). An attack passes when
  - no round of the honest client went wrong, nor took a newcomer longer than ten seconds,
  - p99 of its rounds is at most three times what it was in quiet, or below a floor of 10 ms; where others than this
    suite have more than a quarter of the machine it is shown and not judged,
  - the process never had more memory than its pools and 64 MB (the kernel's own count of the peak),
  - its log tells of no panic,
  - ten seconds later it has as many connections as before, and about as many descriptors.
At the end the broker is stopped with honest clients and a crowd of others still connected: under two seconds, with its
marker. Kafka (--kafka) is not judged by memory, and its failures are the result.
"""
import argparse
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import asks
import attacks  # noqa: F401 (fills the list)
from broker import free_port
from jvm import StockJvmBroker
from load import Swarm
from single import prepared
from target import ATTACKS, Target
from watch import HERE, Honest, MostConnections, Process, Stretch, percentile

# A number that no spoilt request names by chance: UnregisterBroker would be obeyed.
NODE = 20077
# What the broker may hold besides itself, by its own settings.
POOLS = ("queued.max.request.bytes", "klamm.queued.max.response.bytes", "klamm.queued.max.decoded.bytes",
         "klamm.group.memory.max.bytes")
BESIDE_POOLS_MB = 64
# Files of internal topics, which the first of their users makes.
FILES_MAX = 32
RATIO_MAX = 3
# When others than this suite have more of the machine than that, milliseconds say nothing, and are not judged.
OTHERS_MAX = 0.25
STOP_SECONDS_MAX = 2
KEPT = ("honest", "target", "recompressed", "big", "wide")
MB = 1 << 20
# How Klamm, Rust and Java tell of a panic, or of what comes close.
ALARMS = r"failed at \S+\.rs:|panicked|OutOfMemoryError"


class Victim:
    """The broker under attack, freshly formatted each time it starts, and the honest clients."""

    def __init__(self, home, is_kafka, overrides):
        self.home, self.is_kafka, self.overrides = home, is_kafka, overrides
        self.broker = self.steady = self.newcomer = None
        self.lives, self.read, self.http = 0, 0, free_port()

    def start(self):
        self.lives, self.read = self.lives + 1, 0
        home = self.home / f"life-{self.lives}"
        home.mkdir()
        own = [] if self.is_kafka else [f"klamm.http.listener=127.0.0.1:{self.http}"]
        self.broker = prepared(home, self.is_kafka, own + self.overrides, NODE, StockJvmBroker).start()
        self.process = Process(self.broker.process.pid)
        connection = asks.connect(self.broker)
        for name, partitions, configs in (("honest", 1, ()), ("target", 1, ()), ("big", 4, ()), ("wide", 100, ()),
                                          ("recompressed", 1, [("compression.type", "gzip")])):
            # Every record here is older than a week.
            asks.create(connection, name, partitions, [("retention.ms", "-1"), *configs])
        filling = asks.batch_of(MB * 9 // 10)
        for index in range(80):
            assert asks.produce(connection, "big", index % 4, filling) == 0
        self.advertised = asks.advertised(self.broker)
        self.settings = asks.settings(self.broker, NODE, [*POOLS, "socket.request.max.bytes"])
        self.steady = Honest("steady", self.broker, home)
        self.newcomer = Honest("newcomer", self.broker, home)
        assert self.steady.wait_for_rounds(30), "the honest client cannot work"

    def processes(self):
        """All that belong to the suite, but for the attack."""
        return self.process, Process(self.steady.process.pid), Process(self.newcomer.process.pid)

    def memory_max(self):
        pools = [int(self.settings[name] or 0) for name in POOLS]
        return sum(max(0, pool) for pool in pools) / MB + BESIDE_POOLS_MB

    def tidy(self):
        """Deletes what strangers made; how many topics that were, or None when it did not work."""
        try:
            return asks.delete_all_but(self.broker, KEPT)
        except (OSError, AssertionError, asks.Closed):
            return None

    def alarms(self):
        """What of the new lines of its log must not be there: a panic, even where it cost a connection only."""
        files = [self.broker.log_file, self.broker.log_file.with_suffix(".out")]
        text = "".join(file.read_text(errors="replace") for file in files if file.exists())
        new, self.read = text[self.read:], len(text)
        return [line[:300] for line in new.splitlines() if re.search(ALARMS, line)][:3]

    def end(self):
        """However it takes."""
        for client in (self.steady, self.newcomer):
            if client:
                client.stop()
        if self.broker and self.broker.is_running():
            self.broker.kill()


def run_attack(chosen, victim, options):
    told = Target("127.0.0.1", victim.broker.port, options.seed, options.ci,
                  chosen.short_seconds or chosen.seconds if options.ci else chosen.seconds,
                  victim.advertised, int(victim.settings["socket.request.max.bytes"]), victim.http)
    process = subprocess.Popen([sys.executable, str(HERE / "attack.py"), chosen.name], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        out, _ = process.communicate(json.dumps(told.__dict__), timeout=told.seconds + 60)
    except subprocess.TimeoutExpired:
        return {"attack": "did not end in time"}
    finally:
        stop_group(process)
    return json.loads(out) if process.returncode == 0 and out else {"attack": f"ended with {process.returncode}"}


def stop_group(process):
    """The attack, and what it forked."""
    try:
        subprocess.os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def settled(process, before, patience):
    """Waits until the connections of the attack are gone; returns (descriptors, connections) then."""
    end = time.monotonic() + patience
    while True:
        after = process.descriptors()
        if after[1] <= before[1] + 2 or time.monotonic() > end:
            return after
        time.sleep(0.2)


class Judge:
    """Rounds in quiet, and what is allowed from there."""

    def __init__(self, victim, options):
        self.victim, self.floor, self.windows = victim, options.floor, []
        # In CI another suite may begin at any moment.
        self.judges_time = not options.ci

    def listen(self, seconds):
        """A moment of quiet."""
        stretch = Stretch(*self.victim.processes())
        time.sleep(seconds)
        rounds = self.victim.steady.rounds(stretch.since, stretch.end().until)
        self.windows.append((stretch.others, [taken for taken, wrong in rounds if wrong is None] or [0.0]))

    def quiet(self, share):
        """The middle one of the moments that nobody else disturbed, if there are any."""
        undisturbed = [window for others, window in self.windows if others < OTHERS_MAX]
        windows = undisturbed or [window for _, window in self.windows]
        return percentile([percentile(window, share) for window in windows], 0.5)

    def figures(self, rounds):
        quiet = self.quiet(0.99)
        taken = [milliseconds for milliseconds, _ in rounds]
        found = {"rounds": len(rounds), "p50": percentile(taken, 0.5), "p99": percentile(taken, 0.99),
                 "worst": max(taken, default=None), "quiet p50": self.quiet(0.5), "quiet p99": quiet}
        found["ratio"] = round(found["p99"] / quiet, 2) if taken and quiet else None
        return {key: round(value, 2) if value is not None else None for key, value in found.items()}

    def complaints(self, result):
        """What is not as it has to be."""
        victim, found = self.victim, []
        if not result["lives"]:
            found.append("the broker is gone")
        elif not result["answers"]:
            found.append("the broker does not answer any more")
        if "attack" in result["seen"]:
            found.append(f"the attack {result['seen']['attack']}")
        if result["log"]:
            found.append(f"in the log: {result['log'][0]}")
        if result["errors"]:
            found.append(f"{len(result['errors'])} rounds went wrong: {result['errors'][0]}")
        if result["newcomers wrong"]:
            found.append(f"newcomers: {result['newcomers wrong'][0]}")
        elif (result["newcomers worst"] or 0) > 10_000:
            found.append(f"a newcomer waited {result['newcomers worst'] / 1000:.0f} s")
        if not result["rounds"]:
            found.append("no round was finished")
        elif (self.judges_time and result["others"] < OTHERS_MAX
              and result["p99"] > max(self.floor, RATIO_MAX * (result["quiet p99"] or 0))):
            found.append(f"p99 is {result['p99']} ms, {result['ratio']} times that in quiet")
        if not victim.is_kafka and result["peak"] > victim.memory_max():
            found.append(f"{result['peak']:.0f} MB of memory, {victim.memory_max():.0f} at most")
        if result["lives"] and result["connections after"] > result["connections before"] + 2:
            found.append(f"{result['connections after']} connections, {result['connections before']} before")
        elif not victim.is_kafka and result["descriptors after"] > result["descriptors before"] + FILES_MAX:
            found.append(f"{result['descriptors after']} descriptors, {result['descriptors before']} before")
        return found


def endure(chosen, victim, judge, options):
    """One attack, and how the broker took it."""
    judge.listen(1 if options.ci else 3)
    process, before = victim.process, victim.process.descriptors()
    process.forget_peak()
    busy, waited, rest, stretch = process.seconds(), process.waited(), process.memory(), Stretch(*victim.processes())
    with MostConnections(process) as connections:
        seen = run_attack(chosen, victim, options)
    since, until = stretch.since, stretch.end().until
    busy, waited = process.seconds() - busy, process.waited() - waited
    after = settled(process, before, 3 if options.ci else 10)
    lives = victim.broker.is_running()
    answers = lives and victim.steady.wait_for_rounds(20)
    made = victim.tidy() if answers and after[1] <= before[1] + 2 else None
    after = process.descriptors()
    rounds, newcomers = victim.steady.rounds(since, until), victim.newcomer.rounds(since, until)
    result = judge.figures(rounds) | {
        "seen": seen, "seconds": round(until - since, 1), "lives": lives, "answers": answers,
        "errors": [wrong for _, wrong in rounds if wrong], "newcomers wrong": [wrong for _, wrong in newcomers if wrong],
        "newcomers worst": max((taken for taken, _ in newcomers), default=None),
        "memory before": round(rest, 1), "peak": round(process.peak(), 1), "memory after": round(process.memory(), 1),
        "connections before": before[1], "most connections": connections.most, "connections after": after[1],
        "descriptors before": before[0], "descriptors after": after[0],
        "processor": round(busy / (until - since), 2),
        "waited": round(max(0, waited) / (until - since), 2), "others": round(stretch.others, 2), "topics made": made}
    result["log"] = victim.alarms()
    return result | {"wrong": judge.complaints(result)}


def say(name, result):
    seen = ", ".join(f"{key} {value}" for key, value in result["seen"].items())
    print(f"hostile: {name:14} {'FAILED' if result['wrong'] else 'ok    '} p50 {result['p50']} p99 {result['p99']} ms"
          f" (quiet {result['quiet p99']}, x{result['ratio']}), peak {result['peak']:.0f} MB"
          f" ({result['memory before']:.0f} before, {result['memory after']:.0f} after), connections {result['most connections']},"
          f" processor {result['processor']}, waited for one {result['waited']}, others {result['others']:.0%}; {seen}")
    for complaint in result["wrong"]:
        print(f"hostile:     {complaint}")
    sys.stdout.flush()


def stop(victim, options):
    """A clean stop while others are connected, and some of them in the middle of something."""
    swarm = Swarm(Target("127.0.0.1", victim.broker.port, 0, False, 0, {}, 0, 0))
    swarm.open_all(options.crowd)
    swarm.open_all(20, b"\0\x10\0\0\0\3", reads=False)
    swarm.run(0.5)
    stretch = Stretch(*victim.processes())
    victim.broker.process.send_signal(signal.SIGTERM)
    code = None
    try:
        code = victim.broker.process.wait(90)
    except subprocess.TimeoutExpired:
        pass
    seconds = stretch.end().until - stretch.since
    swarm.close_all()
    marker = any(victim.broker.properties.parent.glob("data/.kafka_cleanshutdown"))
    result = {"seconds": round(seconds, 2), "code": code, "marker": marker, "others": round(stretch.others, 2), "wrong": []}
    if code not in (0, 143):
        result["wrong"].append(f"it ended with {code}")
    if seconds > STOP_SECONDS_MAX and stretch.others < OTHERS_MAX and not options.ci:
        result["wrong"].append(f"the stop took {seconds:.1f} s")
    if not marker:
        result["wrong"].append("no marker of a clean stop")
    print(f"hostile: {'stop':14} {'FAILED' if result['wrong'] else 'ok    '} {seconds:.2f} s with {options.crowd} connections, "
          f"{'a' if marker else 'no'} marker, others {stretch.others:.0%}")
    for complaint in result["wrong"]:
        print(f"hostile:     {complaint}")
    return result


def all_of(chosen, victim, options):
    """Every attack that was asked for; a broker that does not survive one is started anew."""
    victim.start()
    judge, results = Judge(victim, options), {}
    for _ in range(1 if options.ci else 3):
        judge.listen(3)
    print(f"hostile: in quiet p50 {judge.quiet(0.5):.2f} ms, p99 {judge.quiet(0.99):.2f} ms;"
          f" memory {victim.process.memory():.0f} MB, at most "
          f"{'what Java takes' if victim.is_kafka else f'{victim.memory_max():.0f} MB'}", flush=True)
    for one in chosen:
        results[one.name] = result = endure(one, victim, judge, options)
        say(one.name, result)
        if result["topics made"] is None:
            print("hostile:     the broker is started anew", flush=True)
            victim.end()
            victim.start()
            judge.listen(5)
    results["stop"] = stop(victim, options)
    return results


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    arguments.add_argument("--kafka", action="store_true", help="Kafka 4.4.0 instead of Klamm")
    arguments.add_argument("--ci", action="store_true", help="the short form")
    arguments.add_argument("--list", action="store_true", help="what there is")
    arguments.add_argument("--json", type=pathlib.Path, metavar="FILE", help="keeps the figures")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--floor", type=float, metavar="MS", default=10.0, help="p99 below this is never wrong; 10")
    arguments.add_argument("--override", action="append", default=[], metavar="KEY=VALUE", help="a line of server.properties")
    arguments.add_argument("--keep", type=pathlib.Path, metavar="FOLDER", help="keeps the broker's folders here")
    options = arguments.parse_args()
    if options.list:
        for one in ATTACKS.values():
            print(f"{one.name:14} {one.seconds:3.0f} s {'ci' if one.short_seconds else '  '}  {one.meaning}")
        return 0
    strange = set(options.scenarios) - set(ATTACKS)
    if strange:
        arguments.error(f"no such scenario: {', '.join(sorted(strange))}")
    options.crowd = 200 if options.ci else 2000
    chosen = [one for one in ATTACKS.values() if not (options.kafka and one.is_ours)
              and (one.name in options.scenarios if options.scenarios else one.short_seconds or not options.ci)]
    home = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="klamm-hostile-"))
    home.mkdir(exist_ok=True)
    victim, started = Victim(home, options.kafka, options.override), time.monotonic()
    try:
        results = all_of(chosen, victim, options)
    finally:
        victim.end()
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)
    wrong = [name for name, result in results.items() if result["wrong"]]
    if options.json:
        options.json.write_text(json.dumps({
            "broker": "Kafka 4.4.0" if options.kafka else "Klamm", "seed": options.seed, "settings": victim.settings,
            "results": results}, indent=1) + "\n")
    print(f"hostile: {len(results)} scenarios in {time.monotonic() - started:.0f} s, {len(wrong)} failed"
          f"{': ' if wrong else ''}{', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
