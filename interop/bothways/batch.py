"""Producers whose ids, epochs and sequence numbers we choose: Produce requests with batches made by hand."""
import dataclasses
import time

from kafka.record.default_records import DefaultRecordBatchBuilder

from topics import RECENTLY

COORDINATOR_LOAD_IN_PROGRESS = 14
OUT_OF_ORDER_SEQUENCE_NUMBER = 45


def batch(producer_id, epoch, sequence, values, timestamp):
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=False, producer_id=producer_id, producer_epoch=epoch,
        base_sequence=sequence, batch_size=1 << 20)
    for offset, value in enumerate(values):
        builder.append(offset, timestamp + offset, b"key", value, [("sequence", str(sequence + offset).encode())])
    return bytes(builder.build())


@dataclasses.dataclass
class Sequence:
    """One producer on one partition: where it stands is kept by us, over brokers that come and go."""
    topic: str
    producer_id: int
    epoch: int = 0
    next: int = 0
    last: tuple = ()

    @staticmethod
    def begin(connection, topic):
        for _ in range(100):
            answer = connection.ask("InitProducerId", transactional_id=None, transaction_timeout_ms=60_000,
                                    producer_id=-1, producer_epoch=-1)
            if answer.error_code != COORDINATOR_LOAD_IN_PROGRESS:
                break
            time.sleep(0.1)
        assert answer.error_code == 0, answer.error_code
        return Sequence(topic, answer.producer_id, answer.producer_epoch)

    def send(self, connection, sequence, count):
        """Sends records with these sequence numbers; the error and the offset of the first."""
        values = [f"{self.producer_id} {sequence + n}".encode() * 10 for n in range(count)]
        records = batch(self.producer_id, self.epoch, sequence, values, RECENTLY + 10_000 * sequence)
        # Up to version 12 topics have names.
        answer = connection.ask("Produce", version=12, transactional_id=None, acks=-1, timeout_ms=30_000, topic_data=[
            {"name": self.topic, "partition_data": [{"index": 0, "records": records}]}])
        result = answer.responses[0].partition_responses[0]
        return result.error_code, result.base_offset

    def go_on(self, connection, count=3):
        """The next records in their order."""
        error, offset = self.send(connection, self.next, count)
        assert error == 0, f"{self}: error {error}"
        self.last = (self.next, count, offset)
        self.next += count

    def check(self, connection):
        """A repeat is told where it was written, a gap is refused, and what is due is taken."""
        sequence, count, offset = self.last
        repeated = self.send(connection, sequence, count)
        assert repeated == (0, offset), f"{self}: a repeat got {repeated}"
        error, _ = self.send(connection, self.next + 1, 1)
        assert error == OUT_OF_ORDER_SEQUENCE_NUMBER, f"{self}: a gap has error {error}"
        self.go_on(connection)
