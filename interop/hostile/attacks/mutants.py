"""Requests that are nearly right: every advertised API in every version."""
import collections
import struct
import time

from load import Swarm
from seeds import framed, golden, live
from target import attack

PATIENCE = 0.15


class Stream:
    """Sends one request after the other over a few connections; who gets no answer in time leaves."""

    def __init__(self, target, requests, connections=32, patience=PATIENCE):
        self.patience = patience
        self.swarm, self.requests, self.waiting = Swarm(target), requests, collections.deque()
        self.swarm.on_answer, self.swarm.on_closed = self.next, self.again
        self.sent, self.unanswered, self.is_over = 0, 0, False
        self.end = time.monotonic() + target.seconds
        self.idle = connections

    def next(self, peer):
        request = next(self.requests, None) if time.monotonic() < self.end else None
        if request is None:
            self.is_over = True
            self.swarm.close(peer)
            return
        self.sent += 1
        self.swarm.send(peer, request)
        peer.data = self.sent
        self.waiting.append((time.monotonic() + self.patience, peer, self.sent))

    def again(self, _=None):
        if not self.is_over:
            peer = self.swarm.open()
            if peer:
                self.next(peer)

    def give_up(self):
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] < now:
            _, peer, number = self.waiting.popleft()
            if peer.data == number and self.swarm.peers.get(peer.socket.fileno()) is peer:
                self.unanswered += 1
                self.swarm.close(peer, reset=True)
                self.again()

    def run(self):
        for _ in range(self.idle):
            self.again()
        while self.swarm.peers and time.monotonic() < self.end + 2:
            self.swarm.turn(0.02)
            self.give_up()
        self.swarm.close_all()
        return {"requests": self.sent, "unanswered": self.unanswered, "all were sent": int(next(self.requests, None) is None),
                **self.swarm.report("answers", "closed by the broker")}


def flip(rng, body):
    spoilt = bytearray(body)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def truncate(rng, body):
    return body[:rng.randrange(len(body))]


def splice(rng, body, other):
    """The beginning of one, the end of another."""
    return body[:rng.randrange(len(body) + 1)] + other[rng.randrange(len(other) + 1):]


def interesting(rng, body):
    """Four bytes become a number at an end of its range."""
    at = rng.randrange(len(body))
    number = rng.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xfe", b"\0\0\0\0", b"\0\x10\0\0"))
    return body[:at] + number + body[at + 4:]


def grow(rng, body):
    """A piece of it many times over."""
    start = rng.randrange(len(body))
    piece = body[start:start + rng.randrange(1, 64)]
    return body[:start] + piece * rng.randrange(2, 500) + body[start:]


def spoilt(target, count):
    """`count` mutants of every API in every version; one of each at a time, so that a short run meets all of them."""
    apis = golden(target.advertised) + live(target.advertised) * 4
    apis = [(api, list(api.bodies.values())) for api in apis]
    everything = [body for _, bodies in apis for body in bodies if body]
    rng = target.random("mutants")
    ways = [flip, flip, truncate, interesting, grow]
    for _ in range(count):
        for api, bodies in apis:
            body = rng.choice(bodies) or b"\0"
            if rng.random() < 0.2:
                body = splice(rng, body, rng.choice(bodies + [rng.choice(everything)]))
            else:
                body = rng.choice(ways)(rng, body)
            whole = api.head + body
            if rng.random() < 0.05:
                # The header as well, but for key and version.
                whole = whole[:4] + flip(rng, whole[4:])
            yield framed(whole)


@attack("mutants", "bit flips, truncations and splices of valid requests, every API and version, hundreds of each", 60, 8)
def mutants(target):
    return Stream(target, spoilt(target, target.size(400, 25))).run()


COUNTS = [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xff\xff\xfe", b"\x80\0\0\0", b"\0\x0f\x42\x40"]
# As varints: 2^31 - 1, 2^32 - 1, null, 20 million, six bytes, eleven bytes.
VARINTS = [b"\xff\xff\xff\xff\x07", b"\xff\xff\xff\xff\x0f", b"\0", b"\x81\xda\xc4\x09", b"\xff\xff\xff\xff\xff\x01",
           b"\xff" * 10 + b"\x01"]


def counted(target):
    """Every number that could be a count says something else: all places of short requests, in every version."""
    for api in golden(target.advertised):
        shortest = [api.bodies[case] for case in ("nested-defaults", "defaults") if case in api.bodies]
        for body in shortest[:target.size(2, 1)]:
            places = range(min(len(body) + 1, 120))
            for at in places if not target.is_short else places[::5]:
                for number in VARINTS if api.flexible else COUNTS:
                    yield framed(api.head + body[:at] + number + body[at + (1 if api.flexible else 4):])
        if api.flexible:
            # 20 million tagged fields, in the header and behind the body.
            yield framed(api.head[:-1] + VARINTS[3])
            yield framed(api.head + (body := api.bodies.get("defaults", b"\0"))[:-1] + VARINTS[3] + b"\0" * 64)
            yield framed(api.head + body[:-1] + b"\xff\x7f" + b"".join(
                struct.pack("BBB", 0x80 | n & 127, n >> 7, 0) for n in range(128, 16383)))


@attack("counts", "array counts, lengths, varints and numbers of tagged fields that are not true, every API and version", 40, 5)
def counts(target):
    return Stream(target, counted(target)).run()


def filled(target):
    """Counts that the bytes support: a megabyte of the smallest elements behind every place of an empty request."""
    size = target.size(1 << 20, 1 << 18)
    for api in golden(target.advertised):
        body = api.bodies.get("defaults", b"")
        places = range(min(len(body), 24))
        for at in places if not target.is_short else list(places)[:3]:
            for filler in (b"\0", b"\1"):
                number = b"\x81\x80\x3d" if api.flexible else b"\0\x0f\x42\x40"
                yield framed(api.head + body[:at] + number + filler * size)


@attack("arrays", "a million smallest elements in a megabyte, in every place where an array could be, every API and version", 40)
def arrays(target):
    return Stream(target, filled(target), 8).run()
