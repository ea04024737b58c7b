"""Fills a Kafka broker with transactions and leaves some open, for the family `transactions`.

    fill_transactions.py HOST:PORT       needs confluent-kafka and a fresh broker; kill it afterwards (kill -9) and
    tar -C DATA -cJf data/transactions-4.4.0.tar.xz meta.properties __cluster_metadata-0 {txn-0,txn-1,open-0,small-0}
"""
import os
import random
import sys

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

BOOTSTRAP = sys.argv[1]
TIMEOUT = 30
sent = 0


def producer(transactional_id=None):
    config = {"bootstrap.servers": BOOTSTRAP, "linger.ms": 0, "enable.idempotence": True}
    if transactional_id:
        config |= {"transactional.id": transactional_id, "transaction.timeout.ms": 900_000}
    made = Producer(config)
    if transactional_id:
        made.init_transactions(TIMEOUT)
    return made


def send(by, topic, partition, size):
    global sent
    by.produce(topic, value=b"%08d" % sent + b"x" * size, partition=partition)
    by.flush()
    sent += 1


def end(of, commits):
    (of.commit_transaction if commits else of.abort_transaction)(TIMEOUT)


def at_random(chance, by_name, plain):
    """Four transactional producers and a plain one among each other, in segments of 1 MiB."""
    is_open = dict.fromkeys(by_name, False)
    for _ in range(400):
        name, size, partition = chance.choice("abcdp"), chance.choice([10, 1_000, 20_000, 100_000]), chance.choice([0, 1])
        if name == "p":
            send(plain, "txn", partition, size)
            continue
        if not is_open[name]:
            by_name[name].begin_transaction()
            is_open[name] = True
        action = chance.random()
        if action < 0.6:
            for _ in range(chance.choice([1, 1, 3])):
                send(by_name[name], "txn", partition, size)
        else:
            end(by_name[name], action < 0.8)
            is_open[name] = False
    for name in by_name:
        if is_open[name]:
            end(by_name[name], chance.random() < 0.5)


def main():
    segmented = {"segment.bytes": "1048576"}
    topics = [NewTopic("txn", 2, 1, config=segmented), NewTopic("open", 1, 1), NewTopic("small", 1, 1)]
    admin = AdminClient({"bootstrap.servers": BOOTSTRAP})
    for made in admin.create_topics(topics).values():
        made.result()
    plain, by_name = producer(), {name: producer(f"id-{name}") for name in "abcd"}
    at_random(random.Random(4), by_name, plain)
    # An id's second life: its epoch rises.
    again = producer("id-a")
    again.begin_transaction()
    send(again, "txn", 0, 10)
    end(again, False)
    # Left open, with others behind it, and alone.
    left = producer("left")
    left.begin_transaction()
    send(left, "txn", 0, 10)
    for step in range(12):
        by_name["b"].begin_transaction()
        send(by_name["b"], "txn", step % 2, 50_000)
        end(by_name["b"], step % 3 > 0)
        send(plain, "txn", 0, 100)
    alone = producer("alone")
    alone.begin_transaction()
    send(alone, "open", 0, 10)
    for step in range(4):
        by_name["c"].begin_transaction()
        send(by_name["c"], "small", 0, 5)
        end(by_name["c"], step % 2 > 0)
    print(f"{sent} records sent")
    # A clean end of the clients would abort what is open.
    sys.stdout.flush()
    os._exit(0)


main()
