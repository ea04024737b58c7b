"""What Kafka's log may say of a folder that it opens: what it says of its own, and nothing else."""
import re

# Loggers that speak of files.
FILES = re.compile(
    r"^org\.apache\.kafka\.(storage|snapshot|raft\.internals\.KafkaRaftLog|server\.common)|^kafka\.(log|cluster)")
# Words of files; a slow machine makes Kafka complain of slowness, which is not meant.
WORDS = re.compile(
    r"/data-\d|log dir|director|checkpoint|snapshot|index|segment|meta\.properties|quorum-state|producer state|"
    r"[Cc]orrupt|unclean|epoch cache|truncat|recover", re.IGNORECASE)
SLOWNESS = re.compile(r"EventPerformanceMonitor|apiKey=CONTROLLER_REGISTRATION")

OPENING = (
    r"Loading logs from log dirs",
    r"Skipping recovery of \d+ logs from \S+ since clean shutdown file was found",
    r"Loaded \d+ logs in \d+ms$",
    r"Completed load of Log\(",
    r"Log loaded for partition",
    r"Loading producer state (till offset|from snapshot file)",
    r"Reloading from producer snapshot and rebuilding producer state from offset",
    r"Producer state recovery took",
    # Of the stops before the last one: strays of Kafka's own making.
    r"Deleted producer state snapshot",
    r"Initialized snapshots with IDs",
    r"Starting log (cleanup|flusher) with",
    # The metadata log is in no checkpoint, so Kafka always reads its last segment again.
    r"Recovering unflushed segment \d+\. \d+ recovered for __cluster_metadata-0",
    r"partition=__cluster_metadata-0\W",
)
LIVING = (
    r"Rolled new log segment",
    r"Wrote producer snapshot at offset \d+ with \d+ producer ids",
    r"Incremented log start offset to",
    r"Deleting segment",
    r"due to .*retention",
    r"Deleted (log|offset index|time index|transaction index|log for partition)",
    r"Scheduling",
    r"Renam",
    r"No checkpointed highwatermark is found for partition",
    r"Created log for partition",
    r"Setting (log|topic)",
)
# After a kill, besides.
RECOVERY = (
    r"Recovering \d+ logs from \S+ since no clean shutdown file was found",
    r"Recovering unflushed segment",
    r"Loaded \d+ logs in \d+ms \(unclean log dirs",
    r"Unable to read the broker epoch",
    r"Attempting recovery",
)
OWN = re.compile("|".join(OPENING + LIVING))
OWN_AFTER_KILL = re.compile("|".join(OPENING + LIVING + RECOVERY))
TILL = re.compile(r"partition=(\S+), .* Loading producer state till offset (\d+)")
FROM = re.compile(r"partition=(\S+)\] Loading producer state from snapshot file 'SnapshotFile\(offset=(\d+)")


def complaints(log, left):
    """The lines Kafka would not write of its own folder, left `stopped` or `killed`."""
    own = OWN_AFTER_KILL if left == "killed" else OWN
    found, till, snapshots = [], {}, {}
    for line in log.splitlines():
        level, _, rest = line.partition(" ")
        logger, _, text = rest.partition(" ")
        if level in ("WARN", "ERROR", "FATAL"):
            found += [line] if (FILES.search(logger) or WORDS.search(text)) and not SLOWNESS.search(line) else []
        elif level == "INFO" and FILES.search(logger) and "Cleaner" not in logger:
            till.update(TILL.findall(text))
            snapshots.update(FROM.findall(text))
            found += [] if own.search(text) else [line]
    return found + (rescans(till, snapshots) if left == "stopped" else [])


def rescans(till, snapshots):
    """After a clean stop the newest snapshot stands at the end of the log, so that no batch is read again."""
    return [f"{partition}: ends at {end}, its newest snapshot at {snapshots.get(partition)}"
            for partition, end in till.items() if end not in ("0", snapshots.get(partition))]
