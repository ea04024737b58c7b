"""Disks that fill up below a running broker, and disks that are read-only when it starts.

Two log directories, each on a small file system of its own. What goes is the one that fails: its partitions answer
KAFKA_STORAGE_ERROR and lose their leader, the log says so once, the others go on. Nothing that was acknowledged is
gone when the disk is good again. Without the directory of the metadata the process ends, with one line and no marker.
"""
import argparse
import pathlib
import shutil
import subprocess
import tempfile
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient

from clients import confluent
from folder import Folder

TOPIC = "t"
STORAGE_ERROR = confluent_kafka.KafkaError.KAFKA_STORAGE_ERROR
MARKER = ".kafka_cleanshutdown"


def mount(directory, megabytes):
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(directory)], check=True)


def remount(directory, how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(directory)], check=True)


class Setting:
    """A broker with partition `good` of the topic in data-0, beside the metadata, and `bad` in data-1."""

    def __init__(self, kafka, sizes=(64, 64)):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="klamm-faults-"))
        self.kafka = kafka
        self.folder = Folder(self.home, 2)
        for directory, size in zip(self.folder.dirs, sizes):
            mount(directory, size)
        self.folder.format("jvm" if kafka else "klamm")
        self.broker = self.new_broker()
        self.acknowledged = {0: [], 1: []}

    def new_broker(self):
        return self.folder.jvm() if self.kafka else self.folder.klamm()

    def __enter__(self):
        try:
            self.begin()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def begin(self):
        self.broker.start()
        confluent.create_topic(self.broker.bootstrap, TOPIC, 2)
        # Kafka's controller answers before its broker has made the folders.
        deadline = time.monotonic() + 20
        while len(found := self.folder.files(f"{TOPIC}-?")) < 2:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        good, bad = found
        assert (good.parent, bad.parent) == tuple(self.folder.dirs), found
        self.good, self.bad = int(good.name[-1]), int(bad.name[-1])

    def __exit__(self, kind, *_):
        if self.broker.is_running():
            self.broker.kill()
        if kind is not None:
            print(self.broker.log()[-6000:])
        for directory in self.folder.dirs:
            subprocess.run(["umount", str(directory)], check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def write(self, partition, count=1, size=100):
        """Sends records one by one; returns the first error's code, None when all are acknowledged."""
        outcome = []
        producer = confluent_kafka.Producer({
            "bootstrap.servers": self.broker.bootstrap, "acks": "all", "retries": 0, "linger.ms": 0,
            "message.timeout.ms": 5000, "log_level": 0,
        })
        for _ in range(count):
            number = len(self.acknowledged[partition])
            value = f"{number}:".encode().ljust(size, b"x")
            producer.produce(TOPIC, value, partition=partition,
                             on_delivery=lambda error, message: outcome.append((error, message.offset())))
            producer.flush(20)
            error, offset = outcome.pop()
            if error is not None:
                return error.code()
            self.acknowledged[partition].append((offset, value))
        return None

    def check_kept(self, partition):
        """Every acknowledged record is at its offset."""
        consumer = confluent_kafka.Consumer({
            "bootstrap.servers": self.broker.bootstrap, "group.id": "unused", "enable.auto.commit": False,
            "check.crcs": True,
        })
        consumer.assign([confluent_kafka.TopicPartition(TOPIC, partition, 0)])
        left = dict(self.acknowledged[partition])
        deadline = time.monotonic() + 30
        while left and time.monotonic() < deadline:
            for message in consumer.consume(1000, timeout=1):
                assert message.error() is None, message.error()
                expected = left.pop(message.offset(), None)
                assert expected in (None, message.value()), message.offset()
        consumer.close()
        assert not left, f"{len(left)} acknowledged records are gone, the first at {min(left)}"

    def partitions(self):
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap})
        return admin.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions

    def leaders(self):
        return {number: partition.leader for number, partition in self.partitions().items()}

    def wait_for_leaders(self, bad, within=15):
        expected = {self.good: 1, self.bad: bad}
        deadline = time.monotonic() + within
        while (found := self.leaders()) != expected:
            assert time.monotonic() < deadline, f"leaders are {found}, not {expected}"
            time.sleep(0.2)
        if bad == -1:
            partition = self.partitions()[self.bad]
            told = (partition.error.code(), partition.replicas, partition.isrs)
            assert told == (confluent_kafka.KafkaError.LEADER_NOT_AVAILABLE, [1], []), told

    def offline_lines(self):
        directory = str(self.folder.dirs[1])
        if self.kafka:
            return [line for line in self.broker.log().splitlines() if f"Stopping serving logs in dir {directory}" in line]
        return [line for line in self.broker.log().splitlines() if f"log directory {directory} is offline" in line]

    def restart(self, clean=True):
        if self.broker.is_running():
            self.broker.stop() if clean else self.broker.kill()
        self.broker = self.new_broker().start()

    def the_rest_goes_on(self):
        assert self.broker.is_running()
        assert self.write(self.good, 10) is None
        self.check_kept(self.good)
        assert len(self.offline_lines()) == 1, self.offline_lines()

    def has_marker(self, number):
        return (self.folder.dirs[number] / MARKER).exists()


def full(kafka):
    with Setting(kafka, sizes=(64, 4)) as setting:
        error = setting.write(setting.bad, 100, size=100_000)
        assert error == STORAGE_ERROR, error
        assert 20 < len(setting.acknowledged[setting.bad]) < 45, len(setting.acknowledged[setting.bad])
        setting.wait_for_leaders(bad=-1)
        assert setting.write(setting.bad) is not None
        setting.the_rest_goes_on()
        remount(setting.folder.dirs[1], "size=64m")
        setting.restart()
        setting.wait_for_leaders(bad=1)
        setting.check_kept(setting.bad)
        setting.check_kept(setting.good)
        assert setting.write(setting.bad, 10) is None


def read_only_at_the_start(kafka):
    with Setting(kafka) as setting:
        assert setting.write(setting.bad, 50) is None
        setting.broker.stop()
        remount(setting.folder.dirs[1], "ro")
        setting.restart()
        setting.wait_for_leaders(bad=-1)
        assert setting.write(setting.bad) is not None
        setting.the_rest_goes_on()
        setting.broker.stop()
        remount(setting.folder.dirs[1], "rw")
        setting.restart()
        setting.wait_for_leaders(bad=1)
        setting.check_kept(setting.bad)


def metadata_full(kafka):
    with Setting(kafka, sizes=(4, 64)) as setting:
        assert setting.write(setting.bad, 50) is None
        filler = setting.folder.dirs[0] / "filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            pass
        code = setting.broker.process.wait(60)
        assert code not in (0, None), code
        assert not setting.has_marker(0) and not setting.has_marker(1)
        if not kafka:
            assert "the metadata log has failed: cannot write " in setting.broker.log(), setting.broker.log()[-3000:]
            assert "panicked" not in setting.broker.log(), setting.broker.log()[-3000:]
        filler.unlink()
        setting.restart()
        setting.wait_for_leaders(bad=1)
        setting.check_kept(setting.bad)


CASES = {"full": full, "read-only at the start": read_only_at_the_start, "metadata full": metadata_full}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kafka", action="store_true", help="run Kafka instead of Klamm")
    parser.add_argument("--only", choices=CASES)
    arguments = parser.parse_args()
    for name, case in CASES.items():
        if arguments.only in (None, name):
            began = time.monotonic()
            case(arguments.kafka)
            print(f"{name}: as it must be, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
