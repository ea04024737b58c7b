"""The records that go in: the same in every run but for the time of the first, and awkward ones among them."""
import base64
import json
import random

from program import Record

COUNT = 10_000
SEED = 20130101
HOUR_MS = 3_600_000
# What separates the records of kcat, and their keys from their values.
RECORD_END, KEY_END = "\x1e", "\x1f"

WORDS = ["position", "Ünïcödé", "温度", "🚚 truck", "línea\nnueva", "tab\there", '"quoted"', "speed", "Straße", "ключ"]
# Names that repeat stand side by side: kafkajs keeps headers by name.
HEADERS = [
    [], [("trace", b"00-4bf92f")], [("trace", b""), ("größe", "12 µm".encode())], [("null", None)],
    [("again", b"1"), ("again", b"2"), ("bytes", bytes(range(256)))], [("", b"no name")],
]


def generate(start):
    """`start` is the timestamp of the first record in ms; a few are stamped before it."""
    chance = random.Random(SEED)
    return [Record(timestamp(start, i), key(chance, i), value(chance, i), HEADERS[chance.randrange(len(HEADERS))])
            for i in range(COUNT)]


def without_null_headers(records):
    return [record._replace(headers=[(name, content or b"") for name, content in record.headers]) for record in records]


def timestamp(start, i):
    return start + 11 * i - (60_000 if i % 97 == 5 else 0)


def key(chance, i):
    if i % 20 == 7:
        return None
    if i % 50 == 11:
        return b""
    if i % 50 == 12:
        return chance.randbytes(1 + i % 40)
    if i % 400 == 13:
        return b"long" * 100
    return f"{WORDS[i % len(WORDS)]}-{chance.randrange(500)}".encode()


def value(chance, i):
    if i % 30 == 3:
        return None
    if i % 30 == 4:
        return b""
    if i % 30 == 5:
        return chance.randbytes(chance.randrange(200))
    if i % 500 == 6:
        return f"{i} wide ".encode() * 2000
    words = " ".join(chance.choice(WORDS) for _ in range(1 + i % 12))
    return json.dumps({"n": i, "says": words}, ensure_ascii=i % 2 == 0).encode()


def encoded(data):
    return "-" if data is None else base64.b64encode(data).decode()


def write(path, records):
    with open(path, "w", encoding="ascii") as out:
        for record in records:
            headers = [f"{encoded(name.encode())}:{encoded(content)}" for name, content in record.headers]
            out.write("\t".join([str(record.timestamp), encoded(record.key), encoded(record.value), *headers]) + "\n")


def kcat_runs():
    """For kcat, runs of (options, records): headers and what an empty text means are those of a whole run.

    Every record can be told by its key and its value; timestamps are kcat's own.
    """
    runs, size = [], COUNT // len(HEADERS[:5])
    for number, headers in enumerate(HEADERS[:5]):
        headers = [(name, content) for name, content in headers if name != "bytes"]
        options = [part for name, content in headers for part in ("-H", header_text(name, content))]
        empty = None if number % 2 else b""
        options += ["-Z"] if empty is None else []
        runs.append((options, [kcat_record(number, i, headers, empty) for i in range(number * size, (number + 1) * size)]))
    return runs


def header_text(name, content):
    return name if content is None else f"{name}={content.decode()}"


def kcat_record(run, i, headers, empty):
    if i % 30 == 3:
        return Record(None, f"{WORDS[i % len(WORDS)]}/{i}".encode(), empty, headers)
    text = f"{i} {' '.join(WORDS[(i + j) % len(WORDS)] for j in range(1 + i % 12))}".encode()
    if i % 20 == 7:
        return Record(None, None, text, headers)
    if i % 50 == 11:
        return Record(None, empty, text, headers)
    return Record(None, f"{WORDS[i % len(WORDS)]}-{i * 7919 % 500}".encode(), text, headers)


def write_kcat_runs(folder, runs):
    for number, (options, records) in enumerate(runs):
        (folder / f"{number}.json").write_text(json.dumps(options))
        with open(folder / f"{number}.records", "wb") as out:
            for record in records:
                if record.key is not None:
                    out.write(record.key + KEY_END.encode())
                elif record.value is not None and KEY_END.encode() in record.value:
                    raise ValueError(record)
                out.write((record.value or b"") + RECORD_END.encode())
