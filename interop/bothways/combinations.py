"""Who writes first, on how many log directories, and how each of them ends: all combinations, by name."""
import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Combination:
    """`stops`: how the first broker ends, and how the second."""
    first: str
    dirs: int
    stops: tuple

    @property
    def second(self):
        return "klamm" if self.first == "jvm" else "jvm"

    @property
    def name(self):
        return f"{self.first}-{self.stops[0]}-{self.second}-{self.stops[1]}-{self.dirs}"


COMBINATIONS = [Combination(first, dirs, (one, two)) for first, dirs, one, two in itertools.product(
    ("jvm", "klamm"), (1, 2), ("stopped", "killed"), ("stopped", "killed"))]
# A sample in which each broker opens what the other one left, in both ways.
QUICK = ["jvm-stopped-klamm-killed-1", "jvm-killed-klamm-stopped-2", "klamm-killed-jvm-stopped-1",
         "klamm-stopped-jvm-killed-2"]
