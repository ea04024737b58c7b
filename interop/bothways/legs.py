"""A broker's turn with the folder: it opens, is compared with the one before, goes on, and ends."""
import contextlib

import admin
import groups
import served
import workload
from compare import differences
from connection import Connection
from dump import dump
from jvm_log import complaints
from topics import COMPACTED, COORDINATED, GROUPS, RETAINED, WRITTEN


@contextlib.contextmanager
def opened(broker):
    """The broker started, with a connection; it is killed if anything goes wrong."""
    broker.start()
    try:
        with Connection(broker.bootstrap) as connection:
            yield connection
    except BaseException:
        lines = [line for line in broker.log().splitlines() if line.startswith(("WARN", "ERROR")) or " WARN " in line]
        print("\n".join(lines[-20:]))
        raise
    finally:
        if broker.is_running():
            broker.kill()


def end(broker, how):
    if how == "killed":
        broker.kill()
    else:
        assert broker.stop() in (None, 0)


def broker_of(folder, who):
    return folder.jvm() if who == "jvm" else folder.klamm()


def must_be_equal(what, lines):
    assert not lines, f"{what}: {len(lines)} differences\n" + "\n".join(line[:600] for line in lines[:12])


def same_groups(who, connection, life):
    """All groups are what they were, with their members and offsets."""
    must_be_equal(f"groups on {who}", admin.differences(life.groups, groups.record(connection)))


def fill(folder, who, many):
    """The first leg: everything that this broker can do; ends clean."""
    broker, life = broker_of(folder, who), workload.Life(many)
    with opened(broker) as connection:
        workload.fill(connection, broker.bootstrap, life, "fill")
        if who == "jvm":
            workload.fill_jvm(connection, broker.bootstrap, "fill")
        groups.go_on(connection, life)
        workload.remove(connection)
        workload.settle(folder, connection, who)
        found = served.record(connection)
        life.groups = groups.record(connection)
        told = admin.record(connection) if who == "jvm" else None
        end(broker, "stopped")
    return life, found, told


def fill_and_die(folder, who, life, before, told):
    """The first broker on its own folder once more: it writes, leaves a transaction open if it can, and is killed."""
    broker, unended = broker_of(folder, who), None
    with opened(broker) as connection:
        found = served.record(connection)
        must_be_equal(f"{who} on its own folder", differences(before, found, compacted=COMPACTED, retained=RETAINED))
        if who == "jvm":
            must_be_equal("Kafka's log of its own folder", complaints(broker.log(), "stopped"))
        same_groups(who, connection, life)
        groups.go_on(connection, life)
        workload.check_sequences(connection, life)
        workload.write_everywhere(broker.bootstrap, life, "die")
        if who == "jvm":
            unended = workload.leave_open(broker.bootstrap, "die")
            told = admin.record(connection)
        workload.settle(folder, connection, who)
        found = served.record(connection)
        life.groups = groups.record(connection)
        end(broker, "killed")
    del unended
    return found, told


def klamm(folder, life, before, left, how):
    """Klamm on what Kafka left: serves all of it, writes more, and ends as asked; what it served at last."""
    broker = folder.klamm()
    with opened(broker) as connection:
        found = served.record(connection)
        must_be_equal(f"Klamm on what Kafka left {left}",
                      differences(before, found, compacted=COMPACTED, retained=RETAINED))
        same_groups("Klamm", connection, life)
        groups.go_on(connection, life)
        workload.check_sequences(connection, life)
        workload.write_everywhere(broker.bootstrap, life, "klamm")
        gone, new = {"doomed"} & {*found.topics}, {"made-by-klamm"}
        for topic in gone:
            workload.delete_topic(connection, topic)
        workload.create_topics(connection, {topic: (2, {"retention.ms": "-1"}) for topic in new})
        workload.change_settings(connection)
        after = served.record(connection)
        must_be_equal("Klamm having gone on", differences(
            *map(workload.without_changed_settings, (found, after)), WRITTEN | GROUPS, gone, new, COMPACTED, RETAINED))
        life.groups = groups.record(connection)
        end(broker, how)
    return after


def jvm(folder, life, before, told, left, how):
    """Kafka on what Klamm left: serves all of it, complains of nothing, and goes on where everything was."""
    broker = folder.jvm()
    with opened(broker) as connection:
        found = served.record(connection)
        must_be_equal("Kafka's log", complaints(broker.log(), left))
        must_be_equal(f"Kafka on what Klamm left {left}",
                      differences(before, found, compacted=COMPACTED, retained=RETAINED))
        same_groups("Kafka", connection, life)
        groups.go_on(connection, life)
        workload.check_sequences(connection, life)
        workload.write_everywhere(broker.bootstrap, life, "jvm")
        if told is None:
            workload.fill_jvm(connection, broker.bootstrap, "jvm")
        else:
            must_be_equal("what only Kafka tells", admin.differences(told, admin.record(connection)))
            workload.go_on_jvm(connection, broker.bootstrap)
        told = admin.record(connection)
        workload.settle(folder, connection, "jvm")
        after = served.record(connection)
        changed = WRITTEN | COORDINATED
        new = {*after.topics} - {*found.topics}
        must_be_equal("Kafka having gone on", differences(
            *map(workload.without_settings, (found, after)), changed, (), new, COMPACTED | COORDINATED, RETAINED))
        life.groups = groups.record(connection)
        end(broker, how)
    return after, told


def audit(folder):
    """kafka-dump-log reads every file that was left after the clean stop."""
    gaps = [file for file in folder.files("*/*.log") if file.parent.name.rpartition("-")[0] in COMPACTED]
    whole = [file for file in folder.files("*/*.log") if file not in gaps and not is_marked(file.parent)]
    dump(whole, "--deep-iteration")
    dump(gaps, "--deep-iteration", gaps=True)
    indexes = [file for file in folder.files("*/*.index") if not is_marked(file.parent)]
    dump(indexes, "--index-sanity-check")
    dump([file for kind in ("index", "timeindex", "txnindex", "snapshot") for file in folder.files(f"*/*.{kind}")
          if not is_marked(file.parent)], gaps=True)
    dump(folder.files("__cluster_metadata-0/*.checkpoint"), "--cluster-metadata-decoder")


def is_marked(folder):
    return folder.name.endswith(("-delete", "-stray"))
