//! What a fresh cluster begins with. Kafka: `BootstrapMetadata`, `Formatter`.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use klamm_raft::{KRAFT_VERSION_0, KRAFT_VERSION_1, VoterSet};

use crate::MetadataVersion;
use crate::feature::{FEATURES, Feature, FeatureFault, KRAFT_VERSION};
use crate::record::{MetadataRecord, VersionedRecord};
use crate::records::FeatureLevelRecord;
use crate::snapshot;

/// The first records of a cluster, written to the log by its first active controller.
#[derive(Clone, Debug, PartialEq)]
pub struct BootstrapMetadata {
    records: Vec<VersionedRecord>,
    metadata_version: MetadataVersion,
}

impl BootstrapMetadata {
    /// The finalized levels as records: metadata.version first, then the others by name; 0 is not
    /// written, and kraft.version has its own record in the quorum.
    pub fn from_levels(metadata_version: MetadataVersion, levels: &BTreeMap<&str, i16>) -> BootstrapMetadata {
        let others = levels.iter().filter(|&(&name, &level)| {
            level > 0 && name != KRAFT_VERSION.name && name != MetadataVersion::FEATURE_NAME
        });
        let version = (MetadataVersion::FEATURE_NAME, metadata_version.level());
        let levels = std::iter::once(version).chain(others.map(|(&name, &level)| (name, level)));
        let record = |(name, feature_level): (&str, i16)| {
            VersionedRecord::new(FeatureLevelRecord { name: name.to_owned(), feature_level }, 0)
        };
        BootstrapMetadata { records: levels.map(record).collect(), metadata_version }
    }

    /// The records of a bootstrap snapshot; `None` without a level of metadata.version that this
    /// build knows.
    pub fn from_records(records: Vec<VersionedRecord>) -> Option<BootstrapMetadata> {
        let level = last_level(&records, MetadataVersion::FEATURE_NAME)?;
        Some(BootstrapMetadata { records, metadata_version: MetadataVersion::from_level(level)? })
    }

    pub fn records(&self) -> &[VersionedRecord] {
        &self.records
    }

    pub fn metadata_version(&self) -> MetadataVersion {
        self.metadata_version
    }

    /// The level of a feature; 0 when the records do not name it.
    pub fn feature_level(&self, name: &str) -> i16 {
        last_level(&self.records, name).unwrap_or(0)
    }
}

impl Default for BootstrapMetadata {
    /// The newest metadata.version and nothing else: for a directory without any bootstrap snapshot.
    fn default() -> BootstrapMetadata {
        BootstrapMetadata::from_levels(MetadataVersion::LATEST, &BTreeMap::new())
    }
}

fn last_level(records: &[VersionedRecord], name: &str) -> Option<i16> {
    records.iter().rev().find_map(|versioned| match &versioned.record {
        MetadataRecord::FeatureLevel(record) if record.name == name => Some(record.feature_level),
        _ => None,
    })
}

/// Who may vote in the cluster being formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatQuorum {
    /// Those of `controller.quorum.voters`: kraft.version 0.
    Static,
    /// These, written into the snapshot: kraft.version 1. An empty set means that this node will
    /// find its voters later (`--no-initial-controllers`).
    Dynamic(VoterSet),
}

/// What a directory is formatted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    pub metadata_version: MetadataVersion,
    /// Levels the operator asked for; the others get the default of the metadata.version.
    pub feature_levels: BTreeMap<String, i16>,
    pub quorum: FormatQuorum,
}

/// Why the levels do not go together. The text is that of `kafka-storage format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatFault {
    /// metadata.version is chosen by release, not as a feature.
    MetadataVersionAsFeature,
    Feature(FeatureFault),
    KRaftVersion0WithDynamicQuorum,
    KRaftVersionWithStaticQuorum {
        level: i16,
    },
}

impl fmt::Display for FormatFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FLAGS: &str =
            "one of the flags --standalone, --initial-controllers, or --no-initial-controllers is used";
        match self {
            FormatFault::MetadataVersionAsFeature => f.write_str(
                "Use --release-version instead of --feature metadata.version=X to avoid ambiguity.",
            ),
            FormatFault::Feature(fault) => fault.fmt(f),
            FormatFault::KRaftVersion0WithDynamicQuorum => write!(
                f,
                "Cannot set kraft.version to 0 if controller.quorum.voters is empty and {FLAGS}. For dynamic controllers support, try removing the --feature flag for kraft.version."
            ),
            FormatFault::KRaftVersionWithStaticQuorum { level } => write!(
                f,
                "Cannot set kraft.version to {level} unless controller.quorum.voters is empty and {FLAGS}. For dynamic controllers support, try using one of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters."
            ),
        }
    }
}

impl std::error::Error for FormatFault {}

/// A checked format: what the bootstrap snapshot says.
#[derive(Clone, Debug, PartialEq)]
pub struct Formatted {
    pub bootstrap: BootstrapMetadata,
    pub kraft_version: i16,
    pub voters: VoterSet,
}

impl Format {
    /// The newest release with its defaults.
    pub fn latest(quorum: FormatQuorum) -> Format {
        Format { metadata_version: MetadataVersion::LATEST, feature_levels: BTreeMap::new(), quorum }
    }

    pub fn check(&self) -> Result<Formatted, FormatFault> {
        let mut levels: BTreeMap<&str, i16> = FEATURES
            .iter()
            .map(|feature| (feature.name, feature.default_level(self.metadata_version)))
            .collect();
        for (name, &level) in &self.feature_levels {
            if name == MetadataVersion::FEATURE_NAME {
                return Err(FormatFault::MetadataVersionAsFeature);
            }
            let unknown = || FormatFault::Feature(FeatureFault::UnknownFeature { name: name.clone() });
            levels.insert(Feature::by_name(name).ok_or_else(unknown)?.name, level);
        }
        let kraft_version = self.kraft_version()?;
        levels.insert(KRAFT_VERSION.name, kraft_version);
        for feature in FEATURES {
            feature.check_level(levels[feature.name], self.metadata_version).map_err(FormatFault::Feature)?;
        }
        let voters = match &self.quorum {
            FormatQuorum::Static => VoterSet::default(),
            FormatQuorum::Dynamic(voters) => voters.clone(),
        };
        let bootstrap = BootstrapMetadata::from_levels(self.metadata_version, &levels);
        Ok(Formatted { bootstrap, kraft_version, voters })
    }

    fn kraft_version(&self) -> Result<i16, FormatFault> {
        let is_dynamic = matches!(self.quorum, FormatQuorum::Dynamic(_));
        match (self.feature_levels.get(KRAFT_VERSION.name), is_dynamic) {
            (Some(0), true) => Err(FormatFault::KRaftVersion0WithDynamicQuorum),
            (Some(&level), false) if level != 0 => Err(FormatFault::KRaftVersionWithStaticQuorum { level }),
            (Some(&level), _) => Ok(level),
            (None, true) => Ok(KRAFT_VERSION_1),
            (None, false) => Ok(KRAFT_VERSION_0),
        }
    }
}

impl Formatted {
    /// The content of `00000000000000000000-0000000000.checkpoint`.
    pub fn snapshot(&self, now_ms: i64) -> Bytes {
        let head = snapshot::Head {
            epoch: 0,
            last_contained_log_time_ms: now_ms,
            kraft_version: self.kraft_version,
            voters: &self.voters,
            now_ms,
        };
        snapshot::write(head, self.bootstrap.records())
    }
}
