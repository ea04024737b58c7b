//! Bounds that Kafka does not have, on what requests may make a node hold.

use super::values::Values;

/// Sizes in bytes; docs/bounds.md says what happens at each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Memory of one decoded request.
    pub decoded_request: usize,
    /// Memory of all decoded requests.
    pub decoded_requests: u64,
    /// One answer without the records of a fetch.
    pub response: usize,
    /// What one batch may decompress to.
    pub decompressed_batch: u64,
    /// Partitions in all fetch sessions.
    pub fetch_session_partitions: usize,
    /// Memory of all groups of this broker.
    pub group_memory: usize,
    /// Groups of this broker.
    pub groups: usize,
    /// Partitions of the cluster.
    pub partitions: usize,
    /// Groups and subscriptions that have settings.
    pub config_resources: usize,
    /// Producers that all partitions remember, and one of them.
    pub producer_ids: usize,
    pub producer_ids_per_partition: usize,
}

impl LimitSettings {
    pub(super) fn from_values(values: &Values) -> LimitSettings {
        let int = |name| usize::try_from(values.int(name)).unwrap_or(0);
        let long = |name| u64::try_from(values.long(name)).unwrap_or(0);
        LimitSettings {
            decoded_request: int("klamm.max.decoded.request.bytes"),
            decoded_requests: long("klamm.queued.max.decoded.bytes"),
            response: int("klamm.max.response.bytes"),
            decompressed_batch: long("klamm.max.decompressed.batch.bytes"),
            fetch_session_partitions: int("klamm.max.fetch.session.partitions"),
            group_memory: usize::try_from(long("klamm.group.memory.max.bytes")).unwrap_or(usize::MAX),
            groups: int("klamm.max.groups"),
            partitions: int("klamm.max.partitions"),
            config_resources: int("klamm.max.config.resources"),
            producer_ids: int("klamm.max.producer.ids"),
            producer_ids_per_partition: int("klamm.max.producer.ids.per.partition"),
        }
    }
}
