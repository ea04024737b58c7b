"""Many connections, and what they leave undone."""
import os
import socket
import struct
import time

from load import RESET, Swarm, address
from seeds import framed, head
from target import attack

from .payloads import named

MB = 1 << 20


def fetch(topic=b"big", partitions=4, most=2**31 - 1, wait=0):
    """Everything from the start."""
    body = struct.pack(">iiiibii", -1, wait, 1, most, 0, 0, -1) + struct.pack(">i", 1) + named(topic)
    body += struct.pack(">i", partitions)
    body += b"".join(struct.pack(">iiqqi", index, -1, 0, -1, most) for index in range(partitions))
    return framed(head(1, 11, False) + body + struct.pack(">ih", 0, 0))


def metadata_of_all():
    return framed(head(3, 1, False) + struct.pack(">i", -1))


@attack("half", "2,000 connections announce a megabyte each and send ten bytes of it", 15, 4)
def half(target):
    swarm = Swarm(target)
    swarm.open_all(2000, struct.pack(">i", MB) + b"\0\0\0\3" + b"\0" * 6)
    swarm.run(target.seconds)
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers)}


@attack("stopped", "500 connections send nine tenths of a megabyte each and stop", 12, 4)
def stopped(target):
    swarm = Swarm(target)
    count = target.size(500, 300)
    swarm.open_all(count, struct.pack(">i", MB) + bytes(MB * 9 // 10), at_a_time=8)
    swarm.run(target.seconds)
    left = sum(len(peer.out) for peer in swarm.peers.values())
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers), "MB not taken": left // MB}


@attack("slow", "1,000 connections send a byte a second, of megabytes and of small requests", 20)
def slow(target):
    swarm, small = Swarm(target), framed(head(18, 0, False))

    def request(index):
        return struct.pack(">i", MB) + bytes(60) if index % 2 else small
    swarm.open_all(1000, lambda index: b"", data=None)
    for index, peer in enumerate(list(swarm.peers.values())):
        peer.data = [request(index), 0]
    due, started = [time.monotonic()], len(swarm.peers)

    def a_byte():
        if time.monotonic() < due[0]:
            return
        due[0] += 1
        for peer in list(swarm.peers.values()):
            text, at = peer.data
            swarm.send(peer, text[at % len(text):at % len(text) + 1])
            peer.data[1] += 1
    swarm.run(target.seconds, a_byte)
    return swarm.report("opened", "answers", "closed by the broker") | {"started": started, "left": len(swarm.peers)}


def mute(target, count, request, times=1):
    """Asks and never reads, with as little room in the kernel as it allows."""
    swarm = Swarm(target)
    swarm.open_all(count, request * times, reads=False, buffer=4096)
    swarm.run(target.seconds)
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers)}


@attack("mute", "1,000 connections fetch 64 MB each and never read", 15, 4)
def mute_fetch(target):
    return mute(target, 1000, fetch(), 3)


@attack("mute-metadata", "1,000 connections ask for all topics, a hundred times each, and never read", 15)
def mute_metadata(target):
    return mute(target, 1000, metadata_of_all(), 100)


@attack("idle", "10,000 connections that say nothing", 20)
def idle(target):
    swarm = Swarm(target)
    swarm.open_all(10_000, at_a_time=128)
    swarm.run(target.seconds)
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers)}


@attack("storm", "connections opened and closed as fast as possible by four processes", 10, 3)
def storm(target):
    readers = []
    for number in range(4):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            os.write(writer, struct.pack(">i", knock(target, number)))
            os._exit(0)
        os.close(writer)
        readers.append(reader)
    opened = sum(struct.unpack(">i", os.read(reader, 4))[0] for reader in readers)
    for _ in readers:
        os.wait()
    return {"opened": opened}


def knock(target, number):
    end, count = time.monotonic() + target.seconds, 0
    while time.monotonic() < end:
        for index in range(50):
            with socket.socket() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                connection.settimeout(2)
                try:
                    connection.bind((address(count + number * 50), 0))
                    connection.connect((target.host, target.port))
                    count += 1
                    if index % 2:
                        connection.send(framed(head(18, 0, False)))
                except OSError:
                    pass
    return count


@attack("resets", "requests cut off by a reset, or by the end of one direction, at any byte", 8)
def resets(target):
    swarm, rng = Swarm(target), target.random("resets")
    requests = [fetch(wait=5000), metadata_of_all() * 20, framed(head(18, 0, False)), struct.pack(">i", MB) + bytes(1000)]

    def again(peer=None):
        request = rng.choice(requests)
        swarm.open(request[:rng.randrange(1, len(request) + 1)], reads=rng.random() < 0.5)

    def sent(peer):
        way = rng.randrange(4)
        if way == 0:
            swarm.close(peer, reset=True)
            again()
        elif way == 1 and peer.data is None:
            peer.data = "half-closed"
            peer.socket.shutdown(1)

    def clear():
        now = time.monotonic()
        for peer in list(swarm.peers.values()):
            if now - peer.asked > 0.2:
                swarm.close(peer, reset=rng.random() < 0.7)
                again()
    swarm.on_sent, swarm.on_closed = sent, again
    for _ in range(200):
        again()
    swarm.run(target.seconds, clear)
    return swarm.report("opened", "answers", "closed by the broker")


@attack("fetches", "100 connections fetch all there is, again and again, and read it", 10, 3)
def fetches(target):
    swarm, request = Swarm(target), fetch()
    swarm.on_answer = lambda peer: swarm.send(peer, request)
    swarm.open_all(100, request)
    swarm.run(target.seconds)
    return swarm.report("opened", "answers", "closed by the broker") | {"MB read": swarm.counts["bytes read"] // MB}


@attack("pipeline", "10,000 requests each on 50 connections, no answer read", 12, 3)
def pipeline(target):
    swarm = Swarm(target)
    kinds = [framed(head(18, 0, False)), metadata_of_all(), fetch(partitions=1, most=1000)]
    # One string for all connections of a kind.
    texts = [kind * 10_000 for kind in kinds]
    swarm.open_all(target.size(50, 20), lambda index: texts[index % 3], reads=False, at_a_time=8)
    swarm.run(target.seconds)
    left = sum(len(peer.out) for peer in swarm.peers.values())
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers), "KB not taken": left // 1024}
