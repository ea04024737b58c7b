//! DescribeLogDirs (key 35), versions 1-5: what lies in the log directories of this broker, and how full they are.
//!
//! | version | adds |
//! |---|---|
//! | 2 | flexible |
//! | 3 | an error for the whole answer (KIP-784) |
//! | 4 | total and usable bytes (KIP-827) |
//! | 5 | cordoned directories (KIP-1066) |
//!
//! A directory that has failed is listed with KAFKA_STORAGE_ERROR and nothing else. The metadata log is not listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::describe_log_dirs::{DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic};
use klamm_wire::{ApiKey, DescribeLogDirsRequest, DescribeLogDirsResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::partitions::{Directory, Partition};

pub const API: Api = Api {
    key: ApiKey::DescribeLogDirs,
    versions: 1..=5,
    owner: Owner::Node,
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub fn handle(broker: &Broker, request: &DescribeLogDirsRequest) -> DescribeLogDirsResponse {
    let asked = asked(request);
    let partitions = broker.partitions.all();
    let settings = broker.settings();
    let mut seen = BTreeSet::new();
    let dirs = settings.log.dirs.iter().filter(|dir| seen.insert(*dir));
    let results = dirs.map(|dir| {
        let directory = broker.directories.iter().find(|directory| directory.path() == dir);
        match directory.filter(|directory| !directory.is_offline()) {
            Some(directory) => describe(broker, directory, &partitions, asked.as_ref()),
            None => failed(dir),
        }
    });
    DescribeLogDirsResponse { results: results.collect(), ..DescribeLogDirsResponse::default() }
}

/// The partitions asked for; `None`: all.
fn asked(request: &DescribeLogDirsRequest) -> Option<BTreeMap<&str, BTreeSet<i32>>> {
    let mut asked: BTreeMap<&str, BTreeSet<i32>> = BTreeMap::new();
    for topic in request.topics.as_ref()? {
        asked.entry(&topic.topic).or_default().extend(&topic.partitions);
    }
    Some(asked)
}

fn describe(
    broker: &Broker,
    directory: &Arc<Directory>,
    partitions: &[Arc<Partition>],
    asked: Option<&BTreeMap<&str, BTreeSet<i32>>>,
) -> DescribeLogDirsResult {
    let Ok(space) = directory.log_dir.space() else { return failed(directory.path()) };
    let is_asked = |partition: &Partition| match asked {
        None => true,
        Some(asked) => {
            asked.get(&*partition.topic).is_some_and(|indexes| indexes.contains(&partition.id.partition))
        }
    };
    let mut topics: BTreeMap<&str, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    for partition in here.filter(|partition| is_asked(partition)) {
        topics.entry(&partition.topic).or_default().push(DescribeLogDirsPartition {
            partition_index: partition.id.partition,
            partition_size: signed(partition.size_in_bytes()),
            // A log is never behind its own high watermark, and none is being moved between directories.
            offset_lag: 0,
            is_future_key: false,
        });
    }
    let topic = |(name, partitions): (&str, _)| DescribeLogDirsTopic { name: name.to_owned(), partitions };
    DescribeLogDirsResult {
        error_code: ErrorCode::None.code(),
        log_dir: directory.path().display().to_string(),
        topics: topics.into_iter().map(topic).collect(),
        total_bytes: signed(space.total),
        usable_bytes: signed(space.usable),
        is_cordoned: is_cordoned(broker, directory.id),
    }
}

fn failed(dir: &Path) -> DescribeLogDirsResult {
    DescribeLogDirsResult {
        error_code: ErrorCode::KafkaStorageError.code(),
        log_dir: dir.display().to_string(),
        ..DescribeLogDirsResult::default()
    }
}

/// Whether nothing new shall be put there, as this broker has told the controller.
fn is_cordoned(broker: &Broker, directory_id: Uuid) -> bool {
    let image = broker.image.get();
    let supported = image.features.metadata_version().is_some_and(|mv| mv.is_cordoned_log_dirs_supported());
    let registration = image.cluster.broker(broker.node_id);
    let cordoned = registration.and_then(|registration| registration.cordoned_directories.as_ref());
    supported && cordoned.is_some_and(|cordoned| cordoned.contains(&directory_id))
}

/// File systems may be larger than the protocol can say.
fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
