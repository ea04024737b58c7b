//! The first records of an active controller.

use klamm_metadata::batch::{self, Stamp};
use klamm_metadata::bootstrap::{BootstrapMetadata, Format, FormatQuorum};
use klamm_metadata::records::{BeginTransactionRecord, FeatureLevelRecord, NoOpRecord};
use klamm_metadata::{MetadataRecord, MetadataVersion, VersionedRecord};

use crate::cluster::{self, Cluster};

fn bootstrap(level: i16) -> BootstrapMetadata {
    let metadata_version = MetadataVersion::from_level(level).expect("known");
    let format = Format { metadata_version, ..Format::latest(FormatQuorum::Static) };
    format.check().expect("the defaults go together").bootstrap
}

/// Appends records that no decision made.
fn append(cluster: &mut Cluster, records: Vec<MetadataRecord>) {
    let base_offset = cluster.controller.images().next_offset();
    let stamp = Stamp { base_offset, epoch: cluster.epoch, append_time_ms: 0 };
    let records: Vec<_> = records.into_iter().map(|record| VersionedRecord::new(record, 0)).collect();
    cluster.append(batch::encode_data(stamp, &records));
}

fn begin(name: &str) -> MetadataRecord {
    BeginTransactionRecord { name: Some(name.to_owned()) }.into()
}

#[test]
fn a_fresh_log_begins_as_kafkas() {
    let mut cluster = Cluster::formatted(&[], cluster::fresh_bootstrap());
    assert_eq!(
        cluster.lead(),
        [
            r#"BeginTransaction v0 {"name":"Bootstrap records"}"#,
            r#"FeatureLevel v0 {"featureLevel":33,"name":"metadata.version"}"#,
            r#"FeatureLevel v0 {"featureLevel":1,"name":"eligible.leader.replicas.version"}"#,
            r#"FeatureLevel v0 {"featureLevel":1,"name":"group.version"}"#,
            r#"FeatureLevel v0 {"featureLevel":2,"name":"share.version"}"#,
            r#"FeatureLevel v0 {"featureLevel":1,"name":"streams.version"}"#,
            r#"FeatureLevel v0 {"featureLevel":2,"name":"transaction.version"}"#,
            r#"Config v0 {"name":"min.insync.replicas","resourceName":"","resourceType":4,"value":"1"}"#,
            r#"EndTransaction v0 {}"#,
        ]
    );
    assert_eq!(cluster.controller.images().stable().provenance.last_contained_offset, 9);
    assert_eq!(cluster.lead(), [""; 0], "the second leader finds everything done");
    assert_eq!(cluster.controller.active_epoch(), Some(2));
}

#[test]
fn the_static_minimum_of_in_sync_replicas_moves_into_the_log() {
    let mut cluster = Cluster::formatted(&[("min.insync.replicas", "2")], cluster::fresh_bootstrap());
    let lines = cluster.lead();
    assert_eq!(
        lines[7],
        r#"Config v0 {"name":"min.insync.replicas","resourceName":"","resourceType":4,"value":"2"}"#
    );
}

#[test]
fn old_levels_have_neither_transactions_nor_elr() {
    let mut cluster = Cluster::formatted(&[], bootstrap(12));
    assert_eq!(cluster.lead(), [r#"FeatureLevel v0 {"featureLevel":12,"name":"metadata.version"}"#]);
    let mut cluster = Cluster::formatted(&[], bootstrap(13));
    assert_eq!(cluster.lead().len(), 3);
}

#[test]
fn a_bootstrap_that_was_cut_off_begins_again() {
    let mut cluster = Cluster::formatted(&[], cluster::fresh_bootstrap());
    let level = FeatureLevelRecord { name: "metadata.version".to_owned(), feature_level: 33 };
    append(&mut cluster, vec![begin("Bootstrap records"), level.into()]);
    let lines = cluster.lead();
    assert_eq!(lines.len(), 10, "{lines:#?}");
    assert_eq!(lines[0], r#"AbortTransaction v0 {"reason":"Controller failover"}"#);
    assert_eq!(lines[1], r#"BeginTransaction v0 {"name":"Bootstrap records"}"#);
    assert_eq!(cluster.image().features.metadata_version(), Some(MetadataVersion::LATEST));
}

#[test]
fn a_transaction_without_an_end_is_aborted() {
    let mut cluster = Cluster::active(&[]);
    append(&mut cluster, vec![begin("Half a change"), NoOpRecord {}.into()]);
    assert_eq!(cluster.lead(), [r#"AbortTransaction v0 {"reason":"Controller failover"}"#]);
    assert_eq!(cluster.controller.images().transaction_start_offset(), None);
}

#[test]
fn a_transaction_at_a_level_without_transactions_is_a_fault() {
    let mut cluster = Cluster::formatted(&[], bootstrap(12));
    cluster.lead();
    append(&mut cluster, vec![begin("From the future")]);
    let fault = cluster.controller.activate(2, cluster.now).expect_err("cannot be");
    assert_eq!(fault.transaction_start_offset, 2);
    assert_eq!(fault.metadata_version.name(), "3.6-IV0");
}

#[test]
fn a_controller_that_is_not_active_decides_nothing() {
    let mut cluster = Cluster::active(&[]);
    cluster.controller.resign();
    let request = klamm_wire::CreateTopicsRequest::default();
    let rights = klamm_metadata::TopicRights::ALL;
    let error =
        cluster.controller.create_topics(&rights, &request, &mut cluster.rng).expect_err("not active");
    assert_eq!(error.error, klamm_base::ErrorCode::NotController);
    assert_eq!(cluster.controller.next_deadline(), None);
    assert_eq!(cluster.controller.advance(cluster.now), None);
}

#[test]
fn an_idle_controller_writes_no_ops() {
    let mut cluster = Cluster::active(&[]);
    assert_eq!(cluster.controller.next_deadline(), Some(cluster.now.plus_ms(500)));
    assert_eq!(cluster.advance(), [""; 0]);
    cluster.after_ms(500);
    assert_eq!(cluster.advance(), ["NoOp v0 {}"]);
    cluster.after_ms(499);
    assert_eq!(cluster.advance(), [""; 0]);
    cluster.after_ms(1);
    assert_eq!(cluster.advance(), ["NoOp v0 {}"]);

    let never = Cluster::active(&[("metadata.max.idle.interval.ms", "0")]);
    assert_eq!(never.controller.next_deadline(), Some(klamm_base::Mono::NEVER));
}
