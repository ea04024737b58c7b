//! Fetch: what is read, how much, and when a sleeping fetch wakes.

use klamm_sim::client::Pending;
use klamm_wire::{ApiKey, FetchRequest, FetchResponse};

use crate::support::{Script, batch, fetch, produce, records};

/// Sends a fetch that may sleep.
fn send(script: &mut Script, request: &FetchRequest) -> Pending {
    let pending = script.client.send(&mut script.world, ApiKey::Fetch, 12, request);
    script.world.run();
    pending
}

fn answer(script: &mut Script, pending: Pending) -> Option<FetchResponse> {
    script.client.receive(&mut script.world, pending).map(|answer| answer.expect("a fetch is answered"))
}

#[test]
fn what_is_produced_is_fetched() {
    let mut script = Script::with_topic("t", 2);
    let made = script.produce(&produce("t", &[(0, batch(&["a", "b"])), (1, batch(&["c"]))]));
    let offsets: Vec<_> =
        made.responses[0].partition_responses.iter().map(|p| (p.error_code, p.base_offset)).collect();
    assert_eq!(offsets, [(0, 0), (0, 0)]);
    script.produce(&produce("t", &[(0, batch(&["d"]))]));

    let answer = script.fetch(&fetch("t", &[(0, 0), (1, 0)]));
    let partitions = &answer.responses[0].partitions;
    assert_eq!(records(&partitions[0].records), [(0, "a".into()), (1, "b".into()), (2, "d".into())]);
    assert_eq!(records(&partitions[1].records), [(0, "c".into())]);
    assert_eq!((partitions[0].high_watermark, partitions[0].last_stable_offset), (3, 3));
}

#[test]
fn an_offset_inside_a_batch_gives_the_whole_batch() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a", "b", "c"]))]));
    let answer = script.fetch(&fetch("t", &[(0, 2)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records).len(), 3);
}

#[test]
fn the_first_batch_comes_whole_and_the_rest_keeps_to_the_limits() {
    let mut script = Script::with_topic("t", 2);
    let value = "x".repeat(1000);
    for _ in 0..3 {
        script.produce(&produce("t", &[(0, batch(&[&value])), (1, batch(&[&value]))]));
    }
    let sizes = |script: &mut Script, max_bytes, partition_max_bytes| {
        let mut request = fetch("t", &[(0, 0), (1, 0)]);
        request.max_bytes = max_bytes;
        request.topics[0].partitions.iter_mut().for_each(|p| p.partition_max_bytes = partition_max_bytes);
        let answer = script.fetch(&request);
        let partitions = answer.responses[0].partitions.iter();
        partitions.map(|p| p.records.size_in_bytes()).collect::<Vec<_>>()
    };
    let one = batch(&[&value]).len();
    assert_eq!(sizes(&mut script, 1 << 20, 1 << 20), [3 * one, 3 * one]);
    assert_eq!(sizes(&mut script, 1, 1 << 20), [one, 0]);
    assert_eq!(sizes(&mut script, 1 << 20, 100), [one, 0], "only the very first batch may exceed");
    assert_eq!(sizes(&mut script, 2 * one as i32, one as i32), [one, one]);
}

#[test]
fn a_fetch_sleeps_until_a_produce_wakes_it() {
    let mut script = Script::with_topic("t", 1);
    let waiting = send(&mut script, &fetch("t", &[(0, 0)]));
    assert!(answer(&mut script, waiting).is_none());
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    let woken = answer(&mut script, waiting).expect("woken");
    assert_eq!(records(&woken.responses[0].partitions[0].records), [(0, "a".into())]);
    assert_eq!(script.world.node().waiting(), (0, 0));
}

#[test]
fn it_wakes_exactly_when_min_bytes_are_there_over_all_its_partitions() {
    let mut script = Script::with_topic("t", 3);
    let size = batch(&["a"]).len() as i32;
    let request = FetchRequest { min_bytes: 3 * size, ..fetch("t", &[(0, 0), (1, 0)]) };
    let waiting = send(&mut script, &request);
    for (partition, is_woken) in [(0, false), (2, false), (1, false), (2, false), (0, true)] {
        assert!(answer(&mut script, waiting).is_none());
        script.produce(&produce("t", &[(partition, batch(&["a"]))]));
        assert_eq!(!script.world.is_waiting(waiting.task), is_woken, "after partition {partition}");
    }
    let woken = answer(&mut script, waiting).expect("woken");
    let sizes: Vec<_> =
        woken.responses[0].partitions.iter().map(|p| p.records.size_in_bytes() as i32).collect();
    assert_eq!(sizes, [2 * size, size]);
}

#[test]
fn a_fetch_without_records_ends_at_its_deadline() {
    let mut script = Script::with_topic("t", 1);
    let waiting = send(&mut script, &fetch("t", &[(0, 0)]));
    script.world.advance(499);
    assert!(answer(&mut script, waiting).is_none());
    script.world.advance(1);
    let ended = answer(&mut script, waiting).expect("its time is up");
    assert_eq!(ended.responses[0].partitions[0].high_watermark, 0);
    assert_eq!(script.world.node().waiting(), (0, 0));
}

#[test]
fn errors_are_told_at_once() {
    let mut script = Script::with_topic("t", 1);
    let waiting = send(&mut script, &fetch("t", &[(0, 0), (0, 99)]));
    let told = answer(&mut script, waiting).expect("an offset out of range does not wait");
    assert_eq!(told.responses[0].partitions[0].error_code, 1);
}

#[test]
fn a_client_that_goes_away_leaves_nothing_behind() {
    let mut script = Script::with_topic("t", 2);
    let waiting = send(&mut script, &fetch("t", &[(0, 0), (1, 0)]));
    assert_eq!(script.world.node().waiting(), (0, 2));
    let deadline = script.world.node().next_deadline();
    script.world.give_up(waiting.task);
    assert_eq!(script.world.node().waiting(), (0, 0));
    assert!(script.world.node().next_deadline() >= deadline);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
}

#[test]
fn a_deleted_topic_wakes_its_readers() {
    let mut script = Script::with_topic("t", 1);
    let waiting = send(&mut script, &fetch("t", &[(0, 0)]));
    script.delete_topic("t");
    let told = answer(&mut script, waiting).expect("woken");
    assert_eq!(told.responses[0].partitions[0].error_code, 3);
}
