//! The settings of one node as typed values, grouped by who reads them. Kafka: `KafkaConfig`.
//!
//! [`Settings`] is immutable. A dynamic change yields a new one ([`Settings::with_dynamic`]); readers
//! keep an `Arc` and take the fresh one at their next decision, so that no change needs a restart.

mod listeners;

use crate::ConfigFault;
use crate::topic::TopicConfig;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use listeners::{Endpoint, ListenerSettings, SecurityProtocol};

/// Names and values as text, the form of files, requests and config records.
pub type Properties = BTreeMap<String, String>;

/// What one node was told: static file, then dynamic cluster default, then dynamic for this broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub identity: IdentitySettings,
    pub listeners: ListenerSettings,
    pub quorum: QuorumSettings,
    pub metadata: MetadataSettings,
    pub lifecycle: LifecycleSettings,
    pub log: LogSettings,
    pub topics: TopicSettings,
    pub sockets: SocketSettings,
    pub fetch: FetchSettings,
    /// What a topic without own configs gets: defaults and broker-level synonyms resolved.
    pub topic_defaults: TopicConfig,
    /// Names in the file that no table knows, sorted; accepted as Kafka does, to be named once at start.
    pub unknown: Vec<String>,
    /// Names that were set, exist in Kafka and change nothing here yet, sorted; to be named once at start.
    pub without_effect: Vec<&'static str>,
}

/// Who the node is. `process.roles`, `node.id`, `broker.rack`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySettings {
    pub node_id: i32,
    pub is_broker: bool,
    pub is_controller: bool,
    pub rack: Option<String>,
}

/// One entry of `controller.quorum.voters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    pub id: i32,
    pub host: String,
    pub port: u16,
}

/// The controller quorum. `controller.quorum.*`; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumSettings {
    /// Static voters; empty when the voter set lives in the metadata log (kraft.version 1).
    pub voters: Vec<Voter>,
    /// `host:port` pairs of `controller.quorum.bootstrap.servers`.
    pub bootstrap_servers: Vec<(String, u16)>,
    pub auto_join: bool,
    pub election_timeout_ms: i32,
    pub election_backoff_max_ms: i32,
    pub fetch_timeout_ms: i32,
    pub append_linger_ms: i32,
    pub request_timeout_ms: i32,
    pub retry_backoff_ms: i32,
}

/// The metadata log `__cluster_metadata-0`. `metadata.*`; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataSettings {
    /// `metadata.log.dir`, else the first of `log.dirs`.
    pub log_dir: PathBuf,
    pub segment_bytes: i32,
    pub segment_ms: i64,
    pub max_record_bytes_between_snapshots: i64,
    pub max_snapshot_interval_ms: i64,
    pub max_retention_bytes: i64,
    pub max_retention_ms: i64,
    /// Pause after which an idle active controller writes a NoOp record; 0 = never.
    pub max_idle_interval_ms: i32,
    pub max_batch_bytes: i32,
    pub unstable_feature_versions: bool,
    pub unstable_api_versions: bool,
}

/// Registration, heartbeats and stopping; milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleSettings {
    pub heartbeat_interval_ms: i32,
    pub session_timeout_ms: i32,
    pub initial_registration_timeout_ms: i32,
    pub controlled_shutdown: bool,
}

/// The log directories and their periodic work; milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// `log.dirs`, else `log.dir`, in the order given.
    pub dirs: Vec<PathBuf>,
    pub recovery_threads_per_dir: i32,
    /// Pause before the first run of the periodic tasks.
    pub initial_task_delay_ms: i64,
    pub recovery_point_checkpoint_interval_ms: i32,
    pub log_start_checkpoint_interval_ms: i32,
    pub high_watermark_checkpoint_interval_ms: i64,
    pub retention_check_interval_ms: i64,
    pub flush_scheduler_interval_ms: i64,
    pub dir_failure_timeout_ms: i64,
    pub producer_id_expiration_ms: i32,
    pub producer_id_expiration_check_interval_ms: i32,
}

/// How topics come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    pub num_partitions: i32,
    pub default_replication_factor: i16,
    pub auto_create: bool,
    pub delete_enable: bool,
}

/// Limits of the listeners' sockets. Sizes in bytes, -1 for a buffer = the system's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketSettings {
    pub send_buffer_bytes: i32,
    pub receive_buffer_bytes: i32,
    pub request_max_bytes: i32,
    pub listen_backlog: i32,
    pub connections_max_idle_ms: i64,
    pub max_connections: i32,
    pub max_connections_per_ip: i32,
    pub max_connection_creation_rate: i32,
    pub queued_max_requests: i32,
    pub network_threads: i32,
    pub io_threads: i32,
}

/// Limits of fetching and of requests that name partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSettings {
    pub max_bytes: i32,
    pub session_cache_slots: i32,
    pub max_request_partitions: i32,
}

impl Settings {
    /// Reads a properties file's pairs with `overrides` on top (later ones win).
    ///
    /// Fails with the first rejected value, as Kafka's start does: a bound of the table, or a cross-key
    /// rule of `KafkaConfig`, or a setting that is refused here.
    pub fn from_properties(
        properties: &Properties,
        overrides: &[(String, String)],
    ) -> Result<Settings, ConfigFault> {
        let _ = (properties, overrides);
        Err(ConfigFault::UnknownName { resource: "broker", name: String::new() })
    }

    /// The settings of `klamm dev`: one combined node 1 on loopback, broker on `port`, controller on
    /// `controller_port`, data in `dir`, internal topics with one replica.
    pub fn dev(
        dir: &Path,
        port: u16,
        controller_port: u16,
        overrides: &[(String, String)],
    ) -> Result<Settings, ConfigFault> {
        let _ = (dir, port, controller_port);
        Settings::from_properties(&Properties::new(), overrides)
    }

    /// These settings with the dynamic layers of the metadata image on top: `cluster_default` (resource
    /// BROKER, name ""), then `own` (resource BROKER, name = node id). Values that do not hold are left
    /// out, as Kafka does, and returned beside the settings.
    pub fn with_dynamic(
        &self,
        cluster_default: &Properties,
        own: &Properties,
    ) -> (Settings, Vec<ConfigFault>) {
        let _ = (cluster_default, own);
        (self.clone(), Vec::new())
    }

    /// The typed config of a topic whose own configs are `overrides`. Values that do not hold (written by
    /// another version) fall back to the broker level.
    pub fn topic_config(&self, overrides: &Properties) -> TopicConfig {
        let _ = overrides;
        self.topic_defaults.clone()
    }

    /// Checks the configs of a CreateTopics or AlterConfigs request as the controller does
    /// (Kafka: `LogConfig.validate`). The fault's text is the error message of the answer (INVALID_CONFIG).
    pub fn check_topic_configs(&self, overrides: &Properties) -> Result<(), ConfigFault> {
        let _ = overrides;
        Ok(())
    }

    /// Every public topic property with value, source and synonyms, sorted by name: what CreateTopics
    /// answers and DescribeConfigs shows.
    pub fn describe_topic(&self, overrides: &Properties) -> Vec<ConfigEntry> {
        let _ = overrides;
        Vec::new()
    }
}

/// Where a value comes from; the discriminants are those of DescribeConfigs. Kafka: `ConfigSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ConfigSource {
    Topic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
    DynamicBrokerLogger = 6,
    ClientMetrics = 7,
    Group = 8,
}

/// One line of a description of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    pub name: &'static str,
    /// None = null, also for everything sensitive.
    pub value: Option<String>,
    pub source: ConfigSource,
    pub read_only: bool,
    pub sensitive: bool,
    pub synonyms: Vec<ConfigSynonym>,
}

/// One level that has something to say about a value, strongest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigSynonym {
    pub name: &'static str,
    pub value: Option<String>,
    pub source: ConfigSource,
}
