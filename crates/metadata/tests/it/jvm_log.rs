//! Logs that Apache Kafka 4.4.0 wrote (tests/data/README.md): read, replayed, written again.

use klamm_base::Uuid;
use klamm_metadata::batch::{self, Content, MetadataBatch};
use klamm_metadata::image::{ConfigResource, LeaderRecoveryState};
use klamm_metadata::snapshot;
use klamm_metadata::{Controller, MetadataImage, MetadataVersion};
use klamm_raft::{Action, ControlRecord, Event, OffsetAndEpoch, Quorum, VoterSet};

use crate::cluster::{self, Cluster, replay};

const LOG: &[u8] = include_bytes!("../data/jvm-4.4.0-metadata.log");
const CHECKPOINT: &[u8] = include_bytes!("../data/jvm-4.4.0-bootstrap.checkpoint");

const STANDALONE_LOG: &[u8] = include_bytes!("../data/jvm-4.4.0-standalone-metadata.log");
const STANDALONE_CHECKPOINT: &[u8] = include_bytes!("../data/jvm-4.4.0-standalone.checkpoint");

fn batches(file: &[u8]) -> Vec<(MetadataBatch, &[u8])> {
    let mut batches = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let (batch, length) = batch::decode(rest).expect("Kafka wrote it");
        batches.push((batch, &rest[..length]));
        rest = &rest[length..];
    }
    batches
}

/// The controller after all batches before the one at `end`.
fn replayed(end: i64) -> Controller {
    let mut controller = Cluster::formatted(&[], cluster::fresh_bootstrap()).controller;
    for (batch, bytes) in batches(LOG) {
        if batch.stamp.base_offset < end {
            replay(&mut controller, bytes);
        }
    }
    controller.commit(end);
    controller
}

/// (isr, leader, elr, last known elr, leader epoch, partition epoch)
type State = (Vec<i32>, i32, Vec<i32>, Vec<i32>, i32, i32);

fn partitions(image: &MetadataImage, topic: &str) -> Vec<State> {
    let topic = image.topics.by_name(topic).expect("it is there");
    let state = |(_, p): (i32, &std::sync::Arc<klamm_metadata::image::PartitionRegistration>)| {
        (p.isr.clone(), p.leader, p.elr.clone(), p.last_known_elr.clone(), p.leader_epoch, p.partition_epoch)
    };
    topic.partitions().map(state).collect()
}

#[test]
fn every_batch_is_written_again_byte_for_byte() {
    for (file, last) in [(LOG, 219), (CHECKPOINT, 7), (STANDALONE_LOG, 23), (STANDALONE_CHECKPOINT, 9)] {
        let batches = batches(file);
        assert_eq!(batches.last().map(|(batch, _)| batch.last_offset), Some(last));
        for (batch, bytes) in batches {
            let again = match &batch.content {
                Content::Data(records) => batch::encode_data(batch.stamp, records),
                Content::Control(records) => batch::encode_control(batch.stamp, records),
            };
            assert_eq!(again, bytes, "batch at offset {}", batch.stamp.base_offset);
        }
    }
}

#[test]
fn the_bootstrap_snapshot_is_what_a_format_here_writes() {
    let content = snapshot::read(CHECKPOINT).expect("Kafka wrote it");
    let ours = cluster::fresh_bootstrap();
    assert_eq!(content.records, ours.records());
    assert_eq!(content.control.len(), 2);
}

#[test]
fn the_image_while_it_ran() {
    let controller = replayed(115);
    let image = controller.images().stable();
    assert_eq!(image.features.metadata_version(), Some(MetadataVersion::LATEST));
    let finalized: Vec<_> = image.features.finalized().into_iter().collect();
    assert_eq!(
        finalized,
        [
            ("eligible.leader.replicas.version", 1),
            ("group.version", 1),
            ("metadata.version", 33),
            ("share.version", 2),
            ("streams.version", 1),
            ("transaction.version", 2)
        ]
    );
    assert_eq!(image.topics.iter().map(|topic| &*topic.name).collect::<Vec<_>>(), ["flights", "with.config"]);
    assert_eq!(partitions(image, "flights"), vec![(vec![1], 1, vec![], vec![], 0, 0); 3]);
    let flights = image.topics.by_name("flights").expect("it is there");
    assert_eq!(flights.id.to_string(), "CByQb9iBQsCZ2aVg0VcIjA");
    let directory = flights.partition(2).and_then(|partition| partition.directory(1)).expect("replica 1");
    assert_eq!(directory.to_string(), "tvK-AOui2qjvwfZ4v-I7UA");

    let broker = image.cluster.broker(1).expect("registered");
    assert_eq!((broker.epoch, broker.fenced, broker.in_controlled_shutdown), (14, false, false));
    assert_eq!(
        (broker.directories.as_slice(), broker.cordoned_directories.as_deref()),
        (&[directory][..], Some(&[][..]))
    );
    assert_eq!(broker.listeners["PLAINTEXT"].port, 21092);
    assert_eq!(broker.supported_features["metadata.version"], (7, 33));
    assert_eq!(image.cluster.controller(1).expect("registered").listeners["CONTROLLER"].port, 21093);

    assert_eq!(image.configs.cluster()["min.insync.replicas"], "1");
    assert_eq!(image.configs.topic("flights")["segment.ms"], "100000");
    assert_eq!(image.configs.topic("with.config").len(), 2);
    assert!(image.configs.get(&ConfigResource::topic("doomed")).is_empty());
    assert_eq!(image.producer_ids.next_producer_id(), 1_000);
}

#[test]
fn what_is_not_served_is_kept() {
    let controller = replayed(220);
    let image = controller.images().stable();
    assert_eq!(image.scram.get(1, "alice").expect("kept").iterations, 4_096);
    let acl = image.acls.iter().next().expect("kept");
    assert_eq!(
        (acl.principal.as_str(), acl.resource_name.as_str(), acl.operation),
        ("User:carol", "flights", 3)
    );
    let (entity, quotas) = image.client_quotas.iter().next().expect("kept");
    assert_eq!(entity["user"].as_deref(), Some("bob"));
    assert_eq!((quotas["consumer_byte_rate"], quotas["producer_byte_rate"]), (2_048.0, 1_024.0));
}

#[test]
fn partitions_through_stop_start_and_crash() {
    // Before the given offset.
    let all = |end| {
        let image = replayed(end).images().stable().clone();
        let mut states = partitions(&image, "flights");
        states.extend(partitions(&image, "with.config"));
        states.dedup();
        states
    };
    assert_eq!(all(123), [(vec![], -1, vec![1], vec![1], 1, 1)], "clean stop");
    assert_eq!(all(135), [(vec![1], 1, vec![], vec![], 2, 2)], "started");
    assert_eq!(all(168), [(vec![], -1, vec![1], vec![1], 3, 3)], "killed, session over");
    assert_eq!(all(177), [(vec![], -1, vec![], vec![1], 3, 4)], "registered without its last epoch");
    assert_eq!(all(184), [(vec![1], 1, vec![], vec![], 4, 5)], "elected from what it was last");
    let image = replayed(220).images().stable().clone();
    let partition =
        image.topics.by_name("flights").and_then(|topic| topic.partition(0)).cloned().expect("there");
    assert_eq!(partition.leader_recovery_state, LeaderRecoveryState::Recovering);
    assert!(image.cluster.broker(1).expect("registered").fenced);
    assert_eq!(image.provenance.last_contained_offset, 219);
    assert_eq!(image.provenance.last_contained_epoch, 3);
}

#[test]
fn an_image_survives_its_snapshot() {
    let image = replayed(220).images().stable().clone();
    let records = snapshot::records_of(&image);
    let voters = klamm_raft::VoterSet::default();
    let head = snapshot::Head {
        epoch: 3,
        last_contained_log_time_ms: image.provenance.last_contained_log_time_ms,
        kraft_version: 0,
        voters: &voters,
        now_ms: 5,
    };
    let content = snapshot::read(&snapshot::write(head, &records)).expect("just written");
    let mut controller = Cluster::formatted(&[], cluster::fresh_bootstrap()).controller;
    let records = content.records.into_iter().map(|record| record.record);
    controller.load_snapshot(image.provenance, records).expect("sound");
    assert_eq!(**controller.images().latest(), *image);
    assert_eq!(controller.images().next_offset(), 220);
}

#[test]
fn ids_print_as_kafka_prints_them() {
    let controller = replayed(220);
    let flights: Uuid = "CByQb9iBQsCZ2aVg0VcIjA".parse().expect("an id");
    assert_eq!(controller.images().stable().topics.name(flights).map(|name| &**name), Some("flights"));
}

#[test]
fn the_first_leader_of_a_standalone_quorum_writes_what_kafkas_wrote() {
    let checkpoint = snapshot::read(STANDALONE_CHECKPOINT).expect("Kafka wrote it");
    assert_eq!(checkpoint.records, cluster::fresh_bootstrap().records());
    let voters = checkpoint.control.iter().find_map(|record| match record {
        ControlRecord::KRaftVoters(voters) => Some(VoterSet::from_record(voters)),
        _ => None,
    });
    let local = voters.expect("a standalone quorum has a voter").voters().next().expect("one").clone();

    let mut quorum = Quorum::new(local, VoterSet::default());
    for record in checkpoint.control {
        quorum.step(Event::Loaded { offset: -1, record }).expect("only the start refuses");
    }
    let start = Event::Start { election: None, log_end: OffsetAndEpoch::default() };
    let actions = quorum.step(start).expect("the only voter");
    let Some(Action::AppendControl { epoch: 1, records }) = actions.last() else { panic!("{actions:?}") };
    let (first, bytes) = &batches(STANDALONE_LOG)[0];
    assert_eq!(first.content, Content::Control(records.clone()));
    assert_eq!(batch::encode_control(first.stamp, records), *bytes);
}
