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
