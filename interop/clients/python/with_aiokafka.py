"""aiokafka: asyncio, with its own group code."""
import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import KafkaError

import program

STRATEGIES = {"range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor}
CODECS_WITH_IDEMPOTENCE = ("none", "lz4")


async def produce(bootstrap, records, prefix, folder, codecs):
    records = list(program.read_records(records))
    for codec in codecs.split(","):
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=65_536,
                                    compression_type=None if codec == "none" else codec,
                                    enable_idempotence=codec in CODECS_WITH_IDEMPOTENCE)
        await producer.start()
        topic = f"{prefix}-{codec}"
        futures = [await producer.send(topic, key=record.key, value=record.value, headers=record.headers,
                                       timestamp_ms=record.timestamp) for record in records]
        sent = [await future for future in futures]
        await producer.stop()
        program.write_acknowledgements(f"{folder}/{topic}", [(one.partition, one.offset) for one in sent])


class Listener(ConsumerRebalanceListener):
    def __init__(self, consumer, segments):
        self.consumer, self.segments = consumer, segments

    async def on_partitions_assigned(self, assigned):
        program.say_partitions("assigned", assigned)

    async def on_partitions_revoked(self, revoked):
        if revoked:
            await self.consumer.commit()
        self.segments.flush()
        program.say_partitions("revoked", revoked)


async def consume(bootstrap, group, topics, strategy=None, instance=None, session="45000", count=None):
    more = {"partition_assignment_strategy": [STRATEGIES[strategy]]} if strategy else {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=int(session), heartbeat_interval_ms=program.HEARTBEAT, group_instance_id=instance, **more)
    stop, segments, committed = program.told(), program.Segments(), 0
    consumer.subscribe(topics.split(","), listener=Listener(consumer, segments))
    await consumer.start()
    while not stop.is_set() and not (count and segments.count >= int(count)):
        try:
            polled = await consumer.getmany(timeout_ms=200, max_records=2000)
            for where, messages in polled.items():
                for m in messages:
                    segments.add(where.topic, where.partition, m.offset, m.timestamp, m.key, m.value, m.headers)
            if segments.count - committed >= program.COMMIT_EVERY or (not polled and segments.count > committed):
                await consumer.commit()
                committed = segments.count
        except KafkaError as e:
            program.say("error", type(e).__name__)
            break
        if not polled:
            segments.flush()
    if segments.count > committed:
        await consumer.commit()
    segments.flush()
    await consumer.stop()


async def offsets(bootstrap, group, topics):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    committed = await admin.list_consumer_group_offsets(group)
    await admin.close()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    wanted = [p for p in committed if p.topic in topics.split(",")]
    ends = await consumer.end_offsets([TopicPartition(p.topic, p.partition) for p in wanted])
    for p in wanted:
        program.say("offset", p.topic, p.partition, committed[p].offset, ends[p])
    await consumer.stop()


if __name__ == "__main__":
    mode, options = program.arguments()
    asyncio.run({"produce": produce, "consume": consume, "offsets": offsets}[mode](**options))
