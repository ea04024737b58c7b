"""Whether the suite would notice: damage of five kinds, planted into a folder that Klamm left clean."""
import legs
import served
from compare import differences
from jvm_log import complaints
from topics import COMPACTED, RETAINED


def newest(folder, pattern):
    return folder.files(pattern)[-1]


def alter(file, position):
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    file.write_bytes(data)


DAMAGE = {
    "an index is missing": lambda folder: newest(folder, "codec-gzip-0/*.index").unlink(),
    "the newest producer snapshot is missing": lambda folder: newest(folder, "sequences-0/*.snapshot").unlink(),
    "a time index is wrong": lambda folder: alter(folder.files("codec-lz4-0/*.timeindex")[0], 7),
    "the marker of the clean stop is missing": lambda folder: newest(folder, ".kafka_cleanshutdown").unlink(),
    "a record is altered": lambda folder: alter(folder.files("codec-none-0/*.log")[0], 100),
}


def noticed(folder, before):
    """What Kafka's log and the comparison have against a folder."""
    broker = folder.jvm()
    with legs.opened(broker) as connection:
        found = served.record(connection)
        return complaints(broker.log(), "stopped") + differences(
            before, found, compacted=COMPACTED, retained=RETAINED)


def check(path, base):
    """Each damage is found, and an unharmed folder is not blamed."""
    unharmed = noticed(base.folder.copy(path / "unharmed"), base.served)
    assert not unharmed, unharmed[:3]
    for number, (what, damage) in enumerate(DAMAGE.items()):
        folder = base.folder.copy(path / f"damaged-{number}")
        damage(folder)
        lines = noticed(folder, base.served)
        assert lines, f"nobody noticed that {what}"
        print(f"{what}: {lines[0][:150]}", flush=True)
