"""What is watched from outside: the broker's memory, descriptors and processor time, and the honest client's rounds."""
import os
import pathlib
import resource
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


class Process:
    """A process as /proc has it. Everything is 0 once it is gone."""

    def __init__(self, pid):
        self.proc = pathlib.Path(f"/proc/{pid}")

    def status(self, key):
        """In MB."""
        try:
            for line in (self.proc / "status").read_text().splitlines():
                if line.startswith(key + ":"):
                    return int(line.split()[1]) / 1024
        except OSError:
            pass
        return 0.0

    def memory(self):
        return self.status("VmRSS")

    def peak(self):
        """Since `forget_peak`; the kernel counts, so that no moment is missed."""
        return self.status("VmHWM")

    def forget_peak(self):
        try:
            (self.proc / "clear_refs").write_text("5")
        except OSError:
            pass

    def descriptors(self):
        """All, and how many of them are connections."""
        try:
            numbers = os.listdir(self.proc / "fd")
        except OSError:
            return 0, 0
        sockets = 0
        for number in numbers:
            try:
                sockets += os.readlink(self.proc / "fd" / number).startswith("socket:")
            except OSError:
                pass
        return len(numbers), sockets

    def seconds(self):
        """Processor time used so far."""
        try:
            fields = (self.proc / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / TICKS

    def waited(self):
        """Seconds for which its threads could have run and had no processor."""
        total = 0
        for task in self.proc.glob("task/*/schedstat"):
            try:
                total += int(task.read_text().split()[1])
            except (OSError, IndexError):
                pass
        return total / 1e9


def machine_seconds():
    """Processor time that anybody used so far."""
    user, nice, system, _, _, hard, soft, *_ = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return (user + nice + system + hard + soft) / TICKS


def own_seconds(*processes):
    """The same of these, of this process and of those it waited for."""
    own = sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
              for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + sum(process.seconds() for process in processes)


class Stretch:
    """A stretch of time, and how much of the machine others had in it: who has nothing to do with this suite."""

    def __init__(self, *processes):
        self.processes, self.since = processes, time.monotonic()
        self.others_before = machine_seconds() - own_seconds(*processes)

    def end(self):
        self.until = time.monotonic()
        others = machine_seconds() - own_seconds(*self.processes) - self.others_before
        self.others = max(0.0, others / (self.until - self.since) / os.cpu_count())
        return self


class MostConnections:
    """The most connections that the broker had at a time, looked at five times a second."""

    def __init__(self, process):
        self.process, self.most, self.ended = process, 0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while not self.ended.wait(0.2):
            self.most = max(self.most, self.process.descriptors()[1])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class Honest:
    """A running honest client and its rounds so far."""

    def __init__(self, kind, broker, home):
        self.file = home / f"{kind}.rounds"
        self.file.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "honest.py"), kind, "127.0.0.1", str(broker.port), str(self.file)],
            stdin=subprocess.DEVNULL)

    def rounds(self, since, until):
        """(milliseconds, what went wrong or None) of the rounds that were due then."""
        found = []
        for line in self.file.read_text().splitlines() if self.file.exists() else ():
            due, milliseconds, result = line.split(" ", 2)
            if since <= float(due) <= until:
                found.append((float(milliseconds), None if result == "ok" else result))
        return found

    def wait_for_rounds(self, patience):
        """Whether a round goes well within so many seconds from now."""
        since, end = time.monotonic(), time.monotonic() + patience
        while time.monotonic() < end:
            time.sleep(0.1)
            if any(wrong is None for _, wrong in self.rounds(since, end)):
                return True
        return False

    def stop(self):
        self.process.kill()
        self.process.wait()
