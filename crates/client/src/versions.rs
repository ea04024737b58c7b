//! What a node serves, and the version to speak with it (Kafka: `NodeApiVersions`).

use std::collections::BTreeMap;

use klamm_base::codec::Versions;
use klamm_wire::api_versions::{FinalizedFeatureKey, SupportedFeatureKey};
use klamm_wire::{ApiKey, ApiVersionsResponse};

use crate::ClientFault;
use crate::fault::Unsupported;

/// Version ranges by key, and the features of the cluster.
#[derive(Clone, Debug, Default)]
pub struct ApiRanges {
    ranges: BTreeMap<i16, Versions>,
    pub supported_features: Vec<SupportedFeatureKey>,
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// -1 when the node knows none.
    pub finalized_features_epoch: i64,
}

impl ApiRanges {
    /// Before anything was asked.
    pub(crate) fn unknown() -> ApiRanges {
        ApiRanges::default()
    }

    pub(crate) fn of(answer: &ApiVersionsResponse) -> ApiRanges {
        let rows = answer.api_keys.iter();
        let rows = rows.map(|row| (row.api_key, Versions { min: row.min_version, max: row.max_version }));
        ApiRanges {
            ranges: rows.collect(),
            supported_features: answer.supported_features.clone(),
            finalized_features: answer.finalized_features.clone(),
            finalized_features_epoch: answer.finalized_features_epoch,
        }
    }

    /// Every key that the node names, known here or not, in ascending order.
    pub fn rows(&self) -> impl Iterator<Item = (i16, Versions)> + '_ {
        self.ranges.iter().map(|(key, range)| (*key, *range))
    }

    /// The newest version that both sides speak, at most `version_max`.
    ///
    /// # Errors
    /// [`ClientFault::UnsupportedVersion`].
    pub fn version_of(&self, api: ApiKey, version_max: i16) -> Result<i16, ClientFault> {
        let unsupported = |why| Err(ClientFault::UnsupportedVersion { api, why });
        let Some(theirs) = self.ranges.get(&api.key()) else { return unsupported(Unsupported::NotServed) };
        let ours = api.stable_versions();
        let version = ours.max.min(theirs.max).min(version_max);
        if version < ours.min.max(theirs.min) {
            return unsupported(Unsupported::NoCommonVersion);
        }
        Ok(version)
    }

    /// Fails when the common version would be older than `version_min`.
    ///
    /// # Errors
    /// [`ClientFault::UnsupportedVersion`].
    pub fn at_least(&self, api: ApiKey, version_min: i16) -> Result<(), ClientFault> {
        match self.version_of(api, i16::MAX)? >= version_min {
            true => Ok(()),
            false => Err(ClientFault::UnsupportedVersion { api, why: Unsupported::NoCommonVersion }),
        }
    }

    /// True when the node serves the API in this version.
    pub fn serves(&self, api: ApiKey, version: i16) -> bool {
        self.ranges.get(&api.key()).is_some_and(|range| range.contains(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(rows: &[(ApiKey, i16, i16)]) -> ApiRanges {
        let rows = rows.iter().map(|(key, min, max)| (key.key(), Versions { min: *min, max: *max }));
        ApiRanges { ranges: rows.collect(), ..ApiRanges::default() }
    }

    #[test]
    fn the_newest_common_version() {
        let ranges = ranges(&[(ApiKey::Fetch, 4, 12), (ApiKey::Metadata, 0, 99), (ApiKey::Produce, 90, 99)]);
        assert_eq!(ranges.version_of(ApiKey::Fetch, i16::MAX).ok(), Some(12));
        assert_eq!(ranges.version_of(ApiKey::Fetch, 7).ok(), Some(7));
        assert_eq!(
            ranges.version_of(ApiKey::Metadata, i16::MAX).ok(),
            Some(ApiKey::Metadata.stable_versions().max)
        );
        let refusal = |api, max| match ranges.version_of(api, max) {
            Err(ClientFault::UnsupportedVersion { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert!(matches!(refusal(ApiKey::Produce, i16::MAX), Unsupported::NoCommonVersion));
        assert!(matches!(refusal(ApiKey::Fetch, 3), Unsupported::NoCommonVersion));
        assert!(matches!(refusal(ApiKey::JoinGroup, i16::MAX), Unsupported::NotServed));
    }
}
