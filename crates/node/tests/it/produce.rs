//! Produce: acknowledgements, refusals, idempotence.

use bytes::Bytes;
use klamm_node::{Answer, CloseReason};
use klamm_records::BatchOptions;
use klamm_sim::{Client, World};
use klamm_wire::{ApiKey, ProduceRequest, ProduceResponse};

use crate::support::{Script, batch, batch_of, create_topic, fetch, produce, records};

/// Error, base offset of the only partition of an answer.
fn only(answer: &ProduceResponse) -> (i16, i64) {
    let partition = &answer.responses[0].partition_responses[0];
    (partition.error_code, partition.base_offset)
}

fn idempotent(producer_id: i64, producer_epoch: i16, base_sequence: i32, values: &[&str]) -> Bytes {
    batch_of(BatchOptions { producer_id, producer_epoch, base_sequence, ..BatchOptions::default() }, values)
}

#[test]
fn several_produces_of_a_connection_proceed_at_once() {
    let mut script = Script::with_topic("t", 1);
    let sent: Vec<_> = (0..5)
        .map(|_| {
            let request = produce("t", &[(0, batch(&["a", "b"]))]);
            script.client.send(&mut script.world, ApiKey::Produce, 9, &request)
        })
        .collect();
    assert!(sent.iter().all(|pending| script.world.is_waiting(pending.task)), "nothing is written yet");
    assert!(script.world.write(), "one turn writes them all");
    assert!(!script.world.write());
    script.world.run();
    for (at, pending) in sent.into_iter().enumerate() {
        let answer: ProduceResponse =
            script.client.receive(&mut script.world, pending).expect("written").expect("answered");
        assert_eq!(only(&answer), (0, 2 * at as i64));
    }
}

#[test]
fn acks_0_has_no_answer_and_an_error_closes() {
    let mut script = Script::with_topic("t", 1);
    let silent = |topic: &str| ProduceRequest { acks: 0, ..produce(topic, &[(0, batch(&["a"]))]) };
    let good = script.client.send(&mut script.world, ApiKey::Produce, 9, &silent("t"));
    let bad = script.client.send(&mut script.world, ApiKey::Produce, 9, &silent("nowhere"));
    script.world.run();
    assert!(matches!(script.client.outcome(&mut script.world, good), Some(Answer::NoReply)));
    let closed = script.client.outcome(&mut script.world, bad);
    assert!(matches!(closed, Some(Answer::Close(CloseReason::ProduceFailed { .. }))), "{closed:?}");
    assert_eq!(script.fetch(&fetch("t", &[(0, 0)])).responses[0].partitions[0].high_watermark, 1);
}

#[test]
fn refusals_change_nothing() {
    let mut script = Script::with_topic("t", 1);
    let mut broken = batch(&["a"]).to_vec();
    broken[20] ^= 1;
    let two = [batch(&["a"]), batch(&["b"])].concat();
    let mut old = batch(&["a"]).to_vec();
    old[16] = 1;
    let transactional = BatchOptions {
        producer_id: 7,
        producer_epoch: 0,
        base_sequence: 0,
        transactional: true,
        ..BatchOptions::default()
    };
    for (what, bytes, error) in [
        ("a wrong checksum", Bytes::from(broken), 2),
        ("two batches", Bytes::from(two), 87),
        ("magic 1", Bytes::from(old), 87),
        ("nothing", Bytes::new(), 87),
        ("a transactional batch", batch_of(transactional, &["a"]), 53),
    ] {
        let answer = script.produce(&produce("t", &[(0, bytes)]));
        assert_eq!(only(&answer), (error, -1), "{what}");
    }
    let mut null = produce("t", &[(0, Bytes::new())]);
    null.topic_data[0].partition_data[0].records = klamm_base::codec::Records::Null;
    assert_eq!(only(&script.produce(&null)), (87, -1), "null records");
    let request = ProduceRequest { acks: 3, ..produce("t", &[(0, batch(&["a"]))]) };
    assert_eq!(only(&script.produce(&request)), (21, -1), "acks 3");
    assert_eq!(only(&script.produce(&produce("t", &[(9, batch(&["a"]))]))), (3, -1), "partition 9");
    assert_eq!(only(&script.produce(&produce("__consumer_offsets", &[(0, batch(&["a"]))]))).0, 3);
    let answer = script.produce(&produce("t", &[(0, batch(&["first"]))]));
    assert_eq!(only(&answer), (0, 0));
}

#[test]
fn a_repeat_is_answered_with_the_original_offset_and_stored_once() {
    let mut script = Script::with_topic("t", 1);
    let mut send = |epoch, sequence, values: &[&str]| {
        let answer = script.produce(&produce("t", &[(0, idempotent(42, epoch, sequence, values))]));
        only(&answer)
    };
    assert_eq!(send(0, 0, &["a", "b"]), (0, 0));
    assert_eq!(send(0, 2, &["c"]), (0, 2));
    assert_eq!(send(0, 0, &["a", "b"]), (0, 0), "a repeat");
    assert_eq!(send(0, 5, &["gap"]).0, 45);
    assert_eq!(send(1, 3, &["epoch"]).0, 45, "a new epoch begins at 0");
    assert_eq!(send(1, 0, &["d"]), (0, 3));
    assert_eq!(send(0, 3, &["old"]).0, 47);
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    let values: Vec<_> =
        records(&answer.responses[0].partitions[0].records).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["a", "b", "c", "d"]);
}

#[test]
fn a_repeat_is_known_after_a_kill() {
    let mut script = Script::with_topic("t", 1);
    let request = produce("t", &[(0, idempotent(42, 0, 0, &["a"]))]);
    assert_eq!(only(&script.produce(&request)), (0, 0));
    script.world.kill();
    script.world.start().expect("starts");
    assert_eq!(only(&script.produce(&request)), (0, 0));
    assert_eq!(only(&script.produce(&produce("t", &[(0, idempotent(42, 0, 1, &["b"]))]))), (0, 1));
}

#[test]
fn a_waiting_produce_whose_client_goes_away_is_stored_all_the_same() {
    let mut script = Script::with_topic("t", 1);
    let request = produce("t", &[(0, batch(&["a"]))]);
    let pending = script.client.send(&mut script.world, ApiKey::Produce, 9, &request);
    assert_eq!(script.world.node().waiting(), (1, 0));
    script.world.give_up(pending.task);
    assert_eq!(script.world.node().waiting(), (0, 0));
    script.world.run();
    assert_eq!(script.fetch(&fetch("t", &[(0, 0)])).responses[0].partitions[0].high_watermark, 1);
}

#[test]
fn topics_by_id_from_version_13_on() {
    let mut script = Script::with_topic("t", 1);
    let mut request = produce("", &[(0, batch(&["a"]))]);
    request.topic_data[0].topic_id = script.topic_id;
    let mut call = |request: &ProduceRequest| -> ProduceResponse {
        script.client.call(&mut script.world, ApiKey::Produce, 13, request)
    };
    assert_eq!(only(&call(&request)), (0, 0));
    request.topic_data[0].topic_id = klamm_base::Uuid([9; 16]);
    assert_eq!(only(&call(&request)), (100, -1));
}

#[test]
fn a_compacted_topic_wants_keys_and_says_which_records_have_none() {
    let mut script = Script::with_configs("t", 1, &[("cleanup.policy", "compact")]);
    let answer = script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(partition.error_code, 87);
    assert_eq!(partition.record_errors.iter().map(|error| error.batch_index).collect::<Vec<_>>(), [0, 1]);
    let request = produce("t", &[(0, batch(&["a"]))]);
    let old: ProduceResponse =
        Client::new(&script.world).call(&mut script.world, ApiKey::Produce, 7, &request);
    assert!(old.responses[0].partition_responses[0].record_errors.is_empty());
}

#[test]
fn a_topic_may_want_another_codec_or_its_own_time() {
    let mut script = Script::with_configs(
        "t",
        1,
        &[("compression.type", "lz4"), ("message.timestamp.type", "LogAppendTime")],
    );
    let answer = script.produce(&produce("t", &[(0, batch(&["a", "b"]))]));
    let partition = &answer.responses[0].partition_responses[0];
    assert_eq!(partition.log_append_time_ms, script.world.now.wall_ms);
    let answer = script.fetch(&fetch("t", &[(0, 0)]));
    let stored = &answer.responses[0].partitions[0].records;
    let klamm_base::codec::Records::Bytes(bytes) = stored else { panic!("no records") };
    let header = klamm_records::BatchHeader::parse(bytes).expect("a batch");
    assert_eq!(header.codec(), Some(klamm_records::CompressionType::Lz4));
    assert_eq!(header.max_timestamp, script.world.now.wall_ms);
    assert_eq!(records(stored), [(0, "a".into()), (1, "b".into())]);
}

#[test]
fn all_partitions_together_remember_only_so_many_producers_those_that_wrote_last() {
    let mut world = World::started(1, &[("klamm.max.producer.ids", "100")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 4, &[]);
    let mut write = |producer_id: i64, sequence: i32| {
        let partition = (producer_id % 4) as i32;
        let records = idempotent(producer_id, 0, sequence, &["a"]);
        only(&client.call(&mut world, ApiKey::Produce, 9, &produce("t", &[(partition, records)]))).0
    };
    for producer_id in 0..95 {
        assert_eq!(write(producer_id, 0), 0);
    }
    // One of the first goes on; then too many come.
    assert_eq!(write(2, 1), 0);
    for producer_id in 95..110 {
        assert_eq!(write(producer_id, 0), 0);
    }
    let out_of_order = 45;
    assert_eq!(write(2, 7), out_of_order, "it wrote while most of the others were silent");
    assert_eq!(write(109, 7), out_of_order, "it has just come");
    assert_eq!(write(50, 7), out_of_order, "it came behind those that were forgotten");
    assert_eq!(write(0, 7), 0, "it was silent for longest, and is unknown now");
    assert_eq!(write(3, 7), 0, "another partition's too");
}
