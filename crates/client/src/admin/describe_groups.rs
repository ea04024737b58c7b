//! What groups are made of (Kafka: `DescribeConsumerGroupsHandler`). Every group is first asked for as one of the new
//! protocol, and as a classic one where that is not known or it is none.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::{
    ConsumerGroupDescribeRequest, DescribeGroupsRequest, consumer_group_describe, describe_groups,
};
use tokio::time::Instant;

use super::group_state::{GroupState, GroupType};
use crate::group::assignor::decode_assignment;
use crate::{ClientFault, Cluster, CoordinatorType, Node};

/// A group with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    pub group_id: String,
    pub members: Vec<MemberDescription>,
    /// The name of what decides who gets what; empty when nothing did.
    pub assignor: String,
    pub kind: GroupType,
    pub state: GroupState,
    pub coordinator: Node,
    /// `None` for classic groups.
    pub group_epoch: Option<i32>,
    pub target_assignment_epoch: Option<i32>,
}

/// A member with what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    pub member_id: String,
    pub group_instance_id: Option<String>,
    pub client_id: String,
    pub host: String,
    pub assignment: BTreeSet<TopicPartition>,
    /// What it shall read in the end; `None` in a classic group.
    pub target_assignment: Option<BTreeSet<TopicPartition>>,
    pub epoch: Option<i32>,
    /// Speaks the new protocol (true) or the classic one inside of a group of the new one.
    pub is_upgraded: Option<bool>,
}

/// Why a group cannot be described.
#[derive(Clone, Debug)]
pub enum DescribeFault {
    Client(ClientFault),
    /// A classic group of something else than consumers.
    NotConsumers {
        group_id: String,
        protocol_type: String,
    },
}

impl From<ClientFault> for DescribeFault {
    fn from(fault: ClientFault) -> DescribeFault {
        DescribeFault::Client(fault)
    }
}

type Described = Result<GroupDescription, DescribeFault>;

/// How a group is asked for next.
#[derive(Clone, Debug, Default)]
struct Asked {
    as_classic: bool,
    /// What was said when it was not found as a group of the new protocol; that is told if it is no other either.
    not_found: Option<Option<String>>,
}

/// Describes groups; each has its own answer.
pub async fn describe_groups(cluster: &Cluster, group_ids: &[String]) -> BTreeMap<String, Described> {
    let deadline = Instant::now() + cluster.options().api_timeout;
    let mut pause = cluster.options().retry_backoff;
    let mut open: BTreeMap<String, Asked> =
        group_ids.iter().map(|group_id| (group_id.clone(), Asked::default())).collect();
    let mut described = BTreeMap::new();
    while !open.is_empty() {
        let passing = round(cluster, &mut open, &mut described).await;
        if let Some(fault) = passing {
            if Instant::now() + pause >= deadline {
                described.extend(open.into_keys().map(|group_id| (group_id, Err(fault.clone().into()))));
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(cluster.options().retry_backoff_max);
        }
    }
    described
}

/// Asks every open group's coordinator once. A fault that passes by itself is returned.
async fn round(
    cluster: &Cluster,
    open: &mut BTreeMap<String, Asked>,
    described: &mut BTreeMap<String, Described>,
) -> Option<ClientFault> {
    let mut passing = None;
    let mut by_place: BTreeMap<(i32, bool), Vec<String>> = BTreeMap::new();
    for (group_id, asked) in open.clone() {
        match coordinator(cluster, &group_id).await {
            Ok(node) => by_place.entry((node.id, asked.as_classic)).or_default().push(group_id),
            Err(fault) => settle(cluster, open, described, &mut passing, group_id, Err(fault.into())),
        }
    }
    for ((node_id, as_classic), group_ids) in by_place {
        let answers = match as_classic {
            true => ask_classic(cluster, node_id, &group_ids).await,
            false => ask_new(cluster, node_id, &group_ids).await,
        };
        match answers {
            Ok(answers) => {
                for (group_id, answer) in answers {
                    settle(cluster, open, described, &mut passing, group_id, answer);
                }
            }
            Err(fault) => {
                for group_id in group_ids {
                    let answer = Err(fault.clone().into());
                    settle(cluster, open, described, &mut passing, group_id, answer);
                }
            }
        }
    }
    passing
}

async fn coordinator(cluster: &Cluster, group_id: &str) -> Result<Node, ClientFault> {
    let connection = cluster.coordinator(CoordinatorType::Group, group_id).await?;
    let node = cluster.nodes().await?.into_iter().find(|node| node.address == *connection.address());
    node.ok_or(ClientFault::UnknownNode { node_id: -1 })
}

/// Decides what an answer means: an end, the other protocol, or another try.
fn settle(
    cluster: &Cluster,
    open: &mut BTreeMap<String, Asked>,
    described: &mut BTreeMap<String, Described>,
    passing: &mut Option<ClientFault>,
    group_id: String,
    answer: Described,
) {
    let Some(asked) = open.get_mut(&group_id) else { return };
    let answer = match answer {
        Err(DescribeFault::Client(fault)) if !asked.as_classic && is_other(&fault) => {
            asked.as_classic = true;
            if let ClientFault::Refused { error: ErrorCode::GroupIdNotFound, message } = fault {
                asked.not_found = Some(message);
            }
            return;
        }
        Err(DescribeFault::Client(ClientFault::Refused { error: ErrorCode::GroupIdNotFound, message })) => {
            let message = asked.not_found.take().unwrap_or(message);
            Err(ClientFault::Refused { error: ErrorCode::GroupIdNotFound, message }.into())
        }
        Err(DescribeFault::Client(fault)) if fault.is_retriable() => {
            cluster.forget_coordinator(CoordinatorType::Group, &group_id);
            *passing = Some(fault);
            return;
        }
        settled => settled,
    };
    open.remove(&group_id);
    described.insert(group_id, answer);
}

/// Not a group of the new protocol, or a broker that has none.
fn is_other(fault: &ClientFault) -> bool {
    let is_unknown =
        matches!(fault.error_code(), Some(ErrorCode::GroupIdNotFound | ErrorCode::UnsupportedVersion));
    is_unknown || matches!(fault, ClientFault::UnsupportedVersion { .. })
}

async fn node_of(cluster: &Cluster, node_id: i32) -> Result<Node, ClientFault> {
    let node = cluster.nodes().await?.into_iter().find(|node| node.id == node_id);
    node.ok_or(ClientFault::UnknownNode { node_id })
}

async fn ask_new(
    cluster: &Cluster,
    node_id: i32,
    group_ids: &[String],
) -> Result<Vec<(String, Described)>, ClientFault> {
    let request =
        ConsumerGroupDescribeRequest { group_ids: group_ids.to_vec(), include_authorized_operations: false };
    let answer = cluster.node(node_id).await?.call(&request).await?;
    let coordinator = node_of(cluster, node_id).await?;
    let group = |group: consumer_group_describe::DescribedGroup| {
        let group_id = group.group_id.clone();
        let checked = ClientFault::check(group.error_code, group.error_message.clone());
        let described = checked.map(|()| new_group(group, coordinator.clone())).map_err(DescribeFault::from);
        (group_id, described)
    };
    Ok(answer.groups.into_iter().map(group).collect())
}

fn new_group(group: consumer_group_describe::DescribedGroup, coordinator: Node) -> GroupDescription {
    let members = group.members.into_iter().map(|member| MemberDescription {
        member_id: member.member_id,
        group_instance_id: member.instance_id,
        client_id: member.client_id,
        host: member.client_host,
        assignment: partitions_of(member.assignment),
        target_assignment: Some(partitions_of(member.target_assignment)),
        epoch: Some(member.member_epoch),
        is_upgraded: (member.member_type != -1).then_some(member.member_type == 1),
    });
    GroupDescription {
        members: members.collect(),
        group_id: group.group_id,
        assignor: group.assignor_name,
        kind: GroupType::Consumer,
        state: GroupState::parse(&group.group_state),
        coordinator,
        group_epoch: Some(group.group_epoch),
        target_assignment_epoch: Some(group.assignment_epoch),
    }
}

fn partitions_of(assignment: consumer_group_describe::Assignment) -> BTreeSet<TopicPartition> {
    let topics = assignment.topic_partitions.into_iter();
    let partitions = topics.flat_map(|topic| {
        let name = topic.topic_name;
        topic.partitions.into_iter().map(move |index| TopicPartition::new(name.as_str(), index))
    });
    partitions.collect()
}

async fn ask_classic(
    cluster: &Cluster,
    node_id: i32,
    group_ids: &[String],
) -> Result<Vec<(String, Described)>, ClientFault> {
    let request = DescribeGroupsRequest { groups: group_ids.to_vec(), include_authorized_operations: false };
    let answer = cluster.node(node_id).await?.call(&request).await?;
    let coordinator = node_of(cluster, node_id).await?;
    let group = |group: describe_groups::DescribedGroup| {
        (group.group_id.clone(), classic_group(group, coordinator.clone()))
    };
    Ok(answer.groups.into_iter().map(group).collect())
}

fn classic_group(group: describe_groups::DescribedGroup, coordinator: Node) -> Described {
    const CONSUMERS: &str = "consumer";
    ClientFault::check(group.error_code, group.error_message)?;
    if !group.protocol_type.is_empty() && group.protocol_type != CONSUMERS {
        let (group_id, protocol_type) = (group.group_id, group.protocol_type);
        return Err(DescribeFault::NotConsumers { group_id, protocol_type });
    }
    let member = |member: describe_groups::DescribedGroupMember| {
        let assignment = decode_assignment(member.member_assignment)
            .map_err(|error| ClientFault::Malformed { api: klamm_wire::ApiKey::DescribeGroups, error })?;
        Ok(MemberDescription {
            member_id: member.member_id,
            group_instance_id: member.group_instance_id,
            client_id: member.client_id,
            host: member.client_host,
            assignment,
            target_assignment: None,
            epoch: None,
            is_upgraded: None,
        })
    };
    let members = group.members.into_iter().map(member).collect::<Result<Vec<_>, ClientFault>>()?;
    Ok(GroupDescription {
        group_id: group.group_id,
        members,
        assignor: group.protocol_data,
        kind: GroupType::Classic,
        state: GroupState::parse(&group.group_state),
        coordinator,
        group_epoch: None,
        target_assignment_epoch: None,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::group::words::encode_assignment;
    use crate::{Address, ClusterOptions};

    fn node() -> Node {
        Node { id: 1, address: Address::new("a", 1), rack: None, is_fenced: false }
    }

    fn classic(protocol_type: &str, assignment: Bytes) -> describe_groups::DescribedGroup {
        let member = describe_groups::DescribedGroupMember {
            member_id: "m".to_owned(),
            member_assignment: assignment,
            ..Default::default()
        };
        describe_groups::DescribedGroup {
            group_id: "g".to_owned(),
            group_state: "Stable".to_owned(),
            protocol_type: protocol_type.to_owned(),
            protocol_data: "range".to_owned(),
            members: vec![member],
            ..Default::default()
        }
    }

    #[test]
    fn classic_groups_of_consumers_are_read() {
        let place = TopicPartition::new("t", 3);
        let assignment = encode_assignment([&place]);
        let group = classic_group(classic("consumer", assignment), node()).expect("a group");
        assert_eq!((group.state, group.kind), (GroupState::Stable, GroupType::Classic));
        assert_eq!(group.members[0].assignment, BTreeSet::from([place]));
        assert!(classic_group(classic("", Bytes::new()), node()).is_ok());
        let other = classic_group(classic("connect", Bytes::new()), node());
        assert!(
            matches!(other, Err(DescribeFault::NotConsumers { protocol_type, .. }) if protocol_type == "connect")
        );
        let broken = classic_group(classic("consumer", Bytes::from_static(&[0])), node());
        assert!(matches!(broken, Err(DescribeFault::Client(ClientFault::Malformed { .. }))));
    }

    #[test]
    fn a_group_that_is_not_found_twice_is_told_of_in_the_first_words() {
        let cluster = Cluster::new(ClusterOptions::new(Vec::new()));
        let refused = |error, message: &str| -> Described {
            Err(ClientFault::Refused { error, message: Some(message.to_owned()) }.into())
        };
        let mut open = BTreeMap::from([("g".to_owned(), Asked::default())]);
        let (mut described, mut passing) = (BTreeMap::new(), None);
        let mut tell = |answer, open: &mut BTreeMap<String, Asked>| {
            settle(&cluster, open, &mut described, &mut passing, "g".to_owned(), answer);
        };
        tell(refused(ErrorCode::CoordinatorLoadInProgress, "wait"), &mut open);
        assert!(!open["g"].as_classic);
        tell(refused(ErrorCode::GroupIdNotFound, "Group g not found."), &mut open);
        assert!(open["g"].as_classic);
        tell(refused(ErrorCode::GroupIdNotFound, "gone"), &mut open);
        assert!(open.is_empty());
        assert_eq!(passing.and_then(|fault| fault.error_code()), Some(ErrorCode::CoordinatorLoadInProgress));
        let told = described.remove("g").expect("an answer");
        let Err(DescribeFault::Client(ClientFault::Refused { message, .. })) = told else {
            panic!("{told:?}")
        };
        assert_eq!(message.as_deref(), Some("Group g not found."));
    }

    #[test]
    fn brokers_without_the_new_protocol_are_asked_the_old_way() {
        let why = crate::fault::Unsupported::NotServed;
        let api = klamm_wire::ApiKey::ConsumerGroupDescribe;
        assert!(is_other(&ClientFault::UnsupportedVersion { api, why }));
        assert!(is_other(&ClientFault::refused(ErrorCode::UnsupportedVersion)));
        assert!(!is_other(&ClientFault::refused(ErrorCode::GroupAuthorizationFailed)));
    }
}
