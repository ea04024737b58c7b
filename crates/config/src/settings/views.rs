//! The settings by who reads them. Names follow the properties; units are last in the names.

use crate::settings::values::Values;
use std::path::PathBuf;

/// Who the node is. `process.roles`, `node.id`, `broker.rack`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySettings {
    pub node_id: i32,
    pub is_broker: bool,
    pub is_controller: bool,
    pub rack: Option<String>,
}

impl IdentitySettings {
    pub(super) fn from_values(values: &Values) -> IdentitySettings {
        let plays = |role: &str| values.list("process.roles").iter().any(|played| played == role);
        IdentitySettings {
            node_id: values.int("node.id"),
            is_broker: plays("broker"),
            is_controller: plays("controller"),
            rack: values.text("broker.rack").map(str::to_string),
        }
    }
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

impl MetadataSettings {
    pub(super) fn from_values(values: &Values, dirs: &[PathBuf]) -> MetadataSettings {
        MetadataSettings {
            log_dir: values.text("metadata.log.dir").map_or_else(|| dirs[0].clone(), PathBuf::from),
            segment_bytes: match values.is_null("internal.metadata.log.segment.bytes") {
                true => values.int("metadata.log.segment.bytes"),
                false => values.int("internal.metadata.log.segment.bytes"),
            },
            segment_ms: values.long("metadata.log.segment.ms"),
            max_record_bytes_between_snapshots: values
                .long("metadata.log.max.record.bytes.between.snapshots"),
            max_snapshot_interval_ms: values.long("metadata.log.max.snapshot.interval.ms"),
            max_retention_bytes: values.long("metadata.max.retention.bytes"),
            max_retention_ms: values.long("metadata.max.retention.ms"),
            max_idle_interval_ms: values.int("metadata.max.idle.interval.ms"),
            max_batch_bytes: values.int("internal.metadata.max.batch.size.in.bytes"),
            unstable_feature_versions: values.boolean("unstable.feature.versions.enable"),
            unstable_api_versions: values.boolean("unstable.api.versions.enable"),
        }
    }
}

/// Registration, heartbeats and stopping; milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LifecycleSettings {
    pub heartbeat_interval_ms: i32,
    pub session_timeout_ms: i32,
    pub initial_registration_timeout_ms: i32,
    pub controlled_shutdown: bool,
}

impl LifecycleSettings {
    pub(super) fn from_values(values: &Values) -> LifecycleSettings {
        LifecycleSettings {
            heartbeat_interval_ms: values.int("broker.heartbeat.interval.ms"),
            session_timeout_ms: values.int("broker.session.timeout.ms"),
            initial_registration_timeout_ms: values.int("initial.broker.registration.timeout.ms"),
            controlled_shutdown: values.boolean("controlled.shutdown.enable"),
        }
    }
}

/// The log directories and their periodic work; milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// `log.dirs`, else `log.dir`, in the order given; never empty.
    pub dirs: Vec<PathBuf>,
    /// Those of `dirs` that get no new partitions; `cordoned.log.dirs` with `*` spelt out.
    pub cordoned_dirs: Vec<PathBuf>,
    pub recovery_threads_per_dir: i32,
    /// Over all of `dirs`.
    pub open_files_max: i32,
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
    /// Pause of the cleaner when there is nothing to compact.
    pub cleaner_backoff_ms: i64,
    pub cleaner: CleanerSettings,
}

/// How logs are compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanerSettings {
    /// `log.cleaner.enable`, and a thread to do it.
    pub is_enabled: bool,
    /// What the keys of one log may take in memory: the part of one thread of `log.cleaner.dedupe.buffer.size`.
    pub map_bytes_max: usize,
}

impl CleanerSettings {
    fn from_values(values: &Values) -> CleanerSettings {
        let threads = values.int("log.cleaner.threads");
        let bytes = values.long("log.cleaner.dedupe.buffer.size") / i64::from(threads.max(1));
        CleanerSettings {
            is_enabled: values.boolean("log.cleaner.enable") && threads > 0,
            map_bytes_max: usize::try_from(bytes).unwrap_or(0),
        }
    }
}

impl LogSettings {
    pub(super) fn from_values(values: &Values) -> LogSettings {
        let dirs = if values.is_null("log.dirs") { "log.dir" } else { "log.dirs" };
        let dirs: Vec<PathBuf> = values.list(dirs).iter().map(PathBuf::from).collect();
        let cordoned = values.list("cordoned.log.dirs");
        let is_cordoned =
            |dir: &PathBuf| cordoned.iter().any(|name| name == "*" || dir.as_os_str() == name.as_str());
        LogSettings {
            cordoned_dirs: dirs.iter().filter(|dir| is_cordoned(dir)).cloned().collect(),
            dirs,
            recovery_threads_per_dir: values.int("num.recovery.threads.per.data.dir"),
            open_files_max: values.int("klamm.max.open.files"),
            initial_task_delay_ms: values.long("log.initial.task.delay.ms"),
            recovery_point_checkpoint_interval_ms: values.int("log.flush.offset.checkpoint.interval.ms"),
            log_start_checkpoint_interval_ms: values.int("log.flush.start.offset.checkpoint.interval.ms"),
            high_watermark_checkpoint_interval_ms: values
                .long("replica.high.watermark.checkpoint.interval.ms"),
            retention_check_interval_ms: values.long("log.retention.check.interval.ms"),
            flush_scheduler_interval_ms: values.long("log.flush.scheduler.interval.ms"),
            dir_failure_timeout_ms: values.long("log.dir.failure.timeout.ms"),
            producer_id_expiration_ms: values.int("producer.id.expiration.ms"),
            producer_id_expiration_check_interval_ms: values.int("producer.id.expiration.check.interval.ms"),
            cleaner_backoff_ms: values.long("log.cleaner.backoff.ms"),
            cleaner: CleanerSettings::from_values(values),
        }
    }
}

/// How topics come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    pub num_partitions: i32,
    /// An int in Kafka's table, of which the low 16 bits count; judged when a topic is created.
    pub default_replication_factor: i16,
    pub auto_create: bool,
    pub delete_enable: bool,
}

impl TopicSettings {
    pub(super) fn from_values(values: &Values) -> TopicSettings {
        TopicSettings {
            num_partitions: values.int("num.partitions"),
            default_replication_factor: values.int("default.replication.factor") as i16,
            auto_create: values.boolean("auto.create.topics.enable"),
            delete_enable: values.boolean("delete.topic.enable"),
        }
    }
}

/// What clients may ask of coordinators of transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionSettings {
    pub max_timeout_ms: i32,
}

impl TransactionSettings {
    pub(super) fn from_values(values: &Values) -> TransactionSettings {
        TransactionSettings { max_timeout_ms: values.int("transaction.max.timeout.ms") }
    }
}

/// Limits of fetching and of requests that name partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchSettings {
    pub max_bytes: i32,
    pub session_cache_slots: i32,
    pub max_request_partitions: i32,
}

impl FetchSettings {
    pub(super) fn from_values(values: &Values) -> FetchSettings {
        FetchSettings {
            max_bytes: values.int("fetch.max.bytes"),
            session_cache_slots: values.int("max.incremental.fetch.session.cache.slots"),
            max_request_partitions: values.int("max.request.partition.size.limit"),
        }
    }
}
