"""The HTTP listener with /metrics and /healthz: it must not be a way around the bounds of the others."""
from load import Swarm
from target import attack


@attack("http", "/metrics asked for and not read, endless headers, headers by the byte, noise", 10, 3, is_ours=True)
def web(target):
    swarm, rng = Swarm(target, target.http), target.random("http")
    get = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    texts = [get * 1000, b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * (1 << 20), b"GET /" + b"a" * (1 << 20),
             b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n" + b"z" * (1 << 20),
             b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", b"GET /metr", b"\r\n" * 100_000,
             rng.randbytes(5000), b"GET /healthz HTTP/1.1\r\n" + b"A: b\r\n" * 50_000 + b"\r\n", b"\x16\x03\1\2\0\1\0\1\xfc\3\3"]
    drips = []

    def again(peer):
        swarm.open(rng.choice(texts), reads=False, buffer=4096)

    def a_byte():
        for peer in drips:
            if peer.socket.fileno() >= 0:
                swarm.send(peer, b"a")
    swarm.on_closed = again
    swarm.open_all(target.size(400, 100), lambda index: texts[index % len(texts)], reads=False, buffer=4096)
    for _ in range(100):
        peer = swarm.open(b"GET /", reads=False)
        if peer:
            drips.append(peer)
    swarm.run(target.seconds, a_byte)
    return swarm.report("opened", "closed by the broker") | {"left": len(swarm.peers)}
