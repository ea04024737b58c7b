"""The load side: thousands of connections in one process that waits for the kernel and never spins."""
import collections
import errno
import select
import socket
import struct
import time

RESET = struct.pack("ii", 1, 0)
SCRAP = memoryview(bytearray(1 << 20))
# Strangers come from many addresses, the honest client from 127.0.0.1.
ADDRESSES = 200


def address(index):
    index %= ADDRESSES
    return f"127.0.{1 + index // 100}.{1 + index % 100}"


class Peer:
    """One connection. `out` is what is still to be sent; `data` is the attack's own."""
    __slots__ = ("socket", "out", "reads", "left", "head", "answers", "asked", "data", "armed")

    def __init__(self, connection, out, reads, data):
        self.socket, self.out, self.reads, self.data = connection, memoryview(out), reads, data
        self.left, self.head, self.answers, self.asked, self.armed = 0, b"", 0, 0.0, 0


class Swarm:
    """Opens connections, sends what they are given, counts what comes back. What happens is told to
    `on_answer(peer)`, `on_sent(peer)` and `on_closed(peer)`."""

    def __init__(self, target, port=None):
        self.target, self.port = target, port or target.port
        self.poller, self.peers, self.counts = select.epoll(), {}, collections.Counter()
        self.on_answer = self.on_sent = self.on_closed = lambda peer: None

    def open(self, out=b"", reads=True, data=None, buffer=None):
        connection = socket.socket()
        connection.setblocking(False)
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        connection.bind((address(self.counts["opened"]), 0))
        self.counts["opened"] += 1
        peer = Peer(connection, out, reads, data)
        code = connection.connect_ex((self.target.host, self.port))
        if code not in (0, errno.EINPROGRESS):
            self.counts[f"not opened: {errno.errorcode.get(code, code)}"] += 1
            connection.close()
            return None
        self.peers[connection.fileno()] = peer
        peer.asked = time.monotonic()
        self.poller.register(connection, 0)
        self.arm(peer, True)
        return peer

    def arm(self, peer, first=False):
        wanted = select.EPOLLRDHUP | (select.EPOLLIN if peer.reads else 0) | (
            select.EPOLLOUT if first or len(peer.out) else 0)
        if wanted != peer.armed:
            peer.armed = wanted
            self.poller.modify(peer.socket, wanted)

    def send(self, peer, data):
        peer.out = memoryview(bytes(peer.out) + data) if len(peer.out) else memoryview(data)
        peer.asked = time.monotonic()
        self.write(peer)

    def write(self, peer):
        try:
            while len(peer.out):
                peer.out = peer.out[peer.socket.send(peer.out[:1 << 18]):]
        except BlockingIOError:
            pass
        except OSError:
            self.lost(peer)
            return
        self.arm(peer)
        if not len(peer.out):
            self.on_sent(peer)

    def close(self, peer, reset=False):
        """From our side."""
        if self.peers.pop(peer.socket.fileno(), None) is None:
            return
        if reset:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.socket.close()

    def lost(self, peer):
        """From the broker's side."""
        if self.peers.pop(peer.socket.fileno(), None) is not None:
            peer.socket.close()
            self.counts["closed by the broker"] += 1
            self.on_closed(peer)

    def read(self, peer):
        try:
            count = peer.socket.recv_into(SCRAP)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if count == 0:
            self.lost(peer)
            return
        self.counts["bytes read"] += count
        at = 0
        while at < count:
            if peer.left == 0:
                peer.head += SCRAP[at:at + 4 - len(peer.head)].tobytes()
                at = min(count, at + 4)
                if len(peer.head) < 4:
                    break
                peer.left, peer.head = struct.unpack(">i", peer.head)[0], b""
                if peer.left <= 0:
                    self.counts["strange answers"] += 1
                    self.close(peer)
                    return
            taken = min(peer.left, count - at)
            peer.left -= taken
            at += taken
            if peer.left == 0:
                peer.answers += 1
                self.counts["answers"] += 1
                self.on_answer(peer)

    def turn(self, wait):
        """What happened in the next `wait` seconds at most."""
        for number, event in self.poller.poll(wait, 512):
            peer = self.peers.get(number)
            if peer is None:
                continue
            if event & select.EPOLLIN and peer.reads:
                self.read(peer)
            elif event & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                self.lost(peer)
                continue
            if event & select.EPOLLOUT and peer.socket.fileno() == number:
                self.write(peer)

    def run(self, seconds, every=None):
        """Turns for so long; `every()` is called about twenty times a second."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self.turn(min(0.05, end - now))
            if every:
                every()

    def open_all(self, count, out=b"", reads=True, at_a_time=64, **others):
        """So many, some at a time, so that the backlog is not what is measured."""
        for index in range(count):
            self.open(out(index) if callable(out) else out, reads, **others)
            if index % at_a_time == at_a_time - 1:
                self.turn(0.005)

    def close_all(self):
        for peer in list(self.peers.values()):
            self.close(peer)

    def report(self, *keys):
        return {key: self.counts[key] for key in keys if self.counts[key]}
