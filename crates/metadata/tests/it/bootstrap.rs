//! What a format writes.

use std::collections::BTreeMap;

use klamm_base::Uuid;
use klamm_metadata::MetadataVersion;
use klamm_metadata::bootstrap::{BootstrapMetadata, Format, FormatFault, FormatQuorum};
use klamm_metadata::feature::FeatureFault;
use klamm_metadata::snapshot::{self, SnapshotFault};
use klamm_raft::{ControlRecord, ReplicaKey, VoterEndpoint, VoterNode, VoterSet};

use crate::cluster::line;

fn at(level: i16, features: &[(&str, i16)], quorum: FormatQuorum) -> Format {
    Format {
        metadata_version: MetadataVersion::from_level(level).expect("known"),
        feature_levels: features.iter().map(|&(name, level)| (name.to_owned(), level)).collect(),
        quorum,
    }
}

fn levels(format: &Format) -> Vec<String> {
    format.check().expect("goes together").bootstrap.records().iter().map(line).collect()
}

fn standalone() -> VoterSet {
    VoterSet::new([VoterNode {
        key: ReplicaKey::new(1, Uuid([7; 16])),
        listeners: BTreeMap::from([(
            "CONTROLLER".to_owned(),
            VoterEndpoint { host: "localhost".to_owned(), port: 9093 },
        )]),
        supported_kraft_versions: (0, 1),
    }])
}

#[test]
fn a_release_brings_its_defaults() {
    let level =
        |name: &str, level: i16| format!(r#"FeatureLevel v0 {{"featureLevel":{level},"name":"{name}"}}"#);
    assert_eq!(levels(&at(21, &[], FormatQuorum::Static)), [level("metadata.version", 21)]);
    assert_eq!(
        levels(&at(25, &[], FormatQuorum::Static)),
        [level("metadata.version", 25), level("group.version", 1), level("transaction.version", 2)]
    );
    assert_eq!(
        levels(&at(25, &[("group.version", 0), ("share.version", 1)], FormatQuorum::Static)),
        [level("metadata.version", 25), level("share.version", 1), level("transaction.version", 2)]
    );
}

#[test]
fn levels_that_do_not_go_together() {
    let fault =
        |features: &[(&str, i16)], level, quorum| at(level, features, quorum).check().expect_err("refused");
    assert_eq!(
        fault(&[("metadata.version", 30)], 33, FormatQuorum::Static),
        FormatFault::MetadataVersionAsFeature
    );
    let unknown = fault(&[("no.version", 1)], 33, FormatQuorum::Static);
    assert_eq!(
        unknown.to_string(),
        "Unsupported feature: no.version. Supported features are: eligible.leader.replicas.version, group.version, kraft.version, share.version, streams.version, transaction.version"
    );
    let level = fault(&[("share.version", 3)], 33, FormatQuorum::Static);
    assert_eq!(level.to_string(), "No feature:share.version with feature level 3");
    let needs = fault(&[("eligible.leader.replicas.version", 1)], 22, FormatQuorum::Static);
    assert!(matches!(needs, FormatFault::Feature(FeatureFault::NeedsMetadataVersion { level: 1, .. })));
    assert_eq!(
        needs.to_string(),
        "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23"
    );
    let dynamic = FormatQuorum::Dynamic(standalone());
    assert_eq!(fault(&[("kraft.version", 0)], 33, dynamic), FormatFault::KRaftVersion0WithDynamicQuorum);
    assert_eq!(
        fault(&[("kraft.version", 1)], 33, FormatQuorum::Static),
        FormatFault::KRaftVersionWithStaticQuorum { level: 1 }
    );
}

#[test]
fn a_dynamic_quorum_has_its_voters_in_the_snapshot() {
    let voters = standalone();
    let formatted = Format::latest(FormatQuorum::Dynamic(voters.clone())).check().expect("goes together");
    assert_eq!(formatted.kraft_version, 1);
    let content = snapshot::read(&formatted.snapshot(1_000)).expect("just written");
    assert_eq!(content.records, formatted.bootstrap.records());
    let [
        ControlRecord::SnapshotHeader(header),
        ControlRecord::KRaftVersion(version),
        ControlRecord::KRaftVoters(record),
        ControlRecord::SnapshotFooter(_),
    ] = &content.control[..]
    else {
        panic!("{:?}", content.control)
    };
    assert_eq!((header.last_contained_log_timestamp, version.k_raft_version), (1_000, 1));
    assert_eq!(VoterSet::from_record(record), voters);

    let later = Format::latest(FormatQuorum::Dynamic(VoterSet::default())).check().expect("goes together");
    let content = snapshot::read(&later.snapshot(1_000)).expect("just written");
    assert_eq!(content.control.len(), 3, "no voters yet: {:?}", content.control);
}

#[test]
fn a_static_quorum_has_neither_version_nor_voters() {
    let formatted = Format::latest(FormatQuorum::Static).check().expect("goes together");
    let file = formatted.snapshot(1_000);
    let content = snapshot::read(&file).expect("just written");
    assert_eq!(content.control.len(), 2);
    let again = BootstrapMetadata::from_records(content.records).expect("it has a metadata.version");
    assert_eq!(again, formatted.bootstrap);
    assert_eq!(file.len(), 411, "as many bytes as Kafka's");
}

#[test]
fn records_without_a_known_metadata_version_are_no_bootstrap() {
    assert_eq!(BootstrapMetadata::from_records(vec![]), None);
    let record = klamm_metadata::records::FeatureLevelRecord {
        name: "metadata.version".to_owned(),
        feature_level: 34,
    };
    assert_eq!(BootstrapMetadata::from_records(vec![klamm_metadata::VersionedRecord::new(record, 0)]), None);
    assert_eq!(BootstrapMetadata::default().records().len(), 1);
}

#[test]
fn a_snapshot_that_was_cut_off_is_none() {
    let file = Format::latest(FormatQuorum::Static).check().expect("goes together").snapshot(1);
    for length in 0..file.len() {
        assert!(snapshot::read(&file[..length]).is_err(), "{length} bytes");
    }
    let footer = file.len() - 75;
    assert!(matches!(snapshot::read(&file[..footer]), Err(SnapshotFault::NoFooter)));
    assert!(matches!(snapshot::read(&file[83..]), Err(SnapshotFault::NoHeader)));
    assert!(matches!(snapshot::read(&[]), Err(SnapshotFault::NoHeader)));
    let twice = [&file[..], &file[..]].concat();
    assert!(matches!(snapshot::read(&twice), Err(SnapshotFault::AfterFooter { position: 411 })));
    for at in 0..file.len() {
        let mut damaged = file.to_vec();
        damaged[at] ^= 1;
        // The base offset and the epoch of a batch are outside its checksum.
        let outside = [0, 83, 336]
            .iter()
            .any(|start| (*start..*start + 8).contains(&at) || (*start + 12..*start + 16).contains(&at));
        assert!(outside || snapshot::read(&damaged).is_err(), "byte {at}");
    }
}
