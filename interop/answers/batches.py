"""Record batches with chosen timestamps (magic 2, not compressed)."""
import struct


def table():
    entries = []
    for entry in range(256):
        for _ in range(8):
            entry = entry >> 1 ^ 0x82F63B78 * (entry & 1)
        entries.append(entry)
    return entries


TABLE = table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def varint(value):
    value = value << 1 ^ value >> 63
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def batch(timestamps, producer_id=-1, epoch=-1, sequence=-1):
    """One batch with one record for each timestamp."""
    records = b""
    for offset, timestamp in enumerate(timestamps):
        value = b"value %d" % offset
        record = (b"\0" + varint(timestamp - timestamps[0]) + varint(offset) + varint(-1)
                  + varint(len(value)) + value + varint(0))
        records += varint(len(record)) + record
    count = len(timestamps)
    tail = struct.pack(">hiqqqhii", 0, count - 1, timestamps[0], max(timestamps), producer_id, epoch, sequence,
                       count) + records
    head = struct.pack(">ibI", -1, 2, crc32c(tail))
    return struct.pack(">qi", 0, len(head) + len(tail)) + head + tail


def records_of(data):
    """Key and value of each record in uncompressed batches, with what their batch says of its producer."""
    found = []
    while len(data) >= 61:
        length, = struct.unpack_from(">i", data, 8)
        producer_id, epoch, sequence, count = struct.unpack_from(">qhii", data, 43)
        reader = Varints(data[61:12 + length])
        for _ in range(count):
            reader.varint(), reader.take(1), reader.varint(), reader.varint()
            key, value = reader.sized(), reader.sized()
            assert reader.varint() == 0, "headers"
            found.append((producer_id, epoch, sequence, key, value))
        data = data[12 + length:]
    return found


class Varints:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value >> 1 ^ -(value & 1)

    def sized(self):
        """-1 is null."""
        length = self.varint()
        return None if length < 0 else self.take(length)
