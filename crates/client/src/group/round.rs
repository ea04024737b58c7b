//! One round of joining: JoinGroup, SyncGroup, and what the leader does between them
//! (Kafka: `AbstractCoordinator.initiateJoinGroup`, `ConsumerCoordinator.onLeaderElected`).
//!
//! | Answer | Next |
//! |---|---|
//! | MEMBER_ID_REQUIRED | JoinGroup again, as the member it names |
//! | JoinGroup NONE | SyncGroup; the leader with everybody's share |
//! | SyncGroup NONE | the end: a member of the generation |
//! | REBALANCE_IN_PROGRESS | JoinGroup again, as the same member |
//! | UNKNOWN_MEMBER_ID | the end: lost, and nobody's member any more |
//! | ILLEGAL_GENERATION | the end: lost, and still a member |
//! | NOT_COORDINATOR and its like, no answer | the same again, elsewhere or after a pause |
//! | anything else | the end: a fault |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{ApiKey, JoinGroupRequest, JoinGroupResponse, SyncGroupRequest, SyncGroupResponse};

use super::assignor::{Assignor, Member};
use super::membership::Identity;
use super::words::{Subscription, decode_assignment, encode_assignment};
use super::{GroupOptions, PROTOCOL_TYPE};
use crate::{ClientFault, Cluster, CoordinatorType, Request};

/// A join may take as long as the others need, and this for the way.
const JOIN_GRACE: Duration = Duration::from_secs(5);

/// What a member brings to a round.
pub struct Round {
    pub cluster: Cluster,
    pub options: Arc<GroupOptions>,
    /// Where the member id stands; it outlives the round.
    pub identity: Arc<Identity>,
    pub topics: BTreeSet<String>,
    /// What it reads while it joins.
    pub owned: BTreeSet<TopicPartition>,
    /// What it read last.
    pub last: BTreeSet<TopicPartition>,
    /// In which it was given that; -1 for none.
    pub generation_id: i32,
    pub creates_topics: bool,
}

/// How a round ends.
pub enum RoundEnd {
    Joined(Joined),
    /// Thrown out while it was under way: what was owned is owned no more.
    Lost,
}

/// A place in a generation.
#[derive(Clone)]
pub struct Joined {
    pub generation_id: i32,
    pub partitions: BTreeSet<TopicPartition>,
    /// What the leader has shared out: topics with their counts of partitions.
    pub shared: Option<BTreeMap<String, i32>>,
}

/// What an answer's code means for the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    On,
    Again,
    Lost { keep_id: bool },
    Fault(ErrorCode),
}

fn next(error: ErrorCode) -> Next {
    match error {
        ErrorCode::None => Next::On,
        ErrorCode::MemberIdRequired | ErrorCode::RebalanceInProgress => Next::Again,
        ErrorCode::UnknownMemberId => Next::Lost { keep_id: false },
        ErrorCode::IllegalGeneration => Next::Lost { keep_id: true },
        error => Next::Fault(error),
    }
}

impl Round {
    /// # Errors
    /// [`ClientFault`] that does not pass by itself.
    pub async fn run(self) -> Result<RoundEnd, ClientFault> {
        loop {
            let joined =
                self.ask(&self.join_request(), |answer: &JoinGroupResponse| answer.error_code).await?;
            let error = ErrorCode::from_code(joined.error_code);
            if matches!(error, ErrorCode::None | ErrorCode::MemberIdRequired) {
                self.identity.set(joined.member_id.clone());
            }
            match next(error) {
                Next::On => {}
                Next::Again => continue,
                Next::Lost { keep_id } => return Ok(self.lost(keep_id)),
                Next::Fault(error) => return Err(ClientFault::refused(error)),
            }
            let (assignments, shared) = self.shares(&joined).await?;
            let request = self.sync_request(&joined, assignments);
            let synced = self.ask(&request, |answer: &SyncGroupResponse| answer.error_code).await?;
            match next(ErrorCode::from_code(synced.error_code)) {
                Next::On => {}
                Next::Again => continue,
                Next::Lost { keep_id } => return Ok(self.lost(keep_id)),
                Next::Fault(error) => return Err(ClientFault::refused(error)),
            }
            let malformed = |error| ClientFault::Malformed { api: ApiKey::SyncGroup, error };
            let partitions = decode_assignment(synced.assignment).map_err(malformed)?;
            return Ok(RoundEnd::Joined(Joined { generation_id: joined.generation_id, partitions, shared }));
        }
    }

    fn lost(&self, keep_id: bool) -> RoundEnd {
        if !keep_id {
            self.identity.set(String::new());
        }
        RoundEnd::Lost
    }

    async fn ask<Q: Request>(
        &self,
        request: &Q,
        error_of: impl Fn(&Q::Response) -> i16,
    ) -> Result<Q::Response, ClientFault> {
        let (kind, group_id) = (CoordinatorType::Group, &self.options.group_id);
        let patience = self.options.rebalance_timeout + JOIN_GRACE;
        let ask = || async {
            let coordinator = self.cluster.coordinator(kind, group_id).await?;
            let asked = coordinator.call_within(request, i16::MAX, patience).await;
            self.cluster.watch_coordinator(kind, group_id, asked, |(answer, _)| error_of(answer))
        };
        self.cluster.retry(ask).await.map(|(answer, _)| answer)
    }

    fn join_request(&self) -> JoinGroupRequest {
        let subscription = || Subscription {
            topics: self.topics.clone(),
            user_data: None,
            owned: self.owned.clone(),
            generation_id: self.generation_id,
            rack: self.options.rack.clone(),
        };
        let protocols = self.options.assignors.iter().map(|assignor| JoinGroupRequestProtocol {
            name: assignor.name().to_owned(),
            metadata: assignor.words(subscription(), &self.last),
        });
        JoinGroupRequest {
            group_id: self.options.group_id.clone(),
            session_timeout_ms: millis(self.options.session_timeout),
            rebalance_timeout_ms: millis(self.options.rebalance_timeout),
            member_id: self.identity.get(),
            group_instance_id: self.options.group_instance_id.clone(),
            protocol_type: PROTOCOL_TYPE.to_owned(),
            protocols: protocols.collect(),
            ..JoinGroupRequest::default()
        }
    }

    fn sync_request(
        &self,
        joined: &JoinGroupResponse,
        assignments: Vec<SyncGroupRequestAssignment>,
    ) -> SyncGroupRequest {
        SyncGroupRequest {
            group_id: self.options.group_id.clone(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            group_instance_id: self.options.group_instance_id.clone(),
            protocol_type: Some(PROTOCOL_TYPE.to_owned()),
            protocol_name: joined.protocol_name.clone(),
            assignments,
        }
    }

    /// Everybody's share, and what was shared, if this member leads.
    async fn shares(
        &self,
        joined: &JoinGroupResponse,
    ) -> Result<(Vec<SyncGroupRequestAssignment>, Option<BTreeMap<String, i32>>), ClientFault> {
        if joined.leader != joined.member_id {
            return Ok((Vec::new(), None));
        }
        let name = joined.protocol_name.as_deref().unwrap_or_default();
        let assignor =
            Assignor::from_name(name).ok_or(ClientFault::refused(ErrorCode::InconsistentGroupProtocol))?;
        let malformed = |error| ClientFault::Malformed { api: ApiKey::JoinGroup, error };
        let members = joined.members.iter().map(|member| {
            let (member_id, instance) = (member.member_id.clone(), member.group_instance_id.clone());
            assignor.member(member_id, instance, member.metadata.clone()).map_err(malformed)
        });
        let members = members.collect::<Result<Vec<Member>, ClientFault>>()?;
        let wanted: BTreeSet<String> = members.iter().flat_map(|member| member.topics.clone()).collect();
        let counts = partition_counts(&self.cluster, &wanted, self.creates_topics).await?;
        if joined.skip_assignment {
            // A static leader that is back: everybody keeps what it has (KIP-814).
            return Ok((Vec::new(), Some(counts)));
        }
        let shares = assignor.assign(&members, &counts).into_iter();
        let shares = shares.map(|(member_id, partitions)| SyncGroupRequestAssignment {
            member_id,
            assignment: encode_assignment(&partitions),
        });
        Ok((shares.collect(), Some(counts)))
    }
}

/// How many partitions each topic has now. One that is not there yet is left out.
///
/// # Errors
/// [`ClientFault`]: nobody has answered.
pub async fn partition_counts(
    cluster: &Cluster,
    topics: &BTreeSet<String>,
    create: bool,
) -> Result<BTreeMap<String, i32>, ClientFault> {
    topics.iter().for_each(|topic| cluster.forget_topic(topic));
    let told = cluster.retry(|| cluster.topics(topics, create)).await?;
    let count = |(name, topic): (String, Result<_, _>)| {
        let topic: Arc<crate::Topic> = topic.ok()?;
        Some((name, i32::try_from(topic.partitions.len()).ok()?))
    };
    Ok(told.into_iter().filter_map(count).collect())
}

pub fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table above.
    #[test]
    fn what_answers_mean() {
        assert_eq!(next(ErrorCode::None), Next::On);
        assert_eq!(next(ErrorCode::MemberIdRequired), Next::Again);
        assert_eq!(next(ErrorCode::RebalanceInProgress), Next::Again);
        assert_eq!(next(ErrorCode::UnknownMemberId), Next::Lost { keep_id: false });
        assert_eq!(next(ErrorCode::IllegalGeneration), Next::Lost { keep_id: true });
        for fatal in [
            ErrorCode::FencedInstanceId,
            ErrorCode::InconsistentGroupProtocol,
            ErrorCode::InvalidSessionTimeout,
            ErrorCode::GroupAuthorizationFailed,
            ErrorCode::GroupMaxSizeReached,
            ErrorCode::InvalidGroupId,
        ] {
            assert_eq!(next(fatal), Next::Fault(fatal));
        }
    }
}
