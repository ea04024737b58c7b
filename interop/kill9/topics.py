"""Topics that come and go while the broker is killed: what was answered holds."""
import threading
import time

from connection import Connection

TOPIC_ALREADY_EXISTS, UNKNOWN_TOPIC_OR_PARTITION = 36, 3


class Topics(threading.Thread):
    """Creates a topic after the other and deletes every second one; a request that got no answer is sent again."""

    def __init__(self, bootstrap):
        super().__init__()
        self.bootstrap, self.over = bootstrap, threading.Event()
        self.created, self.deleted = [], set()
        # Sent, but perhaps not done when the end came.
        self.unsure = None

    def run(self):
        number = 0
        while not self.over.is_set():
            name = f"topic-{number}"
            if not self.until_answered(self.create, name, TOPIC_ALREADY_EXISTS):
                return
            self.created.append(name)
            if number % 2:
                if not self.until_answered(self.delete, name, UNKNOWN_TOPIC_OR_PARTITION):
                    return
                self.deleted.add(name)
            number += 1
            time.sleep(0.05)

    def until_answered(self, ask, name, done_before):
        """Whether the answer came; `done_before`: what a repeat is told when the first try had its effect."""
        self.unsure, tries = name, 0
        while not self.over.is_set():
            tries += 1
            try:
                with Connection(self.bootstrap, timeout=20) as connection:
                    error = ask(connection, name)
            except OSError:
                time.sleep(0.05)
                continue
            assert error == 0 or (tries > 1 and error == done_before), (name, error)
            self.unsure = None
            return True
        return False

    @staticmethod
    def create(connection, name):
        answer = connection.ask("CreateTopics", timeout_ms=10_000, validate_only=False, topics=[
            {"name": name, "num_partitions": 3, "replication_factor": 1, "assignments": [], "configs": []}])
        return answer.topics[0].error_code

    @staticmethod
    def delete(connection, name):
        answer = connection.ask("DeleteTopics", timeout_ms=10_000, topics=[{"name": name, "topic_id": None}])
        return answer.responses[0].error_code

    def check(self, bootstrap):
        """How many topics were created and deleted; fails when the broker says otherwise."""
        with Connection(bootstrap) as connection:
            answer = connection.ask("Metadata", topics=None)
        there = {topic.name for topic in answer.topics if topic.name.startswith("topic-")}
        assert all(p.error_code == 0 for topic in answer.topics for p in topic.partitions), answer
        due = set(self.created) - self.deleted
        wrong = (due ^ there) - {self.unsure}
        assert not wrong, f"not as it was answered: {sorted(wrong)[:5]}"
        return len(self.created), len(self.deleted)
