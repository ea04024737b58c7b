//! Transactional data that another broker wrote: what read_committed sees of it, from the index and found anew.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use klamm_records::{BatchOptions, EndTxnMarker, end_txn_batch};
use klamm_sim::World;
use klamm_sim::world::DIR;
use klamm_wire::describe_producers::TopicRequest;
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
use klamm_wire::{
    ApiKey, DescribeProducersRequest, DescribeProducersResponse, FetchRequest, ListOffsetsRequest,
    ListOffsetsResponse,
};

use crate::support::{Script, batch, batch_of, fetch, produce};

fn data(base_offset: i64, producer_id: i64, sequence: i32, values: &[&str]) -> Bytes {
    let options = BatchOptions {
        base_offset,
        partition_leader_epoch: 0,
        producer_id,
        producer_epoch: 0,
        base_sequence: sequence,
        transactional: true,
        ..BatchOptions::default()
    };
    batch_of(options, values)
}

fn marker(base_offset: i64, producer_id: i64, committed: bool) -> Bytes {
    let marker = EndTxnMarker { coordinator_epoch: 3 };
    let mut batch = BytesMut::from(&end_txn_batch(producer_id, 0, 1_700_000_000_000, committed, marker)[..]);
    // Offset and leader epoch lie outside the checksum.
    batch[..8].copy_from_slice(&base_offset.to_be_bytes());
    batch[12..16].fill(0);
    batch.freeze()
}

/// A node on a log as another broker would have left it, without indexes and snapshots: 1 is aborted, 2 committed around
/// a plain record, 1 aborted again inside of 3, which is left open.
fn left_by_another() -> Script {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["first"]))]));
    script.world.kill();
    let plain = BatchOptions { base_offset: 5, partition_leader_epoch: 0, ..BatchOptions::default() };
    let log = [
        data(0, 1, 0, &["a", "b"]),
        data(2, 2, 0, &["c"]),
        marker(3, 1, false),
        marker(4, 2, true),
        batch_of(plain, &["d"]),
        data(6, 3, 0, &["e"]),
        data(7, 1, 2, &["f"]),
        marker(8, 1, false),
    ];
    let path = Path::new(DIR).join("t-0/00000000000000000000.log");
    script.world.disk.corrupt(&path, |bytes| *bytes = log.concat());
    script.world.start().expect("starts");
    script
}

/// High watermark, last stable offset, aborted transactions and bytes of a read_committed fetch.
fn committed(script: &mut Script, offset: i64) -> (i64, i64, Vec<(i64, i64)>, usize) {
    let request = FetchRequest { isolation_level: 1, max_wait_ms: 0, ..fetch("t", &[(0, offset)]) };
    let answer = script.fetch(&request);
    let partition = &answer.responses[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    let aborted = partition.aborted_transactions.as_ref().expect("there is a list");
    let aborted = aborted.iter().map(|aborted| (aborted.producer_id, aborted.first_offset)).collect();
    (partition.high_watermark, partition.last_stable_offset, aborted, partition.records.size_in_bytes())
}

fn latest(script: &mut Script, isolation_level: i8) -> i64 {
    let partition = ListOffsetsPartition { timestamp: -1, ..ListOffsetsPartition::default() };
    let topic = ListOffsetsTopic { name: "t".to_owned(), partitions: vec![partition] };
    let request =
        ListOffsetsRequest { replica_id: -1, isolation_level, topics: vec![topic], ..Default::default() };
    let answer: ListOffsetsResponse = script.client.call(&mut script.world, ApiKey::ListOffsets, 5, &request);
    answer.topics[0].partitions[0].offset
}

/// Id, epoch, last sequence, coordinator epoch and start of the open transaction.
fn producers(script: &mut Script) -> Vec<(i64, i32, i32, i32, i64)> {
    let topic = TopicRequest { name: "t".to_owned(), partition_indexes: vec![0] };
    let request = DescribeProducersRequest { topics: vec![topic] };
    let answer: DescribeProducersResponse =
        script.client.call(&mut script.world, ApiKey::DescribeProducers, 0, &request);
    let partition = &answer.topics[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    let producer = |p: &klamm_wire::describe_producers::ProducerState| {
        (p.producer_id, p.producer_epoch, p.last_sequence, p.coordinator_epoch, p.current_txn_start_offset)
    };
    partition.active_producers.iter().map(producer).collect()
}

#[test]
fn an_open_transaction_holds_the_last_stable_offset_in_every_life() {
    let mut script = left_by_another();
    for end in [World::kill, World::stop, World::stop, World::kill] {
        let (high_watermark, last_stable, aborted, _) = committed(&mut script, 0);
        assert_eq!((high_watermark, last_stable), (9, 6));
        assert_eq!(aborted, [(1, 0)], "what begins behind the last stable offset is nobody's business");
        assert_eq!((latest(&mut script, 0), latest(&mut script, 1)), (9, 6));
        assert_eq!(committed(&mut script, 6).3, 0, "nothing of the open transaction and behind it");
        assert_eq!(producers(&mut script), [(1, 0, 2, 3, -1), (2, 0, 0, 3, -1), (3, 0, 0, -1, 6)]);
        end(&mut script.world);
        script.world.start().expect("starts");
    }
}

#[test]
fn nothing_is_read_of_what_comes_behind_an_open_transaction() {
    let mut script = left_by_another();
    let answer = script.produce(&produce("t", &[(0, batch(&["g"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 9);
    assert_eq!((latest(&mut script, 0), latest(&mut script, 1)), (10, 6));
    assert_eq!(committed(&mut script, 6).3, 0);
}

#[test]
fn a_log_whose_transactions_are_complete_is_stable_to_its_end() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["first"]))]));
    script.world.kill();
    let log = [data(0, 1, 0, &["a"]), marker(1, 1, true)];
    let path = Path::new(DIR).join("t-0/00000000000000000000.log");
    script.world.disk.corrupt(&path, |bytes| *bytes = log.concat());
    script.world.start().expect("starts");
    assert_eq!((latest(&mut script, 0), latest(&mut script, 1)), (2, 2));
}
