//! Leaders on demand: the preferred one, or any that is alive. Kafka:
//! `ReplicationControlManager.electLeaders`, KIP-460.

use klamm_base::ErrorCode;
use klamm_wire::elect_leaders::{PartitionResult, ReplicaElectionResult};
use klamm_wire::{ElectLeadersRequest, ElectLeadersResponse};

use super::Controller;
use super::decision::{ApiError, Decision};
use super::leadership;
use super::partition_change::Election;
use super::view::View;
use crate::image::PartitionRegistration;
use crate::record::VersionedRecord;

impl Controller {
    /// ElectLeaders. `Err` is the answer for all partitions of the request.
    pub fn elect_leaders(
        &self,
        request: &ElectLeadersRequest,
    ) -> Result<Decision<ElectLeadersResponse>, ApiError> {
        self.check_active()?;
        decide(&self.view(), request)
    }
}

fn decide(
    view: &View<'_>,
    request: &ElectLeadersRequest,
) -> Result<Decision<ElectLeadersResponse>, ApiError> {
    let election = match request.election_type {
        0 => Election::Preferred,
        1 => Election::Unclean,
        other => {
            let message = format!("Unknown election type {other}");
            return Err(ApiError::new(ErrorCode::InvalidRequest, message));
        }
    };
    let mut records = Vec::new();
    let results = match &request.topic_partitions {
        Some(named) => named
            .iter()
            .map(|topic| {
                let elected = |&id: &i32| result(id, elect(view, &topic.topic, id, election, &mut records));
                let partition_result = topic.partitions.iter().map(elected).collect();
                ReplicaElectionResult { topic: topic.topic.clone(), partition_result }
            })
            .collect(),
        None => everywhere(view, election, &mut records),
    };
    let response = ElectLeadersResponse { replica_election_results: results, ..Default::default() };
    Ok(Decision::sequence(records, response))
}

/// All partitions; those that need nothing are not mentioned, their topics are.
fn everywhere(
    view: &View<'_>,
    election: Election,
    records: &mut Vec<VersionedRecord>,
) -> Vec<ReplicaElectionResult> {
    let topics = view.image.topics.iter().map(|topic| {
        let elected = topic.partitions().filter_map(|(id, _)| {
            let error = elect(view, &topic.name, id, election, records);
            (error.error != ErrorCode::ElectionNotNeeded).then(|| result(id, error))
        });
        ReplicaElectionResult { topic: topic.name.to_string(), partition_result: elected.collect() }
    });
    topics.collect()
}

/// Appends the record of one election; says how it went.
fn elect(
    view: &View<'_>,
    topic: &str,
    partition_id: i32,
    election: Election,
    records: &mut Vec<VersionedRecord>,
) -> ApiError {
    let unknown = |message| ApiError::new(ErrorCode::UnknownTopicOrPartition, message);
    let Some(image) = view.image.topics.by_name(topic) else {
        return unknown(format!("No such topic as {topic}"));
    };
    let Some(partition) = image.partition(partition_id) else {
        return unknown(format!("No such partition as {topic}-{partition_id}"));
    };
    if !is_needed(partition, election) {
        let message = "Leader election not needed for topic partition.";
        return ApiError::new(ErrorCode::ElectionNotNeeded, message);
    }
    let record = leadership::change(view, image, (partition_id, partition), |change| {
        change.election = election;
    });
    match (record, election) {
        (Some(record), _) => {
            records.push(record);
            ApiError::bare(ErrorCode::None)
        }
        (None, Election::Preferred) => {
            let message = "The preferred leader was not available.";
            ApiError::new(ErrorCode::PreferredLeaderNotAvailable, message)
        }
        (None, _) => {
            let message = "Eligible topic partition leaders are not available.";
            ApiError::new(ErrorCode::EligibleLeadersNotAvailable, message)
        }
    }
}

fn is_needed(partition: &PartitionRegistration, election: Election) -> bool {
    match election {
        Election::Preferred => !partition.has_preferred_leader(),
        Election::Online | Election::Unclean => !partition.has_leader(),
    }
}

fn result(partition_id: i32, error: ApiError) -> PartitionResult {
    PartitionResult { partition_id, error_code: error.error.code(), error_message: error.message }
}
