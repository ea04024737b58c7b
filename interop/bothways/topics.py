"""The topics of the folder: what each is there for, and its settings."""

import time

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
HOUR = 3_600_000
# Kafka forgets producers by the stamps of their records, after a day.
RECENTLY = int(time.time() * 1000) - 12 * HOUR
LONG_AGO = 1_600_000_000_000

# Segments close by the age of their records: dozens of them without megabytes.
SMALL = {"segment.ms": "60000", "segment.index.bytes": "8192", "index.interval.bytes": "512", "retention.ms": "-1"}

TOPICS = {
    **{f"codec-{codec}": (2, SMALL) for codec in CODECS},
    # An index for so few entries is soon full, and closes its segment. Filled once: Kafka cannot recover such a segment
    # after it has gone on writing there, for it finds more entries then.
    "full-indexes": (1, {**SMALL, "segment.ms": "604800000", "segment.index.bytes": "48"}),
    # Stamped by the broker.
    "stamped": (1, {**SMALL, "message.timestamp.type": "LogAppendTime"}),
    # Written batch by batch with producer ids and sequence numbers of our own choice.
    "sequences": (1, SMALL),
    "compacted": (1, {**SMALL, "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01"}),
    "compacted-and-deleted": (1, {**SMALL, "cleanup.policy": "compact,delete", "min.cleanable.dirty.ratio": "0.01"}),
    # The log start moves: by DeleteRecords, by retention.
    "trimmed": (1, SMALL),
    "retained": (1, {**SMALL, "retention.bytes": "60000"}),
    "settings": (3, {"segment.index.bytes": "4096", "retention.ms": "-1", "max.message.bytes": "2000000",
                     "compression.type": "zstd", "min.insync.replicas": "1", "segment.jitter.ms": "1000",
                     "follower.replication.throttled.replicas": "*"}),
    "groups": (2, SMALL),
    "transactions": (2, {**SMALL, "segment.ms": "20000"}),
    # A transaction that nobody has ended when the broker stops.
    "open": (1, SMALL),
    "empty": (3, {"segment.index.bytes": "4096"}),
    # Klamm deletes this one, the first broker the other.
    "doomed": (2, SMALL),
    "gone": (2, SMALL),
}
MANY = {"many": (60, {"segment.index.bytes": "4096", "retention.ms": "-1"})}

COMPACTED = {"compacted", "compacted-and-deleted"}
RETAINED = {"retained", "compacted-and-deleted"}
# What grows in every round, whoever writes.
WRITTEN = {name for name in TOPICS | MANY if name.startswith("codec-")} | COMPACTED | RETAINED | {
    "stamped", "sequences", "trimmed", "groups", "settings", "many"}
# What grows besides: where groups are kept, and what only Kafka goes on with.
GROUPS = {"__consumer_offsets"}
COORDINATED = GROUPS | {"transactions", "open", "__transaction_state", "__share_group_state"}
