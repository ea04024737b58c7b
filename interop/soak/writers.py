"""Producers of several clients: each lives for some seconds and sends numbered records."""
import asyncio
import os
import subprocess
import time

import aiokafka
import confluent_kafka
import kafka

from book import content
from part import Part

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
# Records a burst, and the pause after it: about 50 records a second and writer.
BURST, PAUSE = 20, 0.4


class Writers(Part):
    """One producer after the other, of every kind, codec and topic in turn."""

    def __init__(self, soak, number, topics):
        super().__init__(soak, number)
        self.topics = topics
        self.kinds = (self.confluent, self.confluent, self.kafka_python, self.aiokafka, self.kcat, self.console)

    def turn(self):
        kind, topic = self.chance.choice(self.kinds), self.chance.choice(self.topics)
        codec, keyed, idempotent = self.chance.choice(CODECS), self.chance.random() < 0.6, self.chance.random() < 0.5
        writer = self.soak.book.new_writer()
        sent = kind(topic, codec, keyed, idempotent, self.bursts(writer, keyed))
        self.soak.book.has_written(writer, sent)
        self.soak.count(f"records by {kind.__name__}", sent)
        self.soak.count("producers")

    def bursts(self, writer, keyed):
        """Lists of records, as they are due."""
        until, number = time.monotonic() + self.chance.uniform(3, 15), 0
        while time.monotonic() < until and not self.over.is_set():
            yield [content(writer, number + i, keyed) for i in range(BURST)]
            number += BURST

    def acknowledged(self, topic, partition, offset, key, value):
        self.soak.book.claim(topic, partition, offset, key, value, "acknowledgement")

    def confluent(self, topic, codec, keyed, idempotent, bursts):
        def delivered(error, message):
            if error is not None:
                self.soak.errors.add("confluent producer", error.name(), error.str())
            else:
                self.acknowledged(topic, message.partition(), message.offset(), message.key(), message.value())

        producer = confluent_kafka.Producer({
            "bootstrap.servers": self.soak.bootstrap, "enable.idempotence": idempotent, "compression.type": codec,
            "acks": "all" if idempotent else self.chance.choice(("1", "all")), "partitioner": "murmur2_random",
            "linger.ms": 5, "message.timeout.ms": 60_000, "log_level": 0,
            "error_cb": lambda error: self.soak.errors.add("confluent producer", error.name(), error.str())})
        sent = 0
        for burst in bursts:
            for key, value in burst:
                producer.produce(topic, value, key, on_delivery=delivered)
            sent += len(burst)
            self.over.wait(PAUSE)
            producer.poll(0)
        left = producer.flush(60)
        if left:
            self.soak.errors.add("confluent producer", "records left", left)
        return sent

    def kafka_python(self, topic, codec, keyed, idempotent, bursts):
        producer = kafka.KafkaProducer(
            bootstrap_servers=self.soak.bootstrap, acks="all", linger_ms=5, enable_idempotence=idempotent,
            compression_type=None if codec == "none" else codec)
        sent = 0
        try:
            for burst in bursts:
                futures = [(producer.send(topic, key=key, value=value), key, value) for key, value in burst]
                for future, key, value in futures:
                    done = future.get(60)
                    self.acknowledged(topic, done.partition, done.offset, key, value)
                sent += len(burst)
                self.over.wait(PAUSE)
        finally:
            producer.close(timeout=30)
        return sent

    def aiokafka(self, topic, codec, keyed, idempotent, bursts):
        async def produce():
            producer = aiokafka.AIOKafkaProducer(
                bootstrap_servers=self.soak.bootstrap, acks="all", linger_ms=5, enable_idempotence=idempotent,
                compression_type=None if codec == "none" else codec)
            await producer.start()
            sent = 0
            try:
                for burst in bursts:
                    futures = [(await producer.send(topic, value, key=key), key, value) for key, value in burst]
                    for future, key, value in futures:
                        done = await asyncio.wait_for(future, 60)
                        self.acknowledged(topic, done.partition, done.offset, key, value)
                    sent += len(burst)
                    await asyncio.sleep(PAUSE)
            finally:
                await producer.stop()
            return sent

        return asyncio.run(produce())

    def kcat(self, topic, codec, keyed, idempotent, bursts):
        line = ["kcat", "-P", "-b", self.soak.bootstrap, "-t", topic, "-X", "partitioner=murmur2_random",
                "-X", f"acks={'all' if idempotent else '1'}", "-X", f"enable.idempotence={str(idempotent).lower()}",
                "-X", "linger.ms=5", "-z", codec]
        return self.piped("kcat -P", line + (["-K", "\t"] if keyed else []), bursts)

    def console(self, topic, codec, keyed, idempotent, bursts):
        line = [os.environ["KLAMM_BIN"], "kafka-console-producer", "--bootstrap-server", self.soak.bootstrap,
                "--topic", topic, "--compression-codec", codec,
                "--command-property", f"enable.idempotence={str(idempotent).lower()}"]
        keys = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=\t"]
        return self.piped("kafka-console-producer", line + (keys if keyed else []), bursts)

    def piped(self, name, line, bursts):
        """Of these no offsets are known; the auditor counts what they wrote."""
        process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        sent = 0
        try:
            for burst in bursts:
                lines = (value if key is None else key + b"\t" + value for key, value in burst)
                process.stdin.write(b"".join(line + b"\n" for line in lines))
                process.stdin.flush()
                sent += len(burst)
                self.over.wait(PAUSE)
            said = process.communicate(timeout=60)[0].decode().strip()
            if process.returncode or said:
                self.soak.errors.add(name, f"exit code {process.returncode}", said[-300:])
        finally:
            process.kill()
            process.wait()
        return sent
