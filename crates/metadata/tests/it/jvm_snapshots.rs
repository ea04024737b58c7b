//! Snapshots that Apache Kafka 4.4.0 made of its own log, with all that is kept here and not served
//! (tests/data/README.md): from the same log comes the same snapshot.

use klamm_metadata::batch;
use klamm_metadata::snapshot::{self, Head};
use klamm_metadata::{Controller, MetadataImage, VersionedRecord};
use klamm_raft::VoterSet;

use crate::cluster::{self, Cluster, replay};

const PARTITION: u32 = 3;

const LOG: &[u8] = include_bytes!("../data/jvm-4.4.0-kept.log");
/// By end offset.
const CHECKPOINTS: [(i64, &[u8]); 2] = [
    (36, include_bytes!("../data/jvm-4.4.0-kept-36.checkpoint")),
    (64, include_bytes!("../data/jvm-4.4.0-kept-64.checkpoint")),
];

fn fresh() -> Controller {
    Cluster::formatted(&[], cluster::fresh_bootstrap()).controller
}

/// The image of the log below `end`.
fn image_at(end: i64) -> MetadataImage {
    let mut controller = fresh();
    let mut rest = LOG;
    while controller.images().next_offset() < end {
        let (_, length) = batch::decode(rest).expect("Kafka wrote it");
        replay(&mut controller, &rest[..length]);
        rest = &rest[length..];
    }
    controller.commit(end);
    (**controller.images().stable()).clone()
}

/// What the records are about, in their order; the order within a kind is that of Java's hash maps.
fn kinds(records: &[VersionedRecord]) -> Vec<(u32, i16)> {
    let mut kinds: Vec<_> =
        records.iter().map(|record| (record.record.record_type(), record.version)).collect();
    // A topic is followed by its partitions.
    kinds.retain(|(record_type, _)| *record_type != PARTITION);
    kinds.dedup();
    kinds
}

#[test]
fn the_records_are_those_of_kafkas_snapshot() {
    for (end, checkpoint) in CHECKPOINTS {
        let image = image_at(end);
        let kafka = snapshot::read(checkpoint).expect("Kafka wrote it");
        let ours = snapshot::records_of(&image);
        assert_eq!(kinds(&ours), kinds(&kafka.records));
        assert_eq!(ours.len(), kafka.records.len());
        let mut restored = fresh();
        let records = kafka.records.into_iter().map(|record| record.record);
        restored.load_snapshot(image.provenance, records).expect("sound");
        assert_eq!(**restored.images().latest(), image);
    }
}

#[test]
fn the_file_is_as_long_as_kafkas_and_begins_and_ends_alike() {
    for (end, checkpoint) in CHECKPOINTS {
        let image = image_at(end);
        let (first, _) = batch::decode(checkpoint).expect("Kafka wrote it");
        let head = Head {
            epoch: image.provenance.last_contained_epoch,
            last_contained_log_time_ms: image.provenance.last_contained_log_time_ms,
            kraft_version: 0,
            voters: &VoterSet::default(),
            now_ms: first.stamp.append_time_ms,
        };
        let ours = snapshot::write(head, &snapshot::records_of(&image));
        assert_eq!(ours.len(), checkpoint.len());
        let control = |file: &[u8]| snapshot::read(file).expect("whole").control;
        assert_eq!(control(&ours), control(checkpoint));
    }
}

#[test]
fn nothing_that_is_not_served_is_lost() {
    let image = image_at(64);
    assert_eq!(image.features.level("share.version"), 1, "downgraded");
    let principals: Vec<&str> = image.acls.iter().map(|acl| acl.principal.as_str()).collect();
    assert_eq!(principals.len(), 4, "{principals:?}: one of five was removed");
    let users: Vec<_> = image.scram.iter().map(|user| (user.mechanism, user.name.as_str())).collect();
    assert_eq!(users, [(2, "zoe")]);
    let quotas: usize = image.client_quotas.iter().map(|(_, quotas)| quotas.len()).sum();
    assert_eq!((image.client_quotas.iter().count(), quotas), (3, 4), "one of four entities was emptied");
    assert_eq!(image.delegation_tokens.iter().count(), 3);
    let resources: Vec<_> = image.configs.iter().map(|(resource, _)| resource.name.as_str()).collect();
    assert_eq!(resources, ["zeta", "", "1", "m1", "g1"]);
    assert_eq!(image.topics.iter().map(|topic| topic.num_partitions()).collect::<Vec<_>>(), [1, 1, 5]);
}
