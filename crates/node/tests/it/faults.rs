//! A partition that cannot be read is its own affair: the rest of the request is answered.

use std::path::{Path, PathBuf};

use klamm_log::disk::sim::Faults;
use klamm_sim::world::DIR;
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
use klamm_wire::{ApiKey, ListOffsetsRequest, ListOffsetsResponse};

use crate::support::{Script, batch, fetch, produce, records};

const CORRUPT_MESSAGE: i16 = 2;
const KAFKA_STORAGE_ERROR: i16 = 56;

fn log_of(partition: i32) -> PathBuf {
    Path::new(DIR).join(format!("t-{partition}/00000000000000000000.log"))
}

/// Two partitions with two batches each, as a node sees them that was just started.
fn two_partitions() -> Script {
    let mut script = Script::with_topic("t", 2);
    for value in ["a", "b"] {
        script.produce(&produce("t", &[(0, batch(&[value])), (1, batch(&[value]))]));
    }
    script.world.stop();
    script.world.start().expect("starts");
    script
}

/// Both partitions are fetched from their second record on: the first one's error, the other's records.
fn fetch_both(script: &mut Script) -> (i16, Vec<(i64, String)>) {
    let answer = script.fetch(&fetch("t", &[(0, 1), (1, 1)]));
    let partitions = &answer.responses[0].partitions;
    assert_eq!((partitions[0].partition_index, partitions[1].error_code), (0, 0));
    assert_eq!(partitions[0].records.size_in_bytes(), 0);
    (partitions[0].error_code, records(&partitions[1].records))
}

/// What ListOffsets by time says about both.
fn offsets(script: &mut Script) -> Vec<(i16, i64)> {
    let partition =
        |partition_index| ListOffsetsPartition { partition_index, timestamp: 1, ..Default::default() };
    let topic = ListOffsetsTopic { name: "t".to_owned(), partitions: vec![partition(0), partition(1)] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    let answer: ListOffsetsResponse = script.client.call(&mut script.world, ApiKey::ListOffsets, 5, &request);
    answer.topics[0].partitions.iter().map(|p| (p.error_code, p.offset)).collect()
}

#[test]
fn bytes_that_are_no_batch() {
    let mut script = two_partitions();
    script.world.disk.corrupt(&log_of(0), |bytes| bytes.fill(0xff));
    let (error, found) = fetch_both(&mut script);
    assert_eq!((error, found), (CORRUPT_MESSAGE, vec![(1, "b".to_owned())]));
    assert_eq!(offsets(&mut script), [(CORRUPT_MESSAGE, -1), (0, 0)]);
}

#[test]
fn a_file_that_cannot_be_read() {
    let mut script = two_partitions();
    let failing = [Path::new(DIR).join("t-0")].into();
    script.world.disk.set_faults(Faults { failing, ..Faults::default() });
    let (error, found) = fetch_both(&mut script);
    assert_eq!((error, found), (KAFKA_STORAGE_ERROR, vec![(1, "b".to_owned())]));
    assert_eq!(offsets(&mut script), [(KAFKA_STORAGE_ERROR, -1), (0, 0)]);
    script.world.disk.set_faults(Faults::default());
    assert_eq!(offsets(&mut script), [(0, 0), (0, 0)], "the disk has come back");
    let answer = script.produce(&produce("t", &[(0, batch(&["c"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0, "reading takes nothing offline");
}

#[test]
fn retention_leaves_alone_what_it_cannot_read() {
    let configs = [("retention.ms", "1000"), ("segment.bytes", "1048576")];
    let mut script = Script::with_configs("t", 2, &configs);
    // Two segments each: of the first one nothing is in memory after a start.
    let value = "x".repeat(700_000);
    for _ in 0..2 {
        script.produce(&produce("t", &[(0, batch(&[&value])), (1, batch(&[&value]))]));
    }
    script.world.stop();
    script.world.start().expect("starts");
    let failing = [log_of(0), log_of(0).with_extension("timeindex")].into();
    script.world.disk.set_faults(Faults { failing, ..Faults::default() });
    script.world.advance(30_000);
    script.world.background();
    script.world.run();
    script.world.disk.set_faults(Faults::default());
    assert_eq!(offsets(&mut script), [(0, 0), (0, -1)]);
    script.world.advance(300_000);
    script.world.background();
    script.world.run();
    assert_eq!(offsets(&mut script), [(0, -1), (0, -1)]);
}
