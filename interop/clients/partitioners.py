"""Where a record with a key belongs, by the default partitioner of each client."""
import zlib

M = 0x5BD1E995
WORD = 0xFFFFFFFF


def murmur2(data):
    """The 32-bit hash of Kafka's Java client."""
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at:at + 4], "little") * M & WORD
        h = (h * M & WORD) ^ ((k ^ k >> 24) * M & WORD)
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * M & WORD
    h = (h ^ h >> 13) * M & WORD
    return h ^ h >> 15


def by_murmur2(key, partitions):
    """None where the client is free to choose."""
    return None if key is None else (murmur2(key) & 0x7FFFFFFF) % partitions


def by_crc32(key, partitions):
    """librdkafka's `consistent_random`: an empty key is none."""
    return zlib.crc32(key) % partitions if key else None
