"""What readers see of transactions that Kafka wrote: committed, aborted, left open, over several segments.

The folder comes from a broker that was killed after `fill_transactions.py`; it is looked at in three lives.
"""
import struct

from .common import until_led

FOLDER = "transactions"
# The folder ages: retention and the expiry of producers would change it.
OVERRIDES = {"log.initial.task.delay.ms": 3_600_000}


def heads(data):
    """The batches that came whole: offsets, attributes, producer id, epoch and sequence, checksum."""
    found = []
    while len(data) >= 61:
        base, length = struct.unpack_from(">qi", data)
        if len(data) < 12 + length:
            break
        checksum, attributes, delta = struct.unpack_from(">Ihi", data, 17)
        found.append([base, base + delta, attributes, *struct.unpack_from(">qhi", data, 43), checksum])
        data = data[12 + length:]
    return found


def needed(partition):
    """Aborted transactions that begin in what was returned: further ones depend on where the index has entries."""
    if partition.get("aborted_transactions"):
        end = max((last for _, last, *_ in heads(partition["records"])), default=-1)
        aborted = [one for one in partition["aborted_transactions"] if one["first_offset"] <= end]
        partition = {**partition, "aborted_transactions": aborted}
    return partition


MASKED = {
    "partitions": lambda all_: [needed(one) for one in all_],
    "records": lambda data: data if data is None else str(heads(data)),
    "leader_epoch": lambda epoch: "<epoch>" if epoch >= 0 else epoch,
    "producer_id": lambda producer_id: producer_id,
    # The others expire a day after the folder was made.
    "active_producers": lambda all_: [one for one in all_ if one["current_txn_start_offset"] >= 0],
}
# Kafka lists aborted transactions by their ends; clients want them by their beginnings, as Klamm sends them.
SORTED_BY = {"active_producers": ("producer_id",), "aborted_transactions": ("first_offset",)}

PARTITIONS = [("txn", 0), ("txn", 1), ("open", 0), ("small", 0)]


def ends(life):
    for topic, index in PARTITIONS:
        for isolation in (0, 1):
            for timestamp in (-1, -2, -3, -4, 0, 4_000_000_000_000):
                yield f"life {life}: {topic}-{index}, {isolation}, at {timestamp}", "ListOffsets", 11, {
                    "isolation_level": isolation, "topics": [{"name": topic, "partitions": [
                        {"partition_index": index, "timestamp": timestamp}]}]}
    yield f"life {life}", "DescribeProducers", 0, {"topics": [
        {"name": topic, "partition_indexes": [index]} for topic, index in PARTITIONS]}


def fetches(life, step, sizes):
    for topic, index in PARTITIONS:
        answer = yield None, "ListOffsets", 11, {"topics": [
            {"name": topic, "partitions": [{"partition_index": index, "timestamp": -1}]}]}
        end = answer["topics"][0]["partitions"][0]["offset"]
        for isolation in (0, 1):
            for size in sizes:
                for offset in [*range(0, end, step), end, end + 1]:
                    label = f"life {life}: {topic}-{index}, {isolation}, {size} bytes from {offset}"
                    yield label, "Fetch", 11, {"isolation_level": isolation, "max_bytes": 10_000_000, "topics": [
                        {"topic": topic, "partitions": [
                            {"partition": index, "fetch_offset": offset, "partition_max_bytes": size}]}]}


def read():
    for life, (end, step) in enumerate([("stop", 1), ("kill", 7), (None, 5)]):
        for topic, index in PARTITIONS:
            yield from until_led(topic, index)
        yield from ends(life)
        yield from fetches(life, step, (1, 60_000, 3_000_000) if life == 0 else (60_000,))
        if end:
            yield None, f"!{end}", 0, {}


CHAPTERS = [read]
