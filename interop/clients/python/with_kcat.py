"""kcat as Debian packages it, librdkafka 2.0.2: a command line, so what it can say is limited.

Headers are those of a whole run of kcat, timestamps its own, and it does not say where a record went: its records
come as a folder with two files for each run, see ../records.py.
"""
import json
import pathlib
import re
import signal
import subprocess
import threading
import time

import program


def produce(bootstrap, records, prefix, folder, codecs):
    files = sorted(pathlib.Path(records).glob("*.records"))
    for codec in codecs.split(","):
        for file in files:
            options = json.loads(file.with_suffix(".json").read_text())
            line = ["kcat", "-P", "-b", bootstrap, "-t", f"{prefix}-{codec}", "-z", codec, "-D", "\x1e", "-K", "\x1f",
                    "-X", "linger.ms=20", "-X", "acks=all", *options]
            with open(file, "rb") as source:
                subprocess.run(line, stdin=source, check=True, timeout=60)


def say_assignments(errors):
    """Out of what kcat tells a human."""
    for line in errors:
        found = re.match(r"% Group .* rebalanced .*: (assigned|revoked): (.*)", line.decode())
        if found:
            program.say(found[1], *re.sub(r" \[(\d+)\]", r":\1", found[2]).split(", "))
        elif b"ERROR" in line:
            program.say("error", line.decode().strip())


def flush_now_and_then(segments, lock):
    """What kcat prints does not say when there is no more for now."""
    while True:
        time.sleep(0.3)
        with lock:
            segments.flush()


def text(data):
    """kcat writes bytes into JSON as they are."""
    return None if data is None else data.encode("latin-1")


def consume(bootstrap, group, topics, strategy=None, instance=None, session="45000", count=None):
    line = ["kcat", "-b", bootstrap, "-J", "-u", "-X", f"session.timeout.ms={session}",
            "-X", f"heartbeat.interval.ms={program.HEARTBEAT}", "-X", "auto.offset.reset=earliest", "-X", "check.crcs=true"]
    line += ["-X", f"partition.assignment.strategy={strategy}"] if strategy else []
    line += ["-X", f"group.instance.id={instance}"] if instance else []
    line += ["-c", count] if count else []
    kcat = subprocess.Popen([*line, "-G", group, *topics.split(",")], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    threading.Thread(target=say_assignments, args=(kcat.stderr,), daemon=True).start()
    program.when_told(lambda: kcat.send_signal(signal.SIGINT))
    segments, lock = program.Segments(), threading.Lock()
    threading.Thread(target=flush_now_and_then, args=(segments, lock), daemon=True).start()
    for line in kcat.stdout:
        m = json.loads(line.decode("latin-1"))
        headers = m.get("headers") or []
        with lock:
            segments.add(m["topic"], m["partition"], m["offset"], m["ts"], text(m["key"]), text(m["payload"]),
                         [(text(name).decode(), text(content)) for name, content in zip(headers[::2], headers[1::2])])
    with lock:
        segments.flush()
    kcat.wait(30)


if __name__ == "__main__":
    mode, options = program.arguments()
    {"produce": produce, "consume": consume}[mode](**options)
