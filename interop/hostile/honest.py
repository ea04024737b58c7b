"""The honest client, a process of its own: `honest.py steady|newcomer HOST PORT FILE`.

`steady` writes a record with acks=all on one connection and reads it back on another, a hundred times a second by
the clock: a round that is late counts from when it was due. `newcomer` connects, asks for the API versions and leaves,
five times a second. Each round is a line in FILE: when it was due, milliseconds, and `ok` or what went wrong.
"""
import socket
import struct
import sys
import time

from batches import batch

TOPIC = b"honest"
PATIENCE = 20


def frame(key, version, correlation_id, body):
    head = struct.pack(">hhih", key, version, correlation_id, 6) + b"honest"
    return struct.pack(">i", len(head) + len(body)) + head + body


def read(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("the broker closed the connection")
        data += piece
    return data


def ask(connection, key, version, correlation_id, body):
    connection.sendall(frame(key, version, correlation_id, body))
    answer = read(connection, struct.unpack(">i", read(connection, 4))[0])
    if struct.unpack_from(">i", answer)[0] != correlation_id:
        raise ConnectionError("the answer to another question")
    return answer[4:]


def connected(address):
    connection = socket.create_connection(address, timeout=PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Steady:
    """Rounds of produce and fetch on two connections that stay."""
    PERIOD = 0.01

    def __init__(self, address):
        self.address, self.connections, self.count = address, None, 0
        # Sixteen different batches of about a kilobyte.
        self.batches = [batch([1_700_000_000_000 + index * 1000 + i for i in range(40)]) for index in range(16)]

    def round(self):
        if self.connections is None:
            self.connections = connected(self.address), connected(self.address)
        produce, fetch = self.connections
        self.count += 1
        records = self.batches[self.count % len(self.batches)]
        named = struct.pack(">ih", 1, len(TOPIC)) + TOPIC
        answer = ask(produce, 0, 7, self.count, struct.pack(">hhi", -1, -1, 30_000) + named
                     + struct.pack(">iii", 1, 0, len(records)) + records)
        error, offset = struct.unpack_from(">hq", answer, 4 + 2 + len(TOPIC) + 4 + 4)
        if error:
            raise ValueError(f"produce: error {error}")
        answer = ask(fetch, 1, 11, self.count, struct.pack(">iiiibii", -1, 5000, 1, 1 << 20, 0, 0, -1) + named
                     + struct.pack(">iiiqqi", 1, 0, -1, offset, -1, 1 << 20) + struct.pack(">ih", 0, 0))
        error, high_watermark = struct.unpack_from(">hq", answer, 4 + 2 + 4 + 4 + 2 + len(TOPIC) + 4 + 4)
        if error:
            raise ValueError(f"fetch: error {error}")
        # The offset and the epoch in front of the checksum are the broker's.
        if records[17:] not in answer:
            raise ValueError(f"fetch: the batch at {offset} is not there, high watermark {high_watermark}, {len(answer)} bytes")

    def leave(self):
        for connection in self.connections or ():
            connection.close()
        self.connections = None


class Newcomer:
    """A connection of its own for each round."""
    PERIOD = 0.2

    def __init__(self, address):
        self.address = address

    def round(self):
        with connected(self.address) as connection:
            if ask(connection, 18, 0, 1, b"")[:2] != b"\0\0":
                raise ValueError("ApiVersions: an error")

    def leave(self):
        pass


def main():
    kind, host, port, path = sys.argv[1:]
    client = {"steady": Steady, "newcomer": Newcomer}[kind]((host, int(port)))
    due = time.monotonic()
    with open(path, "a", buffering=1) as file:
        while True:
            due += client.PERIOD
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                client.round()
                result = "ok"
            except (OSError, ValueError, struct.error) as error:
                result = f"{type(error).__name__}: {error}"
                client.leave()
                time.sleep(0.05)
            now = time.monotonic()
            file.write(f"{due:.6f} {(now - due) * 1000:.3f} {result}\n")
            # After a long silence the rounds that were missed are not all made up for.
            due = max(due, now - 2)


if __name__ == "__main__":
    main()
