//! Groups from the outside: which there are, their offsets, their end (Kafka: `KafkaAdminClient.listGroups`,
//! `DeleteGroupsHandler`, `ListConsumerGroupOffsetsHandler`, `AlterConsumerGroupOffsetsHandler`,
//! `DeleteConsumerGroupOffsetsHandler`).

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::offset_delete::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use klamm_wire::{ApiKey, DeleteGroupsRequest, ListGroupsRequest, ListGroupsResponse, OffsetDeleteRequest};

use super::group_state::{GroupState, GroupType};
use crate::fault::Unsupported;
use crate::group::commits::{self, Committed, Committer};
use crate::{ClientFault, Cluster, CoordinatorType, Node};

/// The first versions of ListGroups that choose.
const FIRST_WITH_STATES: i16 = 4;
const FIRST_WITH_TYPES: i16 = 5;

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupListing {
    pub group_id: String,
    /// `consumer`, `connect`, ... and empty for offsets that somebody commits without members.
    pub protocol_type: String,
    /// `None` when the broker is too old to say.
    pub state: Option<GroupState>,
    pub kind: Option<GroupType>,
}

/// Which groups to list: all, where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct GroupFilter {
    pub states: Vec<GroupState>,
    pub types: Vec<GroupType>,
}

impl GroupFilter {
    /// What older brokers are asked: they know classic groups only, so a filter that lets those pass can be left out.
    fn request(&self, version: i16) -> Result<ListGroupsRequest, ClientFault> {
        let unsupported = || {
            Err(ClientFault::UnsupportedVersion {
                api: ApiKey::ListGroups,
                why: Unsupported::NoCommonVersion,
            })
        };
        let names = |types: &[GroupType]| types.iter().map(|kind| kind.name().to_owned()).collect();
        let mut request = ListGroupsRequest {
            states_filter: self.states.iter().map(|state| state.name().to_owned()).collect(),
            types_filter: names(&self.types),
        };
        if version < FIRST_WITH_STATES && !request.states_filter.is_empty() {
            return unsupported();
        }
        if version < FIRST_WITH_TYPES && !self.types.is_empty() {
            let is_wide = self.types.contains(&GroupType::Classic)
                && self.types.iter().all(|kind| matches!(kind, GroupType::Classic | GroupType::Consumer));
            if !is_wide {
                return unsupported();
            }
            request.types_filter.clear();
        }
        Ok(request)
    }
}

/// The groups that each broker coordinates, in the order in which it tells them; each broker has its own answer.
///
/// # Errors
/// [`ClientFault`] when it is not known which brokers there are.
pub async fn list_groups(
    cluster: &Cluster,
    filter: &GroupFilter,
) -> Result<Vec<(Node, Result<Vec<GroupListing>, ClientFault>)>, ClientFault> {
    let mut answers = Vec::new();
    for node in cluster.nodes().await? {
        let ask = || async {
            let connection = cluster.node(node.id).await?;
            let version = connection.ranges().version_of(ApiKey::ListGroups, i16::MAX)?;
            let answer = connection.call(&filter.request(version)?).await?;
            ClientFault::check(answer.error_code, None)?;
            Ok(answer)
        };
        let answer = cluster.retry(ask).await.map(|answer| listings_of(answer).collect());
        answers.push((node, answer));
    }
    Ok(answers)
}

fn listings_of(answer: ListGroupsResponse) -> impl Iterator<Item = GroupListing> {
    answer.groups.into_iter().map(|group| GroupListing {
        state: (!group.group_state.is_empty()).then(|| GroupState::parse(&group.group_state)),
        kind: (!group.group_type.is_empty()).then(|| GroupType::parse(&group.group_type)),
        group_id: group.group_id,
        protocol_type: group.protocol_type,
    })
}

/// Removes groups that have no members; each has its own answer.
pub async fn delete_groups(
    cluster: &Cluster,
    group_ids: &[String],
) -> Vec<(String, Result<(), ClientFault>)> {
    let mut results = Vec::new();
    for group_id in group_ids {
        let request = DeleteGroupsRequest { groups_names: vec![group_id.clone()] };
        let answer = cluster
            .ask_coordinator(CoordinatorType::Group, group_id, &request, |answer| {
                answer.results.first().map_or(0, |result| result.error_code)
            })
            .await;
        let result = answer.and_then(|answer| {
            let code = answer.results.first().map_or(0, |result| result.error_code);
            ClientFault::check(code, None)
        });
        results.push((group_id.clone(), result));
    }
    results
}

/// All offsets that a group has committed.
///
/// # Errors
/// [`ClientFault`]
pub async fn committed_offsets(
    cluster: &Cluster,
    group_id: &str,
) -> Result<BTreeMap<TopicPartition, Committed>, ClientFault> {
    commits::fetch(cluster, group_id, None, false).await
}

/// Commits for a group without members, which begins to exist with that; each partition has its own code.
///
/// # Errors
/// [`ClientFault`] when nothing was answered.
pub async fn alter_offsets(
    cluster: &Cluster,
    group_id: &str,
    offsets: &BTreeMap<TopicPartition, i64>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientFault> {
    let committed = |offset: &i64| Committed { offset: *offset, leader_epoch: -1, metadata: String::new() };
    let offsets = offsets.iter().map(|(partition, offset)| (partition.clone(), committed(offset))).collect();
    let attempt = || async {
        let codes = commits::commit(cluster, Committer::outside(group_id), &offsets).await?;
        // Members come or go; that ends.
        let is_passing = |error: &&ErrorCode| **error == ErrorCode::RebalanceInProgress;
        match codes.values().find(is_passing) {
            Some(_) => Err(ClientFault::refused(ErrorCode::CoordinatorLoadInProgress)),
            None => Ok(codes),
        }
    };
    cluster.retry(attempt).await
}

/// Removes offsets of topics that no member reads; each partition has its own code.
///
/// # Errors
/// [`ClientFault`], that of the group among them.
pub async fn delete_offsets(
    cluster: &Cluster,
    group_id: &str,
    partitions: &BTreeSet<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientFault> {
    let mut topics: Vec<OffsetDeleteRequestTopic> = Vec::new();
    for partition in partitions {
        let index = OffsetDeleteRequestPartition { partition_index: partition.partition };
        match topics.last_mut().filter(|last| *last.name == *partition.topic) {
            Some(last) => last.partitions.push(index),
            None => topics.push(OffsetDeleteRequestTopic {
                name: partition.topic.to_string(),
                partitions: vec![index],
            }),
        }
    }
    let request = OffsetDeleteRequest { group_id: group_id.to_owned(), topics };
    let kind = CoordinatorType::Group;
    let answer = cluster.ask_coordinator(kind, group_id, &request, |answer| answer.error_code).await?;
    ClientFault::check(answer.error_code, None)?;
    let mut codes = BTreeMap::new();
    for topic in answer.topics {
        for partition in topic.partitions {
            let place = TopicPartition::new(topic.name.as_str(), partition.partition_index);
            codes.insert(place, ErrorCode::from_code(partition.error_code));
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_brokers_are_asked_what_they_understand() {
        let consumers =
            GroupFilter { states: Vec::new(), types: vec![GroupType::Consumer, GroupType::Classic] };
        assert_eq!(consumers.request(5).expect("v5").types_filter, ["Consumer", "Classic"]);
        assert_eq!(consumers.request(3).expect("v3"), ListGroupsRequest::default());
        let new = GroupFilter { states: Vec::new(), types: vec![GroupType::Consumer] };
        assert!(new.request(4).is_err());
        let stable = GroupFilter { states: vec![GroupState::Stable], types: vec![GroupType::Classic] };
        assert_eq!(stable.request(4).expect("v4").states_filter, ["Stable"]);
        assert!(stable.request(3).is_err());
    }
}
