"""What the broker takes, every few seconds, as a table; and whether it stayed flat."""
import csv
import os
import pathlib
import statistics
import threading
import time

COLUMNS = ("seconds", "rss_kib", "anonymous_kib", "files", "sockets", "threads", "cpu_seconds", "disk_kib",
           "clients_cpu_seconds")
TICKS = os.sysconf("SC_CLK_TCK")
# What a figure's median may grow from the second quarter to the last: a share, and so much more.
ALLOWANCE = {"rss_kib": (0.05, 2048), "anonymous_kib": (0.05, 2048), "files": (0.1, 16), "sockets": (0.15, 12),
             "threads": (0, 1), "disk_kib": (0.15, 8192)}


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def disk_kib(folder):
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_blocks
            except FileNotFoundError:
                # Deleted meanwhile.
                pass
    return total // 2


def sample(pid, folder):
    process = pathlib.Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line)
    kib = lambda name: int(status[name].split()[0])
    kinds = []
    for descriptor in (process / "fd").iterdir():
        try:
            kinds.append(os.readlink(descriptor))
        except FileNotFoundError:
            # Closed meanwhile.
            pass
    sockets = sum(kind.startswith("socket:") for kind in kinds)
    clients = os.times()
    return (kib("VmRSS"), kib("RssAnon"), len(kinds) - sockets, sockets, int(status["Threads"]),
            round(cpu_seconds(pid), 2), disk_kib(folder), round(sum(clients[:4]), 2))


class Watch(threading.Thread):
    def __init__(self, broker, table, pause):
        super().__init__()
        self.broker, self.table, self.pause = broker, table, pause
        self.over, self.rows, self.failure = threading.Event(), [], None

    def run(self):
        began = time.monotonic()
        with open(self.table, "w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            while not self.over.wait(self.pause):
                try:
                    row = (round(time.monotonic() - began, 1), *sample(self.broker.process.pid, self.broker.data))
                except (OSError, KeyError) as failure:
                    # Nothing is told of a process that has ended.
                    self.failure = failure
                    return
                self.rows.append(row)
                writer.writerow(row)
                out.flush()

    def column(self, name):
        return [row[COLUMNS.index(name)] for row in self.rows]

    def verdict(self):
        """Lines to print, and what has grown: the last quarter's median against the second one's."""
        lines, grown = [], []
        quarter = len(self.rows) // 4
        for name, (share, more) in ALLOWANCE.items():
            values = self.column(name)
            second, last = (statistics.median(values[q * quarter:(q + 1) * quarter]) for q in (1, 3))
            lines.append(f"  {name:15}{second:>12,.0f} in the second quarter, {last:>12,.0f} in the last, "
                         f"{max(values):>12,} at most")
            if last > second * (1 + share) + more:
                grown.append(f"{name} grew from {second:,.0f} to {last:,.0f}")
        for name in ("cpu_seconds", "clients_cpu_seconds"):
            values, seconds = self.column(name), self.column("seconds")
            lines.append(f"  {name:23}{100 * (values[-1] - values[0]) / (seconds[-1] - seconds[0]):6.1f} % of a core")
        return lines, grown
