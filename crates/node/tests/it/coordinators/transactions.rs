//! Offsets that Kafka's transactions have left in the log: they count when their transaction has committed.

use std::path::Path;

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::records::offsets::{OffsetCommitKey, OffsetCommitValue};
use klamm_records::{BatchBuilder, BatchOptions, EndTxnMarker, Scratch, end_txn_batch, patch};
use klamm_sim::world::DIR;

use super::words::{Groups, Member};

/// An offset of partition `partition` of `t`, in a batch of its own.
fn transactional(base_offset: i64, producer_id: i64, partition: i32, offset: i64) -> Bytes {
    let key = OffsetCommitKey { group: "g".to_owned(), topic: "t".to_owned(), partition };
    let value = OffsetCommitValue { offset, ..OffsetCommitValue::default() };
    let (key, value) = GroupRecord::OffsetCommit(key, Some(value)).encode();
    let mut builder = BatchBuilder::new(BatchOptions {
        base_offset,
        partition_leader_epoch: 0,
        producer_id,
        producer_epoch: 0,
        base_sequence: 0,
        transactional: true,
        ..BatchOptions::default()
    });
    builder.append(1, Some(&key), value.as_deref(), &[]).expect("a small record fits");
    builder.build(&mut Scratch::new())
}

fn end(base_offset: i64, producer_id: i64, is_commit: bool) -> Bytes {
    let marker = end_txn_batch(producer_id, 0, 1, is_commit, EndTxnMarker { coordinator_epoch: 0 });
    let mut marker = marker.to_vec();
    patch::set_base_offset(&mut marker, base_offset);
    patch::set_partition_leader_epoch(&mut marker, 0);
    marker.into()
}

#[test]
fn offsets_of_transactions_count_when_they_have_committed() {
    let mut groups = Groups::ready(1, &[("offsets.topic.num.partitions", "1")]);
    for partition in 0..3 {
        assert_eq!(groups.commit("g", &Member::default(), "t", partition, 5), 0);
    }
    groups.world.kill();
    let log = Path::new(DIR).join("__consumer_offsets-0/00000000000000000000.log");
    groups.world.disk.corrupt(&log, |bytes| {
        let batches = [
            transactional(3, 7, 0, 10),
            transactional(4, 8, 1, 11),
            end(5, 7, true),
            end(6, 8, false),
            transactional(7, 9, 2, 12),
        ];
        batches.iter().for_each(|batch| bytes.extend_from_slice(batch));
    });
    groups.start();
    let found = [0, 1, 2].map(|partition| groups.offset("g", "t", partition));
    assert_eq!(found, [Some(10), Some(5), Some(5)], "committed, aborted, open");
    let stable = [0, 1, 2].map(|partition| groups.stable_offset("g", "t", partition));
    assert_eq!(stable, [(0, 10), (0, 5), (ErrorCode::UnstableOffsetCommit.code(), -1)]);
}
