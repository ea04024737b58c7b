//! The features a cluster finalizes besides metadata.version, and what each level needs.
//! Kafka: `Feature` and its `*Version` enums, KIP-584, KIP-1022.

use std::collections::BTreeMap;
use std::fmt;

use crate::MetadataVersion;

/// One feature with its levels.
#[derive(Debug, PartialEq, Eq)]
pub struct Feature {
    pub name: &'static str,
    /// Level `i` is in the bootstrap of a cluster whose metadata.version is at least
    /// `bootstrap_versions[i]`.
    bootstrap_versions: &'static [MetadataVersion],
    /// The levels above 0 need at least this metadata.version.
    needs: MetadataVersion,
}

type MV = MetadataVersion;

pub const KRAFT_VERSION: Feature =
    Feature { name: "kraft.version", bootstrap_versions: &[MV::MINIMUM, MV::V3_9_IV0], needs: MV::MINIMUM };
pub const TRANSACTION_VERSION: Feature = Feature {
    name: "transaction.version",
    bootstrap_versions: &[MV::MINIMUM, MV::V4_0_IV2, MV::V4_0_IV2],
    needs: MV::MINIMUM,
};
pub const GROUP_VERSION: Feature =
    Feature { name: "group.version", bootstrap_versions: &[MV::MINIMUM, MV::V4_0_IV0], needs: MV::MINIMUM };
pub const ELIGIBLE_LEADER_REPLICAS_VERSION: Feature = Feature {
    name: "eligible.leader.replicas.version",
    bootstrap_versions: &[MV::MINIMUM, MV::V4_1_IV0],
    needs: MV::V4_0_IV1,
};
pub const SHARE_VERSION: Feature = Feature {
    name: "share.version",
    bootstrap_versions: &[MV::MINIMUM, MV::V4_2_IV0, MV::V4_4_IV0],
    needs: MV::MINIMUM,
};
pub const STREAMS_VERSION: Feature =
    Feature { name: "streams.version", bootstrap_versions: &[MV::MINIMUM, MV::V4_2_IV1], needs: MV::MINIMUM };

/// All features but metadata.version, in Kafka's order.
pub const FEATURES: [&Feature; 6] = [
    &KRAFT_VERSION,
    &TRANSACTION_VERSION,
    &GROUP_VERSION,
    &ELIGIBLE_LEADER_REPLICAS_VERSION,
    &SHARE_VERSION,
    &STREAMS_VERSION,
];

/// Why a set of levels cannot be finalized; the text is that of `kafka-storage format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeatureFault {
    UnknownFeature { name: String },
    UnknownLevel { name: &'static str, level: i16 },
    NeedsMetadataVersion { name: &'static str, level: i16, needs: MetadataVersion },
}

impl fmt::Display for FeatureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeatureFault::UnknownFeature { name } => {
                let mut names = FEATURES.map(|feature| feature.name);
                names.sort_unstable();
                write!(f, "Unsupported feature: {name}. Supported features are: {}", names.join(", "))
            }
            FeatureFault::UnknownLevel { name, level } => {
                write!(f, "No feature:{name} with feature level {level}")
            }
            FeatureFault::NeedsMetadataVersion { name, level, needs } => write!(
                f,
                "{name} could not be set to {level} because it depends on metadata.version level {}",
                needs.level()
            ),
        }
    }
}

impl std::error::Error for FeatureFault {}

impl Feature {
    pub fn by_name(name: &str) -> Option<&'static Feature> {
        FEATURES.into_iter().find(|feature| feature.name == name)
    }

    /// Levels run from 0 to this one.
    pub fn max_level(&self) -> i16 {
        self.bootstrap_versions.len() as i16 - 1
    }

    /// The level a cluster formatted at `metadata_version` starts with.
    pub fn default_level(&self, metadata_version: MetadataVersion) -> i16 {
        let reached = self.bootstrap_versions.iter().take_while(|&&needed| needed <= metadata_version);
        reached.count() as i16 - 1
    }

    /// Whether `level` exists and `metadata_version` is enough for it.
    pub fn check_level(&self, level: i16, metadata_version: MetadataVersion) -> Result<(), FeatureFault> {
        let name = self.name;
        if !(0..=self.max_level()).contains(&level) {
            Err(FeatureFault::UnknownLevel { name, level })
        } else if level > 0 && metadata_version < self.needs {
            Err(FeatureFault::NeedsMetadataVersion { name, level, needs: self.needs })
        } else {
            Ok(())
        }
    }
}

/// Every feature this build supports with its range of levels, metadata.version included, as
/// broker and controller registrations and ApiVersions state it.
pub fn supported_features() -> BTreeMap<&'static str, (i16, i16)> {
    let mut ranges: BTreeMap<&'static str, (i16, i16)> =
        FEATURES.into_iter().map(|feature| (feature.name, (0, feature.max_level()))).collect();
    ranges.insert(
        MetadataVersion::FEATURE_NAME,
        (MetadataVersion::MINIMUM.level(), MetadataVersion::LATEST.level()),
    );
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(level: i16) -> Vec<(&'static str, i16)> {
        let mv = MetadataVersion::from_level(level).expect("known");
        FEATURES.iter().map(|f| (f.name, f.default_level(mv))).filter(|&(_, level)| level > 0).collect()
    }

    #[test]
    fn defaults_grow_with_the_metadata_version() {
        assert_eq!(defaults(20), []);
        assert_eq!(defaults(21), [("kraft.version", 1)]);
        assert_eq!(defaults(22), [("kraft.version", 1), ("group.version", 1)]);
        assert_eq!(
            defaults(33),
            [
                ("kraft.version", 1),
                ("transaction.version", 2),
                ("group.version", 1),
                ("eligible.leader.replicas.version", 1),
                ("share.version", 2),
                ("streams.version", 1)
            ]
        );
        assert_eq!(SHARE_VERSION.default_level(MetadataVersion::V4_3_IV0), 1);
    }

    #[test]
    fn levels_are_checked() {
        let mv = |level| MetadataVersion::from_level(level).expect("known");
        let elr = &ELIGIBLE_LEADER_REPLICAS_VERSION;
        assert_eq!(elr.check_level(1, mv(23)), Ok(()));
        assert_eq!(
            elr.check_level(1, mv(22)),
            Err(FeatureFault::NeedsMetadataVersion { name: elr.name, level: 1, needs: mv(23) })
        );
        assert_eq!(elr.check_level(0, mv(7)), Ok(()));
        assert_eq!(elr.check_level(2, mv(33)), Err(FeatureFault::UnknownLevel { name: elr.name, level: 2 }));
        assert_eq!(supported_features().len(), 7);
        assert_eq!(supported_features()["metadata.version"], (7, 33));
    }
}
