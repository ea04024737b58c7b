"""Runs storage-cases.txt with Kafka's own tool and prints what came out, for the test beside it.

    JARS=... python3 storage_golden.py > kafka-4.4.0-storage.txt

Left out: stack traces, the class of an exception, log lines, help texts behind the usage, suggestions,
the wrapping of usage errors, random ids, what SCRAM users are checked by, the order of what format prints.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
BASE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": "1@localhost:9093",
    "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093",
    "controller.listener.names": "CONTROLLER",
    "log.dirs": "$D/a,$D/b",
}
TOOL = ["java", "-XX:TieredStopAtLevel=1", "-cp", os.environ["JARS"], "kafka.tools.StorageTool"]


def properties(edits, folder):
    values = dict(BASE)
    for edit in filter(None, edits.split(";;")):
        if edit.startswith("-"):
            values.pop(edit[1:])
        else:
            values.update([edit.split("=", 1)])
    return "".join(f"{k}={v}\n" for k, v in values.items()).replace("$D", folder)


def clean(text, folder):
    text = text.replace(folder, "$D")
    text = re.sub(r"(?m)^\d{4}-\S+ main ERROR [\s\S]*?\n\n", "", text)
    text = re.sub(r"(?m)^(\tat |\t\.\.\. |Caused by: |java\.lang\.\w+: ).*\n", "", text)
    text = re.sub(r'(?m)^Exception in thread "main" [\w.]+: ', "", text)
    text = re.sub(r"directory\.id=[\w-]{22}", "directory.id=$ID", text)
    text = re.sub(r"(?m)^[\w-]{22}$", "$ID", text)
    text = re.sub(r"(salt|storedKey|serverKey)=\[[^\]]*\]", r"\1=(hidden)", text)
    if text.startswith("usage: "):
        usage, _, error = text.partition("\nkafka-storage:")
        if error:
            error = re.sub(r"\n\nDid you mean:[\s\S]*", "", error.rstrip("\n"))
            error = re.sub(r"-\n", "-", error)
            text = f"{usage}\nkafka-storage: {' '.join(error.split())}\n"
        else:
            text = usage.split("\n\n")[0] + "\n"
    return text


def files(folder):
    found = sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*"))
    return [f for f in found if f[0] in "abm" and (f[1:2] in ("", "/"))]


def main():
    folder = tempfile.mkdtemp()
    for line in (HERE / "storage-cases.txt").read_text().splitlines():
        word, _, rest = line.partition(" ")
        if not line or word == "#" or line == "#":
            continue
        name, _, argument = rest.partition(" ")
        path = pathlib.Path(folder, name)
        if word == "fresh":
            shutil.rmtree(folder)
            os.mkdir(folder)
        elif word == "props":
            path.write_text(properties(argument, folder))
        elif word == "write":
            path.write_text(argument.replace("\\n", "\n").replace("$D", folder))
        elif word == "dir":
            path.mkdir()
        elif word == "remove":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif word == "run":
            args = [arg.replace("$D", folder) for arg in shlex.split(rest)]
            done = subprocess.run(TOOL + args, capture_output=True, text=True, cwd=folder)
            print(f"$ {rest}".rstrip())
            print(f"exit {done.returncode}")
            for mark, text in (("out", done.stdout), ("err", done.stderr)):
                lines = clean(text, folder).splitlines()
                # Kafka goes through its directories in the order of a hash map.
                ordered = sorted(lines) if mark == "out" and rest.startswith("format -") and "usage" not in text else lines
                for printed in ordered:
                    print(f"{mark} {printed}".rstrip())
            if rest.startswith("format"):
                print("files " + " ".join(files(folder)))
        else:
            raise ValueError(line)
    shutil.rmtree(folder)


main()
