//! DescribeQuorum (key 55), versions 0-2: who leads the metadata log, how far it is, who votes.
//!
//! | version | adds |
//! |---|---|
//! | 1 | when a voter has fetched and was caught up |
//! | 2 | directory ids, messages, the voters' listeners (KIP-853) |
//!
//! Only partition 0 of the metadata topic can be asked for, alone. The leader has always just fetched from itself.

use klamm_base::ErrorCode;
use klamm_raft::VoterNode;
use klamm_wire::describe_quorum::{request, response};
use klamm_wire::{ApiKey, DescribeQuorumRequest, DescribeQuorumResponse};

use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::controller::metadata_log::METADATA_TOPIC;
use crate::controller::quorum::QuorumView;
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::DescribeQuorum,
    versions: 0..=2,
    owner: Owner::Controller,
    listeners: Listeners::BOTH,
    authorisation: &[Authorisation::All(Operation::Describe, ResourceType::Cluster)],
    quota: QuotaClass::Request,
};

pub fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    if !is_metadata_partition(&request.topics) {
        return unknown(&request);
    }
    match broker.controller.quorum() {
        Some(quorum) => describe(&quorum, context.api_version, context.now.wall_ms),
        None => {
            let partition = failed(
                0,
                ErrorCode::NotLeaderOrFollower,
                "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.",
            );
            of_partition(partition, Vec::new())
        }
    }
}

fn is_metadata_partition(topics: &[request::TopicData]) -> bool {
    matches!(topics, [topic] if topic.topic_name == METADATA_TOPIC
        && matches!(topic.partitions[..], [request::PartitionData { partition_index: 0 }]))
}

fn describe(quorum: &QuorumView, version: i16, now_ms: i64) -> DescribeQuorumResponse {
    let voter = |voter: &VoterNode| response::ReplicaState {
        replica_id: voter.key.id,
        replica_directory_id: if version >= 2 {
            voter.key.directory_id_or_zero()
        } else {
            Default::default()
        },
        log_end_offset: quorum.log_end,
        last_fetch_timestamp: now_ms,
        last_caught_up_timestamp: now_ms,
    };
    let partition = response::PartitionData {
        leader_id: quorum.leader_id,
        leader_epoch: quorum.epoch,
        high_watermark: quorum.high_watermark.unwrap_or(-1),
        current_voters: quorum.voters.iter().map(voter).collect(),
        // No error has an empty text here, not none.
        ..failed(0, ErrorCode::None, "")
    };
    let nodes = if version >= 2 { quorum.voters.iter().map(node).collect() } else { Vec::new() };
    of_partition(partition, nodes)
}

fn node(voter: &VoterNode) -> response::Node {
    let listeners = voter.listeners.iter().map(|(name, endpoint)| response::Listener {
        name: name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    });
    response::Node { node_id: voter.key.id, listeners: listeners.collect() }
}

fn of_partition(partition: response::PartitionData, nodes: Vec<response::Node>) -> DescribeQuorumResponse {
    let topic = response::TopicData { topic_name: METADATA_TOPIC.to_owned(), partitions: vec![partition] };
    DescribeQuorumResponse { topics: vec![topic], nodes, ..Default::default() }
}

fn failed(partition_index: i32, error: ErrorCode, message: &str) -> response::PartitionData {
    response::PartitionData {
        partition_index,
        error_code: error.code(),
        error_message: Some(message.to_owned()),
        ..response::PartitionData::default()
    }
}

/// Whatever was asked for is unknown.
fn unknown(request: &DescribeQuorumRequest) -> DescribeQuorumResponse {
    let message = "This server does not host this topic-partition.";
    let partition = |partition: &request::PartitionData| {
        failed(partition.partition_index, ErrorCode::UnknownTopicOrPartition, message)
    };
    let topics = request.topics.iter().map(|topic| response::TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic.partitions.iter().map(partition).collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..Default::default() }
}
