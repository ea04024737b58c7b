"""Record batches that are small on the wire and huge when they are unpacked, written by hand: no library makes them."""
import struct
import zlib

from batches import crc32c, varint

MB = 1 << 20


def gzip(prefix, zeros):
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = pack.compress(prefix) + pack.flush(zlib.Z_FULL_FLUSH)
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(4 * MB)
    packed = plain.compress(piece) + plain.flush(zlib.Z_FULL_FLUSH)
    crc, rest = zlib.crc32(prefix), zeros % len(piece)
    for _ in range(zeros // len(piece)):
        crc = zlib.crc32(piece, crc)
    out += packed * (zeros // len(piece))
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    out += plain.compress(bytes(rest)) + plain.flush()
    return out + struct.pack("<II", zlib.crc32(bytes(rest), crc), (len(prefix) + zeros) & 0xFFFFFFFF)


def snappy(prefix, zeros):
    """In xerial's frames, as Java writes it."""
    out, chunk = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1), 1 << 20

    def block(literal, count):
        # A literal with a zero behind it, then copies of 64 bytes from one byte before.
        literal += bytes(1)
        data = length(len(literal) - 1 + count) + bytes([len(literal) - 1 << 2]) + literal
        copies, rest = divmod(count - 1, 64)
        data += bytes([63 << 2 | 2, 1, 0]) * copies
        return data + (bytes([rest - 1 << 2 | 2, 1, 0]) if rest else b"")
    while zeros > 0:
        data = block(prefix, min(chunk, zeros))
        out += struct.pack(">i", len(data)) + data
        prefix, zeros = b"", zeros - chunk
    return out


def length(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def lz4(prefix, zeros):
    flags = b"\x60\x70"
    out = b"\x04\x22\x4d\x18" + flags + bytes([xxh32(flags) >> 8 & 255])
    whole = 4 * MB

    def block(literal, count):
        # Literals, a match of zeros, and the five literals that end a block.
        literal += bytes(1)
        match = count - 1 - 5 - 4 - 15
        data = bytes([min(15, len(literal)) << 4 | 15])
        data += bytes([len(literal) - 15]) if len(literal) >= 15 else b""
        data += literal + b"\1\0" + b"\xff" * (match // 255) + bytes([match % 255])
        return data + b"\x50" + bytes(5)
    while zeros > 0:
        count = min(whole - len(prefix), zeros)
        if 0 < zeros - count < 64:
            count -= 64
        data = block(prefix, count)
        out += struct.pack("<I", len(data)) + data
        prefix, zeros = b"", zeros - count
    return out + bytes(4)


def xxh32(data):
    """Of less than four bytes."""
    hashed = 374761393 + len(data)
    for byte in data:
        hashed = (hashed + byte * 374761393) & 0xFFFFFFFF
        hashed = (hashed << 11 | hashed >> 21) * 2654435761 & 0xFFFFFFFF
    hashed = (hashed ^ hashed >> 15) * 2246822519 & 0xFFFFFFFF
    hashed = (hashed ^ hashed >> 13) * 3266489917 & 0xFFFFFFFF
    return hashed ^ hashed >> 16


def zstd(prefix, zeros, window=0x38):
    """Blocks of 128 KiB that repeat one byte take four bytes each."""
    def block(kind, size, data, is_last=0):
        return struct.pack("<I", size << 3 | kind << 1 | is_last)[:3] + data
    out = b"\x28\xb5\x2f\xfd" + bytes([0, window]) + block(0, len(prefix), prefix)
    out += block(1, 1 << 17, b"\0") * (zeros >> 17)
    return out + block(1, zeros & (1 << 17) - 1, b"\0", 1)


# Number, packer, and the most zeros that fit into a megabyte (or that Kafka's numbers allow).
CODECS = {"gzip": (1, gzip, 1000 * MB), "snappy": (2, snappy, 20 * MB), "lz4": (3, lz4, 240 * MB),
          "zstd": (4, zstd, 1900 * MB)}


def one_record(zeros):
    """One record whose value is all of it."""
    head = b"\0\0\0\1" + varint(zeros - 1)
    return varint(len(head) + zeros) + head, 1


def many_headers(zeros):
    """One record with as many empty headers as fit."""
    head = b"\0\0\0\1\1" + varint(zeros // 2)
    return varint(len(head) + zeros // 2 * 2) + head, 1


def many_records(_zeros):
    """Nothing that a record could be, and two billion of it."""
    return b"\0", 2**31 - 1


SHAPES = {"one record": one_record, "headers": many_headers, "records": many_records}


def batch(codec, shape, zeros_max):
    """`zeros_max` bounds what it becomes; it stays below a megabyte."""
    number, pack, most = CODECS[codec]
    zeros = min(most, zeros_max) // 2 * 2
    prefix, count = SHAPES[shape](zeros)
    return wrapped(number, pack(prefix, zeros), count)


def wrapped(codec, packed, count):
    tail = struct.pack(">hiqqqhii", codec, count - 1, 1, 1, -1, -1, -1, count) + packed
    head = struct.pack(">ibI", -1, 2, crc32c(tail))
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


def lies():
    """Packed data whose head promises what is not there."""
    yield wrapped(2, b"\xff\xff\xff\xff\x0f" + bytes(100), 1)
    yield wrapped(2, b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, 2**31 - 1) + bytes(100), 1)
    yield wrapped(2, b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, 20) + b"\xff\xff\xff\xff\x07" + bytes(15), 1)
    yield wrapped(4, zstd(b"\0", 1 << 20, 0xA8), 1)
    yield wrapped(4, b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**62) + bytes(64), 1)
    yield wrapped(3, b"\x04\x22\x4d\x18\x60\x70\x73" + struct.pack("<I", 0x7FFFFFFF) + bytes(100), 1)
    yield wrapped(0, b"\xff\xff\xff\xff\x0f" + bytes(100), 2**31 - 1)
    yield wrapped(0, varint(2**31 - 1) + bytes(100), 1)
