//! Where logs begin: DeleteRecords, retention by time and size, and what is left on the disk.

use std::path::Path;

use klamm_base::rng::{Rng, SeededRng};
use klamm_sim::World;
use klamm_sim::client::Pending;
use klamm_sim::world::DIR;
use klamm_wire::delete_records::{DeleteRecordsPartition, DeleteRecordsTopic};
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterableConfig};
use klamm_wire::list_offsets::{ListOffsetsPartition, ListOffsetsTopic};
use klamm_wire::{
    ApiKey, DeleteRecordsRequest, DeleteRecordsResponse, FetchResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, ListOffsetsRequest, ListOffsetsResponse,
};

use crate::support::{Script, batch, create_topic, fetch, produce, records};

const OFFSET_OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const INVALID_TOPIC_EXCEPTION: i16 = 17;
const POLICY_VIOLATION: i16 = 44;
const KAFKA_STORAGE_ERROR: i16 = 56;

/// Half a segment of `segment.bytes` 1 MiB, and a bit more: every batch but the first begins a new one.
const BIG: usize = 700_000;

fn send_delete(script: &mut Script, topic: &str, offsets: &[(i32, i64)]) -> Pending {
    let partition =
        |&(partition_index, offset): &(i32, i64)| DeleteRecordsPartition { partition_index, offset };
    let topic =
        DeleteRecordsTopic { name: topic.to_owned(), partitions: offsets.iter().map(partition).collect() };
    let request = DeleteRecordsRequest { topics: vec![topic], timeout_ms: 1000 };
    let pending = script.client.send(&mut script.world, ApiKey::DeleteRecords, 2, &request);
    script.world.run();
    pending
}

/// Partition, low watermark and error of every partition of the answer, if there is one.
fn deleted(script: &mut Script, pending: Pending) -> Option<Vec<(i32, i64, i16)>> {
    let answer = script.client.receive::<DeleteRecordsResponse>(&mut script.world, pending)?;
    let answer = answer.expect("answered");
    let topics = answer.topics.into_iter().flat_map(|topic| topic.partitions);
    Some(topics.map(|p| (p.partition_index, p.low_watermark, p.error_code)).collect())
}

fn delete(script: &mut Script, topic: &str, offsets: &[(i32, i64)]) -> Vec<(i32, i64, i16)> {
    let pending = send_delete(script, topic, offsets);
    script.world.background();
    script.world.run();
    deleted(script, pending).expect("answered when the checkpoint is on the disk")
}

fn earliest(script: &mut Script, topic: &str) -> i64 {
    let partition =
        ListOffsetsPartition { partition_index: 0, timestamp: -2, ..ListOffsetsPartition::default() };
    let topic = ListOffsetsTopic { name: topic.to_owned(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
    let answer: ListOffsetsResponse = script.client.call(&mut script.world, ApiKey::ListOffsets, 5, &request);
    answer.topics[0].partitions[0].offset
}

/// Names of the files of partition 0, of one kind (part of the name).
fn files(world: &World, topic: &str, kind: &str) -> Vec<String> {
    let folder = Path::new(DIR).join(format!("{topic}-0"));
    let image = world.disk.image(&folder);
    let names = image.keys().map(|path| path.file_name().expect("a file").to_string_lossy().into_owned());
    names.filter(|name| name.contains(kind)).collect()
}

fn fetch_error(script: &mut Script, offset: i64) -> i16 {
    script.fetch(&fetch("t", &[(0, offset)])).responses[0].partitions[0].error_code
}

/// A topic with small segments and four batches in as many segments.
fn segmented(configs: &[(&str, &str)]) -> Script {
    let mut all = vec![("segment.bytes", "1048576")];
    all.extend(configs);
    let mut script = Script::with_configs("t", 1, &all);
    let value = "x".repeat(BIG);
    for _ in 0..4 {
        script.produce(&produce("t", &[(0, batch(&[&value]))]));
    }
    assert_eq!(files(&script.world, "t", ".log").len(), 4);
    script
}

/// Time passes; what is due is done.
fn pass(script: &mut Script, ms: i64) {
    script.world.advance(ms);
    script.world.background();
    script.world.run();
}

#[test]
fn deleted_records_are_out_of_range_and_stay_so_over_a_kill() {
    let mut script = Script::with_topic("t", 2);
    script.produce(&produce("t", &[(0, batch(&["a", "b", "c"])), (1, batch(&["d"]))]));
    assert_eq!(delete(&mut script, "t", &[(0, 2), (1, -1)]), [(0, 2, 0), (1, 1, 0)]);
    assert_eq!(delete(&mut script, "t", &[(0, 1)]), [(0, 2, 0)], "never back");
    for _ in 0..2 {
        assert_eq!(earliest(&mut script, "t"), 2);
        assert_eq!(fetch_error(&mut script, 1), OFFSET_OUT_OF_RANGE);
        let answer = script.fetch(&fetch("t", &[(0, 2)]));
        let partition = &answer.responses[0].partitions[0];
        assert_eq!((partition.error_code, partition.log_start_offset), (0, 2));
        assert_eq!(records(&partition.records).last(), Some(&(2, "c".into())));
        script.world.kill();
        script.world.start().expect("starts after a kill");
    }
}

#[test]
fn the_answer_waits_for_the_disk() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    let pending = send_delete(&mut script, "t", &[(0, 1)]);
    assert_eq!(deleted(&mut script, pending), None);
    assert_eq!(earliest(&mut script, "t"), 0, "nobody sees what a crash could take back");
    script.world.background();
    script.world.run();
    assert_eq!(deleted(&mut script, pending), Some(vec![(0, 1, 0)]));
}

#[test]
fn a_start_that_was_told_survives_a_power_cut() {
    for seed in 0..50 {
        let mut script = Script::with_configs("t", 1, &[("flush.messages", "1")]);
        script.world.rng = SeededRng::new(seed);
        script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
        assert_eq!(delete(&mut script, "t", &[(0, 2)]), [(0, 2, 0)]);
        script.world.power_cut();
        script.world.start().expect("starts after a power cut");
        assert_eq!(earliest(&mut script, "t"), 2, "seed {seed}");
        let answer = script.produce(&produce("t", &[(0, batch(&["c"]))]));
        assert_eq!(answer.responses[0].partition_responses[0].base_offset, 2, "seed {seed}");
    }
}

#[test]
fn what_cannot_be_deleted() {
    let mut script = Script::with_topic("t", 1);
    create_topic(&mut script.world, &mut script.client, "compacted", 1, &[("cleanup.policy", "compact")]);
    create_topic(&mut script.world, &mut script.client, "both", 1, &[("cleanup.policy", "compact,delete")]);
    create_topic(&mut script.world, &mut script.client, "neither", 1, &[("cleanup.policy", "")]);
    create_topic(&mut script.world, &mut script.client, "__consumer_offsets", 1, &[]);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    for (offset, expected) in [(-2, OFFSET_OUT_OF_RANGE), (3, OFFSET_OUT_OF_RANGE), (i64::MIN, 1)] {
        assert_eq!(delete(&mut script, "t", &[(0, offset)]), [(0, -1, expected)], "{offset}");
    }
    for (topic, low_watermark, error) in [
        ("compacted", -1, POLICY_VIOLATION),
        ("both", 0, 0),
        ("neither", 0, 0),
        ("__consumer_offsets", -1, INVALID_TOPIC_EXCEPTION),
        ("unknown", -1, UNKNOWN_TOPIC_OR_PARTITION),
    ] {
        assert_eq!(delete(&mut script, topic, &[(0, 0)]), [(0, low_watermark, error)], "{topic}");
    }
    let mixed = delete(&mut script, "t", &[(0, 1), (1, 0)]);
    assert_eq!(mixed, [(0, 1, 0), (1, -1, UNKNOWN_TOPIC_OR_PARTITION)]);
}

#[test]
fn a_fetch_that_sleeps_below_the_new_start_wakes() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    let asked = |offset, min_bytes| klamm_wire::FetchRequest { min_bytes, ..fetch("t", &[(0, offset)]) };
    let below = script.client.send(&mut script.world, ApiKey::Fetch, 12, &asked(0, 100_000));
    let at_end = script.client.send(&mut script.world, ApiKey::Fetch, 12, &asked(2, 1));
    script.world.run();
    delete(&mut script, "t", &[(0, -1)]);
    let answer = script.client.receive::<FetchResponse>(&mut script.world, below).expect("woken");
    assert_eq!(answer.expect("answered").responses[0].partitions[0].error_code, OFFSET_OUT_OF_RANGE);
    assert!(script.client.receive::<FetchResponse>(&mut script.world, at_end).is_none());
}

#[test]
fn a_failing_disk_answers_what_waits_for_it() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    let pending = send_delete(&mut script, "t", &[(0, 1)]);
    let faults = klamm_log::disk::sim::Faults {
        failing: [Path::new(DIR).to_owned()].into(),
        ..klamm_log::disk::sim::Faults::default()
    };
    script.world.disk.set_faults(faults);
    script.world.background();
    script.world.run();
    assert_eq!(deleted(&mut script, pending), Some(vec![(0, -1, KAFKA_STORAGE_ERROR)]));
}

#[test]
fn segments_below_the_start_go_with_the_next_check() {
    let mut script = segmented(&[("retention.ms", "-1")]);
    assert_eq!(delete(&mut script, "t", &[(0, 3)]), [(0, 3, 0)]);
    assert_eq!(files(&script.world, "t", ".log").len(), 4);
    pass(&mut script, 30_000);
    assert_eq!(files(&script.world, "t", ".log.deleted").len(), 3);
    let left = files(&script.world, "t", ".log");
    assert!(left.contains(&"00000000000000000003.log".to_owned()), "{left:?}");
    pass(&mut script, 60_000);
    assert_eq!(
        files(&script.world, "t", ".deleted"),
        Vec::<String>::new(),
        "removed after file.delete.delay.ms"
    );
    assert_eq!(files(&script.world, "t", ".log"), ["00000000000000000003.log"]);
}

#[test]
fn old_segments_go_and_a_new_one_takes_the_place_of_the_last() {
    let mut script = segmented(&[("retention.ms", "20000")]);
    pass(&mut script, 29_999);
    assert_eq!(earliest(&mut script, "t"), 0, "the first check comes after log.initial.task.delay.ms");
    pass(&mut script, 1);
    assert_eq!(earliest(&mut script, "t"), 4);
    assert_eq!(fetch_error(&mut script, 3), OFFSET_OUT_OF_RANGE);
    assert_eq!(files(&script.world, "t", ".log.deleted").len(), 4);
    let lines: Vec<String> = script.world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.starts_with("retention in /data: 28")), "{lines:?}");
    let answer = script.produce(&produce("t", &[(0, batch(&["next"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 4);
    pass(&mut script, 60_000);
    assert_eq!(files(&script.world, "t", ".log"), ["00000000000000000004.log"]);
    for stop in [World::kill, World::stop] {
        stop(&mut script.world);
        script.world.start().expect("starts");
        assert_eq!(earliest(&mut script, "t"), 4);
        let answer = script.fetch(&fetch("t", &[(0, 4)]));
        assert_eq!(records(&answer.responses[0].partitions[0].records), [(4, "next".into())]);
    }
}

#[test]
fn a_log_is_kept_to_its_size() {
    let mut script = segmented(&[("retention.bytes", "1400000"), ("retention.ms", "-1")]);
    pass(&mut script, 30_000);
    assert_eq!(earliest(&mut script, "t"), 2, "what is left is not below retention.bytes");
    assert_eq!(files(&script.world, "t", ".log.deleted").len(), 2);
}

#[test]
fn a_compacted_log_keeps_what_is_old() {
    let mut script = Script::with_configs(
        "t",
        1,
        &[("cleanup.policy", "compact"), ("retention.ms", "1"), ("retention.bytes", "1")],
    );
    create_topic(&mut script.world, &mut script.client, "forever", 1, &[("retention.ms", "-1")]);
    script.produce(&produce("forever", &[(0, batch(&["a"]))]));
    pass(&mut script, 400_000);
    assert_eq!((earliest(&mut script, "t"), earliest(&mut script, "forever")), (0, 0));
}

#[test]
fn brokers_defaults_and_intervals_count() {
    let mut world = World::started(
        1,
        &[
            ("log.retention.ms", "5000"),
            ("log.retention.check.interval.ms", "1000"),
            ("log.initial.task.delay.ms", "500"),
            ("log.segment.delete.delay.ms", "2000"),
        ],
    );
    let mut client = klamm_sim::Client::new(&world);
    let topic_id = create_topic(&mut world, &mut client, "t", 1, &[]);
    let mut script = Script { world, client, topic_id };
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    pass(&mut script, 4_500);
    assert_eq!(earliest(&mut script, "t"), 0);
    pass(&mut script, 1_000);
    assert_eq!(earliest(&mut script, "t"), 1);
    assert_eq!(files(&script.world, "t", ".log.deleted").len(), 1);
    pass(&mut script, 2_000);
    assert_eq!(files(&script.world, "t", ".deleted"), Vec::<String>::new());
}

/// Sets a property of a resource while it runs: 2 is a topic, 4 a broker (empty name: all of them).
fn set(script: &mut Script, resource_type: i8, resource_name: &str, name: &str, value: &str) {
    let config =
        AlterableConfig { name: name.to_owned(), config_operation: 0, value: Some(value.to_owned()) };
    let resource = AlterConfigsResource {
        resource_type,
        resource_name: resource_name.to_owned(),
        configs: vec![config],
    };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let answer: IncrementalAlterConfigsResponse =
        script.client.call(&mut script.world, ApiKey::IncrementalAlterConfigs, 1, &request);
    assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
}

#[test]
fn settings_that_change_while_it_runs_count_at_the_next_check() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    pass(&mut script, 30_000);
    assert_eq!(earliest(&mut script, "t"), 0);
    set(&mut script, 2, "t", "retention.ms", "1000");
    set(&mut script, 2, "t", "file.delete.delay.ms", "7000");
    pass(&mut script, 300_000);
    assert_eq!(earliest(&mut script, "t"), 1);
    pass(&mut script, 6_999);
    assert_eq!(files(&script.world, "t", ".log.deleted").len(), 1);
    pass(&mut script, 1);
    assert_eq!(files(&script.world, "t", ".deleted"), Vec::<String>::new());
    create_topic(&mut script.world, &mut script.client, "u", 1, &[]);
    script.produce(&produce("u", &[(0, batch(&["a"]))]));
    set(&mut script, 4, "", "log.retention.ms", "2000");
    pass(&mut script, 300_000);
    assert_eq!(earliest(&mut script, "u"), 1, "the broker's default, which the topic goes by");
}

#[test]
fn flush_ms_asks_the_disk() {
    let overrides = [("log.flush.scheduler.interval.ms", "1000"), ("log.initial.task.delay.ms", "0")];
    for seed in 0..20 {
        let mut world = World::started(seed, &overrides);
        let mut client = klamm_sim::Client::new(&world);
        let topic_id = create_topic(&mut world, &mut client, "t", 1, &[("flush.ms", "3000")]);
        let mut script = Script { world, client, topic_id };
        script.produce(&produce("t", &[(0, batch(&["a"]))]));
        pass(&mut script, 1_000);
        script.produce(&produce("t", &[(0, batch(&["b"]))]));
        pass(&mut script, 3_000);
        script.world.power_cut();
        script.world.start().expect("starts after a power cut");
        let answer = script.fetch(&fetch("t", &[(0, 0)]));
        let found = records(&answer.responses[0].partitions[0].records);
        assert_eq!(found, [(0, "a".into()), (1, "b".into())], "seed {seed}");
    }
}

/// One life after another at random: what was told about the start and the records never becomes untrue.
#[test]
fn a_start_never_goes_back_and_nothing_else_is_read_above_it() {
    for seed in 0..6 {
        let configs = [("segment.bytes", "1048576"), ("flush.messages", "1"), ("retention.bytes", "1500000")];
        let mut script = Script::with_configs("t", 1, &configs);
        script.world.rng = SeededRng::new(seed);
        let (mut start, mut end) = (0, 0);
        for _ in 0..40 {
            match script.world.rng.below(10) {
                0..=4 => {
                    let value = format!("{end}{}", "-".repeat(script.world.rng.below(500_000) as usize));
                    let answer = script.produce(&produce("t", &[(0, batch(&[&value]))]));
                    let partition = &answer.responses[0].partition_responses[0];
                    assert_eq!((partition.error_code, partition.base_offset), (0, end), "seed {seed}");
                    end += 1;
                }
                5 => {
                    let offset = script.world.rng.below(end as u64 + 1) as i64;
                    start = start.max(offset);
                    let found = delete(&mut script, "t", &[(0, offset)]);
                    assert_eq!((found[0].2, found[0].1 >= start), (0, true), "seed {seed}: {found:?}");
                    start = found[0].1;
                }
                6 => pass(&mut script, 400_000),
                7 => script.world.background(),
                life => {
                    [World::kill, World::power_cut][life as usize - 8](&mut script.world);
                    script.world.start().expect("starts");
                    let now = earliest(&mut script, "t");
                    check_records(&mut script, seed, now, end);
                }
            }
            let now = earliest(&mut script, "t");
            assert!(start <= now && now <= end, "seed {seed}: {now} after {start}, end {end}");
            start = now;
        }
        check_records(&mut script, seed, start, end);
    }
}

/// Everything from the start to the end is there, under its own offset, and nothing below.
fn check_records(script: &mut Script, seed: u64, start: i64, end: i64) {
    let mut next = start;
    while next < end {
        let answer = script.fetch(&fetch("t", &[(0, next)]));
        let partition = &answer.responses[0].partitions[0];
        assert_eq!((partition.error_code, partition.log_start_offset), (0, start), "seed {seed}");
        for (offset, value) in records(&partition.records) {
            assert_eq!(value.trim_end_matches('-'), offset.to_string(), "seed {seed}");
            assert_eq!(offset, next, "seed {seed}: a gap");
            next += 1;
        }
    }
    if start > 0 {
        assert_eq!(fetch_error(script, start - 1), OFFSET_OUT_OF_RANGE, "seed {seed}");
    }
}
