"""What an attack knows about whom it attacks, and the list of attacks."""
import dataclasses
import random


@dataclasses.dataclass
class Target:
    host: str
    port: int
    seed: int
    # The short form.
    is_short: bool
    seconds: float
    advertised: dict
    # `socket.request.max.bytes` of the broker.
    frame_max: int
    # The port of the HTTP listener; Kafka has none.
    http: int

    def random(self, *names):
        """The same numbers for the same seed and names."""
        return random.Random(f"{self.seed} {names}")

    def size(self, whole, short):
        return short if self.is_short else whole


@dataclasses.dataclass
class Attack:
    name: str
    meaning: str
    run: object
    seconds: float
    # In the short form too, and for how long.
    short_seconds: float
    # Against something that Kafka does not have.
    is_ours: bool


ATTACKS = {}


def attack(name, meaning, seconds=10.0, short=0.0, is_ours=False):
    """Registers a function of a Target that returns what it did and saw, as a dict of numbers."""
    def register(function):
        assert name not in ATTACKS, name
        ATTACKS[name] = Attack(name, meaning, function, seconds, short, is_ours)
        return function
    return register
