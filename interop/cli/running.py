"""Runs the scenarios of one way: whose tools, on whose broker."""
import difflib
import itertools
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
import traceback

from broker import free_port
from masks import Masks
from prepare import until
from scenario import Background, Step
from tools import environment

TIMEOUT = 45
# What the Java client says on standard error of its own accord, and the inside of a stack trace.
NOISE = re.compile(r"^\[<date>\] (WARN|INFO) (?!.*\(org\.apache\.kafka\.tools)|^\tat |^\t\.\.\. \d+ more|^\t?(Caused by|Suppressed): |^\s*$|^SLF4J")
FREE_PORTS = 4
# What went wrong stands in the line behind these.
ANNOUNCEMENTS = ("[<date>] ERROR", "Error while executing config command with args")
# Said whenever a classic group is joined, and by the script of a tool that is to go; one scenario each looks for it.
ADVERTISEMENTS = ("The consumer rebalance protocol (KIP-848) is production-ready!",
                  "WARNING: kafka-broker-api-versions.sh is deprecated")


class Context:
    """What a scenario's placeholders stand for: {bootstrap}, {port}, {controller}, {dir}, {free1} to {free4}."""

    def __init__(self, folder, tools, server):
        self.folder = folder
        self.values = {f"free{n}": str(free_port()) for n in range(1, FREE_PORTS + 1)} | {"dir": str(folder)}
        known = {self.values[f"free{n}"]: f"#fr-{n}" for n in range(1, FREE_PORTS + 1)}
        known |= {str(folder): "{dir}", str(tools.bin): "{bin}"}
        if server:
            self.values |= {"bootstrap": server.bootstrap, "port": str(server.port),
                            "controller": str(server.controller)}
            known |= {str(server.port): "#port", str(server.controller): "#ctrl", str(server.logs): "{logs}"}
        self.masks = Masks(known)

    def fill(self, text):
        for name, value in self.values.items():
            text = text.replace("{" + name + "}", value)
        return text


class Ran:
    """What a step did, masked and reduced to what is compared."""

    def __init__(self, step, context, stdout, stderr, code, took):
        self.step, self.code, self.took = step, code, took
        if "sort" in step.options:
            stdout = Masks.sorted(stdout, lambda line: True)
        if "blocks" in step.options:
            stdout = Masks.sorted(stdout, lambda line: line.strip() and line[0] not in " \t")
        self.stdout = context.masks.apply(stdout)
        if step.option("grep"):
            pattern = re.compile(step.option("grep"))
            self.stdout = "".join("\t".join(found.groups() or [found.group()]) + "\n"
                                  for found in map(pattern.search, self.stdout.splitlines()) if found)
        lines = [line for line in context.masks.apply(stderr).splitlines() if not NOISE.search(line)]
        wanted = step.option("stderr") or ("first" if code else "none")
        self.stderr = lines if wanted == "all" else first(lines) if wanted == "first" else []

    def lines(self):
        return shown(self.stdout, self.stderr, self.code)


def first(lines):
    """The first line, and what it announces if it does no more; all of them when what is wrong stands below a usage."""
    lines = [line for line in lines if not line.startswith(ADVERTISEMENTS)]
    if lines and lines[0].startswith("usage: "):
        return unwrapped(lines)
    return lines[:2] if lines and lines[0].startswith(ANNOUNCEMENTS) else lines[:1]


def unwrapped(lines):
    """argparse4j breaks and justifies what is wrong, and may guess what was meant: it is one line without guesses."""
    at = next((n for n, line in enumerate(lines) if re.search(": +error:", line)), len(lines))
    error = ""
    for line in itertools.takewhile(lambda line: line != "Did you mean:", lines[at:]):
        error += line if not error or error.endswith("-") else f" {line}"
    return lines[:at] + ([re.sub(" +", " ", error)] if error else [])


def shown(stdout, stderr, code):
    lines = [f"> {line}" for line in stdout.split("\n")]
    return lines + [f"! {line}" for line in stderr] + [f"= {code}"]


def expected(step, broker):
    stdout, lacking = step.stdout, step.option("klamm-lacks")
    if lacking and broker == "klamm":
        apis = "|".join(lacking.split())
        stdout = re.sub(rf"^(\t(?:{apis})\(\d+\)): .*?(,?)$", r"\1: UNSUPPORTED\2", stdout, flags=re.MULTILINE)
    return shown(stdout, step.stderr, step.code)


def launch(command, context, tools, **streams):
    words = shlex.split(context.fill(command.replace("\\\n", " ")))
    return subprocess.Popen(tools.line(words[0], words[1:]), cwd=context.folder, env=environment(context.folder),
                            text=True, errors="replace", **streams)


def run_step(step, context, tools):
    stdin = "".join(context.fill(line) + "\n" for line in step.stdin)
    start = time.monotonic()
    process = launch(step.command, context, tools,
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if step.option("until"):
        stdout, stderr = run_until(process, step.option("until"), stdin)
    else:
        try:
            stdout, stderr = process.communicate(stdin, TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            stderr = f"does not end within {TIMEOUT} s\n{stderr}"
    return Ran(step, context, stdout, stderr, code_of(process.returncode), time.monotonic() - start)


def run_until(process, text, stdin):
    """Ends a program that would go on, once it has said `text`."""
    streams = {"stdout": [], "stderr": []}
    said = threading.Event()

    def follow(name):
        for line in getattr(process, name):
            streams[name].append(line)
            if text in line:
                said.set()
    readers = [threading.Thread(target=follow, args=[name], daemon=True) for name in streams]
    for reader in readers:
        reader.start()
    process.stdin.write(stdin)
    process.stdin.flush()
    deadline = time.monotonic() + TIMEOUT
    while not said.is_set() and process.poll() is None and time.monotonic() < deadline:
        said.wait(0.05)
    process.send_signal(signal.SIGTERM if said.is_set() else signal.SIGKILL)
    process.wait(TIMEOUT)
    for reader in readers:
        reader.join(TIMEOUT)
    process.stdin.close()
    return "".join(streams["stdout"]), "".join(streams["stderr"])


class Reader:
    """A program that goes on while others are run."""

    def __init__(self, part, context, tools):
        self.files = {stream: context.folder / f"{part.name}.{stream}" for stream in ("stdout", "stderr")}
        streams = {stream: open(file, "w") for stream, file in self.files.items()}
        self.process = launch(part.command, context, tools, stdin=subprocess.DEVNULL, **streams)
        for stream in streams.values():
            stream.close()

    @property
    def stdout(self):
        return self.files["stdout"].read_text(errors="replace")

    @property
    def stderr(self):
        return self.files["stderr"].read_text(errors="replace")

    def end(self, how):
        self.process.send_signal(how)
        try:
            return code_of(self.process.wait(TIMEOUT))
        except subprocess.TimeoutExpired:
            self.process.kill()
            return code_of(self.process.wait())


def code_of(returned):
    """As a shell tells it."""
    return 128 - returned if returned < 0 else returned


class Way:
    def __init__(self, tools, server, preparer, broker, home):
        self.tools, self.server, self.preparer, self.broker, self.home = tools, server, preparer, broker, home
        self.took = []

    def run(self, scenario):
        """Yields each step with what it did."""
        folder = self.home / "scenario" / scenario.name
        folder.mkdir(parents=True)
        background = {}
        context = Context(folder, self.tools, self.server)
        self.preparer.begin(folder)
        try:
            for part in scenario.parts:
                if isinstance(part, Step):
                    ran = self.step(part, context, background)
                    if part.mark == "$":
                        self.took.append((ran.took, f"{scenario.tool} {scenario.name}"))
                    yield part, ran
                elif isinstance(part, Background):
                    background[part.name] = Reader(part, context, self.tools)
                elif not isinstance(part, str):
                    self.prepare(part, context, background)
                if self.server:
                    self.server.settle()
        finally:
            for reader in background.values():
                reader.end(signal.SIGKILL)
            self.preparer.clean()
            shutil.rmtree(folder, ignore_errors=True)

    def step(self, step, context, background):
        if step.mark == "$":
            return run_step(step, context, self.tools)
        how, *names = step.command.split()
        ended = [background.pop(name) for name in names]
        codes = [reader.end(getattr(signal, f"SIG{how}")) for reader in ended]
        stdout, stderr = ("".join(getattr(reader, stream) for reader in ended) for stream in ("stdout", "stderr"))
        return Ran(step, context, stdout, stderr, codes[0] if len(set(codes)) == 1 else codes, 0)

    def prepare(self, prepared, context, background):
        """`+ printed N NAME ...` waits until these have printed so many lines together."""
        if prepared.verb != "printed":
            self.preparer.do(prepared, context.fill)
            return
        count, *names = prepared.words.split()

        def lines():
            return sum(background[name].stdout.count("\n") for name in names)
        until(lambda: lines() >= int(count), f"{prepared.words}: there are {lines()}")

    def broker_is_gone(self):
        return self.server is not None and not self.server.process.is_running()

    def says_the_same(self, step):
        """Older tools than those of the recording may print something else."""
        since = step.option("since")
        return not since or self.tools.version >= tuple(map(int, since.split(".")))

    def can(self, scenario):
        """Whether these tools can be asked, and have something to say."""
        steps = scenario.steps
        return any(map(self.says_the_same, steps)) and all(self.tools.can(s.command.split()[0]) for s in steps)

    def differences(self, scenario):
        lines = []
        try:
            for step, ran in self.run(scenario):
                wanted = expected(step, self.broker)
                if wanted != ran.lines() and self.says_the_same(step):
                    lines.append(f"$ {step.command}")
                    lines += difflib.unified_diff(wanted, ran.lines(), "Kafka", "here", lineterm="", n=3)
        except Exception:
            lines += traceback.format_exc().splitlines()
        return lines
