//! Broker properties: transactions.

use crate::definition::{Definition, boolean, int, short};

pub(super) const ROWS: &[Definition] = &[
    int("add.partitions.to.txn.retry.backoff.max.ms", 100)
        .at_least(0)
        .doc("Longest pause before a partition is added to a transaction again."),
    int("add.partitions.to.txn.retry.backoff.ms", 20)
        .at_least(1)
        .doc("First pause before a partition is added to a transaction again."),
    int("transaction.abort.timed.out.transaction.cleanup.interval.ms", 10_000)
        .at_least(1)
        .doc("Pause between two looks for transactions that have timed out."),
    int("transaction.max.timeout.ms", 900_000)
        .at_least(1)
        .works("Longest timeout that a transactional producer may ask for."),
    boolean("transaction.partition.verification.enable", true)
        .cluster()
        .doc("Whether a partition asks the coordinator if a transaction is really going on."),
    int("transaction.remove.expired.transaction.cleanup.interval.ms", 3_600_000)
        .at_least(1)
        .doc("Pause between two looks for expired transactional ids."),
    int("transaction.state.log.load.buffer.size", 5_242_880)
        .at_least(1)
        .doc("Bytes read at a time when transactions are loaded."),
    int("transaction.state.log.min.isr", 2)
        .at_least(1)
        .works("`min.insync.replicas` of `__transaction_state` when it is created."),
    int("transaction.state.log.num.partitions", 50)
        .at_least(1)
        .works("Partitions of `__transaction_state` when it is created."),
    short("transaction.state.log.replication.factor", 3)
        .at_least(1)
        .works("Replicas of `__transaction_state` when it is created."),
    int("transaction.state.log.segment.bytes", 104_857_600)
        .at_least(1)
        .works("Segment size of `__transaction_state` when it is created."),
    boolean("transaction.two.phase.commit.enable", false).doc("Whether clients may use two-phase commit."),
    int("transactional.id.expiration.ms", 604_800_000)
        .at_least(1)
        .doc("Silence after which a transactional id is forgotten."),
];
