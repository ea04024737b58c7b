//! Finalized levels go up and down. What is refused, and how, the answers of Kafka in interop/answers tell.

use klamm_base::ErrorCode;
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_metadata::records::ConfigRecord;
use klamm_metadata::{ApiError, Decision, FeaturesUpdated, MetadataVersion, VersionedRecord};
use klamm_wire::UpdateFeaturesRequest;
use klamm_wire::update_features::FeatureUpdateKey;

use crate::cluster::{Cluster, registration};

const UP: i8 = 1;
const DOWN: i8 = 2;

fn request(updates: &[(&str, i16, i8)]) -> UpdateFeaturesRequest {
    let update = |&(feature, max_version_level, upgrade_type): &(&str, i16, i8)| FeatureUpdateKey {
        feature: feature.to_owned(),
        max_version_level,
        upgrade_type,
        ..Default::default()
    };
    UpdateFeaturesRequest { feature_updates: updates.iter().map(update).collect(), ..Default::default() }
}

/// A cluster at an older level, nobody registered.
fn at(version: &str) -> Cluster {
    let metadata_version = MetadataVersion::from_name(version).expect("known");
    let format = Format { metadata_version, ..Format::latest(FormatQuorum::Static) };
    let mut cluster = Cluster::formatted(
        &[("min.insync.replicas", "2")],
        format.check().expect("the defaults go together").bootstrap,
    );
    cluster.lead();
    cluster
}

fn update(cluster: &mut Cluster, updates: &[(&str, i16, i8)]) -> (FeaturesUpdated, Vec<String>) {
    let decision = cluster.controller.update_features(&request(updates)).expect("accepted");
    cluster.apply(decision)
}

fn refusal(result: Result<Decision<FeaturesUpdated>, ApiError>) -> String {
    let error = result.expect_err("refused");
    assert_eq!(error.error, ErrorCode::InvalidUpdateVersion);
    error.message.expect("says why")
}

#[test]
fn a_level_is_a_record_and_zero_takes_the_feature_off_the_list() {
    let mut cluster = Cluster::active(&[]);
    let (_, lines) = update(&mut cluster, &[("share.version", 1, DOWN)]);
    assert_eq!(lines, [r#"FeatureLevel v0 {"featureLevel":1,"name":"share.version"}"#]);
    update(&mut cluster, &[("share.version", 0, DOWN), ("group.version", 1, UP)]);
    let finalized = cluster.image().features.finalized();
    assert_eq!((finalized.get("share.version"), finalized.get("group.version")), (None, Some(&1)));
}

#[test]
fn the_last_mention_of_a_feature_counts() {
    let mut cluster = Cluster::active(&[]);
    update(&mut cluster, &[("share.version", 9, UP), ("share.version", 1, DOWN)]);
    assert_eq!(cluster.image().features.level("share.version"), 1);
}

#[test]
fn nothing_happens_when_only_validated_or_when_one_of_several_is_refused() {
    let cluster = Cluster::active(&[]);
    let validate = UpdateFeaturesRequest { validate_only: true, ..request(&[("kraft.version", 1, UP)]) };
    let decision = cluster.controller.update_features(&validate).expect("accepted");
    assert_eq!((decision.records, decision.response), (vec![], FeaturesUpdated::default()));
    let both = request(&[("share.version", 1, DOWN), ("group.version", 7, UP)]);
    assert!(refusal(cluster.controller.update_features(&both)).ends_with(
        "Invalid update version 7 for feature group.version. Local controller 1 only supports versions 0-1"
    ));
}

#[test]
fn the_metadata_version_rises_and_the_records_with_it() {
    let mut cluster = at("3.9");
    cluster.start_broker(1);
    let (_, lines) = update(&mut cluster, &[("metadata.version", 33, UP)]);
    assert_eq!(lines, [r#"FeatureLevel v0 {"featureLevel":33,"name":"metadata.version"}"#]);
    let options = cluster.image().record_options();
    assert_eq!(options.metadata_version.partition_record_version(), 2);
    assert!(!options.elr_enabled, "features do not rise by themselves");
    let down = request(&[("metadata.version", 29, DOWN)]);
    let why = refusal(cluster.controller.update_features(&down));
    assert!(why.contains("Unsupported metadata.version downgrade from 33 to 29."), "{why}");
}

#[test]
fn the_metadata_version_goes_down_where_no_record_has_changed() {
    let mut cluster = at("4.2-IV1");
    update(&mut cluster, &[("metadata.version", 24, DOWN)]);
    assert_eq!(cluster.image().features.metadata_version().map(MetadataVersion::level), Some(24));
}

#[test]
fn every_broker_must_know_the_level() {
    let mut cluster = at("4.0-IV3");
    let mut old = registration(7, 1);
    old.features.retain(|feature| feature.name != "streams.version");
    for feature in old.features.iter_mut().filter(|feature| feature.name == "metadata.version") {
        feature.max_supported_version = 29;
    }
    let decision = cluster.controller.register_broker(&old, cluster.now).expect("accepted");
    cluster.apply(decision);
    let why = refusal(cluster.controller.update_features(&request(&[("metadata.version", 30, UP)])));
    assert!(why.ends_with("feature metadata.version. Broker 7 only supports versions 7-29"), "{why}");
    let why = refusal(cluster.controller.update_features(&request(&[("streams.version", 1, UP)])));
    assert!(why.ends_with("feature streams.version. Broker 7 does not support this feature."), "{why}");
    update(&mut cluster, &[("metadata.version", 29, UP)]);
}

#[test]
fn a_feature_needs_its_metadata_version_also_one_that_comes_in_the_same_request() {
    const ELR: &str = "eligible.leader.replicas.version";
    let mut cluster = at("3.9");
    let why = refusal(cluster.controller.update_features(&request(&[(ELR, 1, UP)])));
    assert!(
        why.ends_with(&format!(
            "{ELR} could not be set to 1 because it depends on metadata.version level 23"
        ))
    );
    let (_, lines) = update(&mut cluster, &[(ELR, 1, UP), ("metadata.version", 25, UP)]);
    // How large an ISR has to be moves from the files into the log, before the feature that needs it.
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert_eq!(
        lines[0],
        r#"Config v0 {"name":"min.insync.replicas","resourceName":"","resourceType":4,"value":"2"}"#
    );
}

#[test]
fn what_single_brokers_say_of_the_isr_goes_when_elr_comes() {
    let mut cluster = Cluster::active(&[]);
    let set = |resource_name: &str| {
        let record = ConfigRecord {
            resource_type: 4,
            resource_name: resource_name.to_owned(),
            name: "min.insync.replicas".to_owned(),
            value: Some("3".to_owned()),
        };
        VersionedRecord::new(record, 0)
    };
    cluster.apply(Decision::atomic(vec![set("1"), set("5")], ()));
    let (_, lines) = update(&mut cluster, &[("eligible.leader.replicas.version", 1, UP)]);
    let gone = |name: &str| {
        format!(
            r#"Config v0 {{"name":"min.insync.replicas","resourceName":"{name}","resourceType":4,"value":null}}"#
        )
    };
    // The cluster's own value is there since the start.
    assert_eq!(lines[..2], [gone("1"), gone("5")]);
    assert_eq!(cluster.image().configs.cluster()["min.insync.replicas"], "1");
}

#[test]
fn kraft_version_is_the_quorums_affair_and_gives_an_offset_to_wait_for() {
    let mut cluster = Cluster::active(&[]);
    let (updated, lines) = update(&mut cluster, &[("kraft.version", 1, UP)]);
    assert_eq!((updated.kraft_version, lines), (Some(1), vec!["NoOp v0 {}".to_owned()]));
    cluster.controller.set_kraft_version(1);
    let (updated, lines) = update(&mut cluster, &[("kraft.version", 1, UP)]);
    assert_eq!((updated.kraft_version, lines.len()), (None, 1), "as it is");
    let (updated, lines) = update(&mut cluster, &[("kraft.version", 1, DOWN)]);
    assert_eq!((updated.kraft_version, lines.len()), (None, 0));
    let why = refusal(cluster.controller.update_features(&request(&[("kraft.version", 0, DOWN)])));
    assert!(why.ends_with("Can't downgrade the version of this feature."), "{why}");
}
