//! Which records a cluster may contain at its finalized levels. Kafka: `ImageWriterOptions`.

use crate::MetadataVersion;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordOptions {
    pub metadata_version: MetadataVersion,
    /// eligible.leader.replicas.version is at least 1.
    pub elr_enabled: bool,
}
