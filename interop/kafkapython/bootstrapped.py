"""A pytest plugin: consumers know the cluster before they subscribe.

A consumer of kafka-python 3.0.12 that is told the broker's version, as these tests do, may subscribe while its first
metadata request is under way. The answer to that one then counts as the one for the subscription, and the topic is
never asked for; the client's own source has notes about it. One that finds the version out by itself has the cluster
first. Here all of them do: a broker that answers within a millisecond would lose that race in every third test.
"""
from kafka import KafkaConsumer

begin = KafkaConsumer.__init__


def begin_and_wait(self, *topics, **configs):
    begin(self, *topics, **configs)
    self.bootstrap()


KafkaConsumer.__init__ = begin_and_wait
