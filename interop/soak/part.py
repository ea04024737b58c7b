"""A part of the load: a thread that does one thing after the other until the end."""
import collections
import random
import threading

from book import Errors


class Soak:
    """What the parts share."""

    def __init__(self, broker, book, seed):
        self.broker, self.book, self.seed = broker, book, seed
        self.bootstrap = broker.bootstrap
        self.errors, self.over = Errors(), threading.Event()
        self.lock, self.counts = threading.Lock(), collections.Counter()

    def count(self, what, by=1):
        with self.lock:
            self.counts[what] += by


class Part(threading.Thread):
    """`turn` is one client's life; whatever it raises is an error of the soak."""

    # Seconds between two lives.
    PAUSE = (0.1, 1.0)

    def __init__(self, soak, number=0):
        name = type(self).__name__.lower()
        super().__init__(name=f"{name}-{number}")
        self.soak, self.label = soak, name
        self.over = threading.Event()
        self.chance = random.Random(f"{soak.seed} {self.name}")

    def turn(self):
        raise NotImplementedError

    def run(self):
        while not self.over.is_set():
            try:
                self.turn()
            except Exception as error:
                self.soak.errors.add(self.label, error)
            self.over.wait(self.chance.uniform(*self.PAUSE))

    def end(self):
        self.over.set()
        self.join(120)
        if self.is_alive():
            self.soak.errors.add(self.label, "does not end")
