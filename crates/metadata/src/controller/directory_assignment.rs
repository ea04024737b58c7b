//! A broker tells in which log directories its replicas lie. Kafka:
//! `ReplicationControlManager.handleAssignReplicasToDirs`, KIP-858.
//!
//! A replica put into a directory that has failed in the meantime is out of sync at once.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, Uuid};
use klamm_wire::assign_replicas_to_dirs::{request, response};
use klamm_wire::{AssignReplicasToDirsRequest, AssignReplicasToDirsResponse};

use super::decision::{ApiError, Decision};
use super::heartbeat;
use super::leadership::{self, BrokerChange};
use super::view::View;
use crate::directory_id;
use crate::image::{BrokerRegistration, TopicImage};
use crate::record::VersionedRecord;

/// What a request has led to so far.
#[derive(Default)]
struct Assigned {
    records: Vec<VersionedRecord>,
    /// Partitions whose replica lies in a directory that is offline.
    offline: BTreeMap<Uuid, BTreeSet<i32>>,
}

pub(super) fn decide(
    view: &View<'_>,
    request: &AssignReplicasToDirsRequest,
) -> Result<Decision<AssignReplicasToDirsResponse>, ApiError> {
    if !view.metadata_version().is_directory_assignment_supported() {
        let message = "Directory assignment is not supported yet.";
        return Err(ApiError::new(ErrorCode::UnsupportedVersion, message));
    }
    let broker = heartbeat::check_broker_epoch(view, request.broker_id, request.broker_epoch)?;
    let mut assigned = Assigned::default();
    let mut directories = Vec::with_capacity(request.directories.len());
    for directory in &request.directories {
        let topics =
            directory.topics.iter().map(|topic| assigned.assign(view, broker, directory.id, topic)).collect();
        directories.push(response::DirectoryData { id: directory.id, topics });
    }
    let Assigned { mut records, offline } = assigned;
    leadership::update_named(view, BrokerChange::Leaves(broker.id), &offline, &mut records);
    let response = AssignReplicasToDirsResponse { directories, ..AssignReplicasToDirsResponse::default() };
    Ok(Decision::sequence(records, response))
}

impl Assigned {
    fn assign(
        &mut self,
        view: &View<'_>,
        broker: &BrokerRegistration,
        directory: Uuid,
        topic: &request::TopicData,
    ) -> response::TopicData {
        let image = view.image.topics.by_id(topic.topic_id);
        let partitions = topic.partitions.iter().map(|partition| {
            let assigned = match image {
                Some(topic) => self.assign_one(view, broker, directory, topic, partition.partition_index),
                None => Err(ErrorCode::UnknownTopicId),
            };
            response::PartitionData {
                partition_index: partition.partition_index,
                error_code: assigned.err().unwrap_or(ErrorCode::None).code(),
            }
        });
        response::TopicData { topic_id: topic.topic_id, partitions: partitions.collect() }
    }

    fn assign_one(
        &mut self,
        view: &View<'_>,
        broker: &BrokerRegistration,
        directory: Uuid,
        topic: &TopicImage,
        partition_id: i32,
    ) -> Result<(), ErrorCode> {
        let partition = topic.partition(partition_id).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        if !partition.replicas.contains(&broker.id) {
            return Err(ErrorCode::NotLeaderOrFollower);
        }
        let record = leadership::change(view, topic, (partition_id, partition), |change| {
            change.assigned = Some((broker.id, directory));
        });
        self.records.extend(record);
        if !directory_id::is_online(directory, &broker.directories) {
            self.offline.entry(topic.id).or_default().insert(partition_id);
        }
        Ok(())
    }
}
