//! Records in and out.

use klamm_wire::{ApiKey, FetchResponse};

use crate::support::{Script, batch, fetch, produce, records};

#[test]
fn what_is_produced_is_fetched() {
    let mut script = Script::with_topic("t", 2);
    let answer = script.produce(&produce("t", &[(0, batch(&["a", "b"])), (1, batch(&["c"]))]));
    let offsets: Vec<_> =
        answer.responses[0].partition_responses.iter().map(|p| (p.error_code, p.base_offset)).collect();
    assert_eq!(offsets, [(0, 0), (0, 0)]);
    let answer = script.produce(&produce("t", &[(0, batch(&["d"]))]));
    assert_eq!(answer.responses[0].partition_responses[0].base_offset, 2);

    let answer = script.fetch(&fetch("t", &[(0, 0), (1, 0)]));
    let partitions = &answer.responses[0].partitions;
    assert_eq!(records(&partitions[0].records), [(0, "a".into()), (1, "b".into()), (2, "d".into())]);
    assert_eq!(records(&partitions[1].records), [(0, "c".into())]);
    assert_eq!((partitions[0].high_watermark, partitions[0].last_stable_offset), (3, 3));
}

#[test]
fn a_fetch_sleeps_until_a_produce_wakes_it() {
    let mut script = Script::with_topic("t", 1);
    let waiting = script.client.send(&mut script.world, ApiKey::Fetch, 12, &fetch("t", &[(0, 0)]));
    script.world.run();
    assert!(script.client.receive::<FetchResponse>(&mut script.world, waiting).is_none());
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    let answer: FetchResponse =
        script.client.receive(&mut script.world, waiting).expect("woken").expect("answered");
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into())]);
}

#[test]
fn a_fetch_without_records_ends_at_its_deadline() {
    let mut script = Script::with_topic("t", 1);
    let waiting = script.client.send(&mut script.world, ApiKey::Fetch, 12, &fetch("t", &[(0, 0)]));
    script.world.advance(499);
    assert!(script.client.receive::<FetchResponse>(&mut script.world, waiting).is_none());
    script.world.advance(1);
    let answer: FetchResponse =
        script.client.receive(&mut script.world, waiting).expect("timed out").expect("answered");
    assert_eq!(answer.responses[0].partitions[0].high_watermark, 0);
}

#[test]
fn everything_survives_a_stop_a_kill_and_a_start() {
    let mut script = Script::with_topic("t", 1);
    script.produce(&produce("t", &[(0, batch(&["a"]))]));
    script.world.stop();
    script.world.start().expect("starts after a stop");
    script.produce(&produce("t", &[(0, batch(&["b"]))]));
    script.world.kill();
    script.world.start().expect("starts after a kill");
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    assert_eq!(records(&answer.responses[0].partitions[0].records), [(0, "a".into()), (1, "b".into())]);
}
