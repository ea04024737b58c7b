"""Frames: their sizes, and what they claim to be."""
import struct

from load import Swarm
from seeds import framed, head
from target import attack

INT_MAX = 2**31 - 1


def hold(target, frames, count=1):
    """Each of the frames on `count` connections of its own, again and again; how the broker takes it."""
    swarm = Swarm(target)

    def again(peer):
        swarm.open(peer.data, data=peer.data)
    swarm.on_closed = again
    for frame in frames:
        for _ in range(count):
            swarm.open(frame, data=frame)
    swarm.run(target.seconds)
    return swarm.report("opened", "answers", "closed by the broker")


@attack("sizes", "frames of 0, -1, -2^31, 2^31-1 and max+1 bytes, and of max with ten bytes sent", 8, 3)
def sizes(target):
    sent = b"\0\3\0\1\0\0\0\1\0\0"
    announced = [0, -1, -2**31, INT_MAX, target.frame_max + 1, 1, 7, 9]
    frames = [struct.pack(">i", size) + sent for size in announced]
    return hold(target, frames + [struct.pack(">i", target.frame_max) + sent] * 20, target.size(10, 4))


@attack("unknown", "every API key from -2 to 200 and some beyond, in versions that nobody has", 8)
def unknown(target):
    keys = [*range(-2, 201), 1000, 32767, -32768]
    frames = []
    for key in keys:
        _, last = target.advertised.get(key, (0, -1))
        for version in (-32768, -1, last + 1, last + 2, 32767):
            frames += [framed(head(key, version, flexible)) for flexible in (False, True)]
    target.random("unknown").shuffle(frames)
    waiting, swarm = iter(frames * 1000), Swarm(target)

    def again(peer):
        frame = next(waiting, None)
        if frame:
            swarm.open(frame)

    def answered(peer):
        swarm.close(peer)
        again(peer)
    swarm.on_closed, swarm.on_answer = again, answered
    for _ in range(16):
        again(None)
    swarm.run(target.seconds)
    return swarm.report("opened", "answers", "closed by the broker")


@attack("strangers", "TLS, HTTP, SASL, SSH and noise on Kafka's port", 6)
def strangers(target):
    rng = target.random("strangers")
    frames = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /topics HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n",
        bytes.fromhex("1603010200010001fc0303") + rng.randbytes(500),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\0\0\0\1" + b"\0",
        framed(b"\0alice\0secret"),
        framed(head(17, 0, False) + b"\0\5PLAIN") + framed(b"\0alice\0secret"),
        framed(head(17, 1, False) + b"\0\xff"),
        framed(head(36, 2, True) + b"\xff\xff\xff\xff\x0f"),
        framed(head(36, 0, False) + b"\x7f\xff\xff\xff" + b"n,,n=alice,r=" + rng.randbytes(100)),
    ]
    frames += [rng.randbytes(rng.randrange(1, 2000)) for _ in range(40)]
    # Noise with a size that is right.
    frames += [framed(rng.randbytes(rng.randrange(1, 2000))) for _ in range(40)]
    return hold(target, frames)
