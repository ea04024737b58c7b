//! What everybody sees: the cluster at one offset of the metadata log, immutable and cheap to share.
//!
//! Every part is a handful of pointers to shared trees: a clone costs nothing, a change copies a few
//! nodes, and an old image stays what it was for whoever holds it. Images are made by
//! [`delta`](crate::delta), never by hand. Kafka: `MetadataImage`.

mod broker;
mod cluster;
mod configs;
mod controller_registration;
mod features;
mod kept;
mod partition;
mod producer_ids;
mod topics;

pub use broker::{BrokerRegistration, Endpoint};
pub use cluster::ClusterImage;
pub use configs::{ConfigMap, ConfigResource, ConfigResourceType, ConfigsImage};
pub use controller_registration::ControllerRegistration;
pub use features::FeaturesImage;
pub use kept::{AclsImage, ClientQuotasImage, DelegationTokensImage, QuotaEntity, ScramImage};
pub use partition::{LeaderRecoveryState, NO_LEADER, NO_LEADER_CHANGE, PartitionRegistration};
pub use producer_ids::ProducerIdsImage;
pub use topics::{TopicImage, TopicsImage};

use crate::record::VersionedRecord;
use crate::{MetadataVersion, RecordOptions};

/// An ordered map whose clones share their nodes.
pub(crate) type SharedMap<K, V> = rpds::RedBlackTreeMapSync<K, V>;

/// Where in the log an image was taken. Kafka: `MetadataProvenance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Last offset whose record is part of the image; -1 for the empty image.
    pub last_contained_offset: i64,
    /// Epoch of that record; -1 for the empty image.
    pub last_contained_epoch: i32,
    /// Append time of that record's batch; -1 for the empty image.
    pub last_contained_log_time_ms: i64,
}

impl Provenance {
    pub const EMPTY: Provenance =
        Provenance { last_contained_offset: -1, last_contained_epoch: -1, last_contained_log_time_ms: -1 };
}

#[derive(Clone, Debug, PartialEq)]
pub struct MetadataImage {
    pub provenance: Provenance,
    pub features: FeaturesImage,
    pub cluster: ClusterImage,
    pub topics: TopicsImage,
    pub configs: ConfigsImage,
    pub client_quotas: ClientQuotasImage,
    pub producer_ids: ProducerIdsImage,
    pub acls: AclsImage,
    pub scram: ScramImage,
    pub delegation_tokens: DelegationTokensImage,
}

impl Default for MetadataImage {
    fn default() -> MetadataImage {
        MetadataImage {
            provenance: Provenance::EMPTY,
            features: FeaturesImage::default(),
            cluster: ClusterImage::default(),
            topics: TopicsImage::default(),
            configs: ConfigsImage::default(),
            client_quotas: ClientQuotasImage::default(),
            producer_ids: ProducerIdsImage::default(),
            acls: AclsImage::default(),
            scram: ScramImage::default(),
            delegation_tokens: DelegationTokensImage::default(),
        }
    }
}

impl MetadataImage {
    /// Which records this cluster may contain. Before the first FeatureLevelRecord the oldest kind.
    pub fn record_options(&self) -> RecordOptions {
        RecordOptions {
            metadata_version: self.features.metadata_version().unwrap_or(MetadataVersion::MINIMUM),
            elr_enabled: self.features.is_elr_enabled(),
        }
    }

    /// Hands the records that make this image from an empty one to `out`, features first.
    pub fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        let options = self.record_options();
        self.features.write(out);
        self.cluster.write(&options, out);
        self.topics.write(&options, out);
        self.configs.write(out);
        self.client_quotas.write(out);
        self.producer_ids.write(out);
        self.acls.write(out);
        self.scram.write(&options, out);
        self.delegation_tokens.write(&options, out);
    }
}
