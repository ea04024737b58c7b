//! The finalized features. Kafka: `FeaturesImage`, `FeaturesDelta`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::MetadataVersion;
use crate::feature;
use crate::record::VersionedRecord;
use crate::records::FeatureLevelRecord;
use crate::replay_fault::ReplayFault;

/// Levels by name. kraft.version is not among them: the quorum's control records have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeaturesImage {
    metadata_version: Option<MetadataVersion>,
    finalized: Arc<BTreeMap<String, i16>>,
}

impl FeaturesImage {
    /// `None` before the first record of the log is applied.
    pub fn metadata_version(&self) -> Option<MetadataVersion> {
        self.metadata_version
    }

    /// The finalized level of a feature other than metadata.version; 0 when it is off.
    pub fn level(&self, name: &str) -> i16 {
        self.finalized.get(name).copied().unwrap_or(0)
    }

    pub fn is_elr_enabled(&self) -> bool {
        self.level(feature::ELIGIBLE_LEADER_REPLICAS_VERSION.name) >= 1
    }

    /// All finalized levels, metadata.version included, in order of their names.
    pub fn finalized(&self) -> BTreeMap<&str, i16> {
        let others = self.finalized.iter().map(|(name, &level)| (name.as_str(), level));
        let version = self.metadata_version.map(|version| (MetadataVersion::FEATURE_NAME, version.level()));
        others.chain(version).collect()
    }

    /// A level this build does not know stops the node: it could not tell what the records mean.
    pub(crate) fn replay(&mut self, record: &FeatureLevelRecord) -> Result<(), ReplayFault> {
        let (name, level) = (record.name.as_str(), record.feature_level);
        let fault = || ReplayFault::FeatureLevel { name: name.to_owned(), level };
        if name == MetadataVersion::FEATURE_NAME {
            self.metadata_version = Some(MetadataVersion::from_level(level).ok_or_else(fault)?);
        } else if name != feature::KRAFT_VERSION.name {
            // A kraft.version record was written here once by mistake (KAFKA-18979) and has no say.
            let known = feature::Feature::by_name(name).is_some_and(|f| (0..=f.max_level()).contains(&level));
            if !known {
                return Err(fault());
            }
            let finalized = Arc::make_mut(&mut self.finalized);
            match level {
                0 => finalized.remove(name),
                _ => finalized.insert(name.to_owned(), level),
            };
        }
        Ok(())
    }

    /// metadata.version comes first: readers need it for the rest.
    pub(crate) fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        let version = self.metadata_version.map(|version| (MetadataVersion::FEATURE_NAME, version.level()));
        let others = self.finalized.iter().map(|(name, &level)| (name.as_str(), level));
        for (name, feature_level) in version.into_iter().chain(others) {
            out(VersionedRecord::new(FeatureLevelRecord { name: name.to_owned(), feature_level }, 0));
        }
    }
}
