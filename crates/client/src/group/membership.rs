//! Joining, staying in and leaving a group (Kafka: `AbstractCoordinator`, `ConsumerCoordinator`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{
    ApiKey, HeartbeatRequest, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest, SyncGroupRequest,
};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::GroupOptions;
use super::assignor::{self, Assignor, Member};
use super::commits::{self, Committed, Committer};
use crate::{ClientFault, Cluster, CoordinatorType};

/// What members of consumer groups call their protocol.
const PROTOCOL_TYPE: &str = "consumer";
/// A join may take as long as the others need, and this for the way.
const JOIN_GRACE: Duration = Duration::from_secs(5);
/// The first version in which a member leaves by a list.
const FIRST_BATCHED_LEAVE: i16 = 3;

/// One member's place in its group.
pub struct Membership {
    cluster: Cluster,
    options: GroupOptions,
    /// Empty before the group has given one.
    member_id: String,
    current: Option<Current>,
    news: Arc<News>,
}

/// A generation that this member belongs to.
struct Current {
    generation_id: i32,
    heartbeats: JoinHandle<()>,
}

impl Drop for Current {
    fn drop(&mut self) {
        self.heartbeats.abort();
    }
}

/// What heartbeats and commits have found out.
#[derive(Default)]
struct News {
    verdict: Mutex<Option<Verdict>>,
    arrived: Notify,
}

/// How a generation ends for a member.
#[derive(Clone, Debug)]
enum Verdict {
    /// Others come or go: join again as the same member.
    Rejoin,
    /// Thrown out; `keep_id` when only the generation is over.
    Lost {
        keep_id: bool,
    },
    Fatal(ClientFault),
}

impl News {
    fn tell(&self, verdict: Verdict) {
        let mut told = self.verdict.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // The worse news stays.
        if !matches!(*told, Some(Verdict::Lost { .. } | Verdict::Fatal(_))) {
            *told = Some(verdict);
        }
        self.arrived.notify_one();
    }

    fn told(&self) -> Option<Verdict> {
        self.verdict.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn clear(&self) {
        self.verdict.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    }

    /// Reads an answer's code; true when it is no news.
    fn read(&self, error: ErrorCode) -> bool {
        self.tell(match error {
            ErrorCode::RebalanceInProgress => Verdict::Rejoin,
            ErrorCode::UnknownMemberId => Verdict::Lost { keep_id: false },
            ErrorCode::IllegalGeneration => Verdict::Lost { keep_id: true },
            ErrorCode::FencedInstanceId | ErrorCode::GroupAuthorizationFailed => {
                Verdict::Fatal(ClientFault::refused(error))
            }
            _ => return true,
        });
        false
    }
}

impl Membership {
    pub fn new(cluster: Cluster, options: GroupOptions) -> Membership {
        Membership { cluster, options, member_id: String::new(), current: None, news: Arc::default() }
    }

    pub fn is_member(&self) -> bool {
        self.current.is_some() && !matches!(self.news.told(), Some(Verdict::Lost { .. } | Verdict::Fatal(_)))
    }

    pub fn member_id(&self) -> Option<&str> {
        self.current.as_ref().map(|_| self.member_id.as_str())
    }

    pub fn must_join(&self) -> bool {
        self.current.is_none() || self.news.told().is_some()
    }

    /// Ends when [`Membership::must_join`] may have become true.
    pub async fn disturbed(&self) {
        while !self.must_join() {
            self.news.arrived.notified().await;
        }
    }

    /// Takes part in the next generation; returns its partitions.
    ///
    /// # Errors
    /// [`ClientFault`] that does not pass by itself.
    pub async fn join(&mut self, topics: &BTreeSet<String>) -> Result<BTreeSet<TopicPartition>, ClientFault> {
        match self.news.told() {
            Some(Verdict::Fatal(fault)) => return Err(fault),
            Some(Verdict::Lost { keep_id: false }) => self.member_id.clear(),
            _ => {}
        }
        self.current = None;
        loop {
            let joined = self.join_once(topics).await?;
            let assignment = match self.sync(&joined).await {
                Ok(assignment) => assignment,
                Err(fault) if self.may_join_again(&fault) => continue,
                Err(fault) => return Err(fault),
            };
            let partitions = assignor::decode_assignment(assignment)
                .map_err(|error| ClientFault::Malformed { api: ApiKey::SyncGroup, error })?;
            self.news.clear();
            let heartbeats = tokio::spawn(self.heartbeats(joined.generation_id));
            self.current = Some(Current { generation_id: joined.generation_id, heartbeats });
            return Ok(partitions);
        }
    }

    fn may_join_again(&mut self, fault: &ClientFault) -> bool {
        if fault.error_code() == Some(ErrorCode::UnknownMemberId) {
            self.member_id.clear();
        }
        matches!(
            fault.error_code(),
            Some(ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration | ErrorCode::RebalanceInProgress)
        )
    }

    /// Waits until all members have joined.
    async fn join_once(&mut self, topics: &BTreeSet<String>) -> Result<JoinGroupResponse, ClientFault> {
        loop {
            let request = self.join_request(topics);
            let patience = self.options.rebalance_timeout + JOIN_GRACE;
            let kind = CoordinatorType::Group;
            let group_id = self.options.group_id.clone();
            let ask = || async {
                let coordinator = self.cluster.coordinator(kind, &group_id).await?;
                let asked = coordinator.call_within(&request, i16::MAX, patience).await;
                self.cluster.watch_coordinator(kind, &group_id, asked, |(answer, _)| answer.error_code)
            };
            let (answer, _) = self.cluster.retry(ask).await?;
            match ErrorCode::from_code(answer.error_code) {
                ErrorCode::None => {
                    self.member_id.clone_from(&answer.member_id);
                    return Ok(answer);
                }
                ErrorCode::MemberIdRequired => self.member_id = answer.member_id,
                error => {
                    let fault = ClientFault::refused(error);
                    if !self.may_join_again(&fault) {
                        return Err(fault);
                    }
                }
            }
        }
    }

    fn join_request(&self, topics: &BTreeSet<String>) -> JoinGroupRequest {
        let metadata = assignor::encode_subscription(topics);
        let protocols = self.options.assignors.iter().map(|assignor| JoinGroupRequestProtocol {
            name: assignor.name().to_owned(),
            metadata: metadata.clone(),
        });
        JoinGroupRequest {
            group_id: self.options.group_id.clone(),
            session_timeout_ms: millis(self.options.session_timeout),
            rebalance_timeout_ms: millis(self.options.rebalance_timeout),
            member_id: self.member_id.clone(),
            group_instance_id: self.options.group_instance_id.clone(),
            protocol_type: PROTOCOL_TYPE.to_owned(),
            protocols: protocols.collect(),
            ..JoinGroupRequest::default()
        }
    }

    /// Gets this member's part; the leader hands in everybody's.
    async fn sync(&self, joined: &JoinGroupResponse) -> Result<Bytes, ClientFault> {
        let is_leader = joined.leader == self.member_id && !joined.skip_assignment;
        let assignments = if is_leader { self.assign(joined).await? } else { Vec::new() };
        let request = SyncGroupRequest {
            group_id: self.options.group_id.clone(),
            generation_id: joined.generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: self.options.group_instance_id.clone(),
            protocol_type: Some(PROTOCOL_TYPE.to_owned()),
            protocol_name: joined.protocol_name.clone(),
            assignments,
        };
        let kind = CoordinatorType::Group;
        let group_id = &self.options.group_id;
        let patience = self.options.rebalance_timeout + JOIN_GRACE;
        let ask = || async {
            let coordinator = self.cluster.coordinator(kind, group_id).await?;
            let asked = coordinator.call_within(&request, i16::MAX, patience).await;
            self.cluster.watch_coordinator(kind, group_id, asked, |(answer, _)| answer.error_code)
        };
        let (answer, _) = self.cluster.retry(ask).await?;
        ClientFault::check(answer.error_code, None)?;
        Ok(answer.assignment)
    }

    async fn assign(
        &self,
        joined: &JoinGroupResponse,
    ) -> Result<Vec<SyncGroupRequestAssignment>, ClientFault> {
        let name = joined.protocol_name.as_deref().unwrap_or_default();
        let assignor =
            Assignor::from_name(name).ok_or(ClientFault::refused(ErrorCode::InconsistentGroupProtocol))?;
        let mut members = Vec::new();
        for member in &joined.members {
            let topics = assignor::decode_subscription(member.metadata.clone())
                .map_err(|error| ClientFault::Malformed { api: ApiKey::JoinGroup, error })?;
            let (member_id, group_instance_id) = (member.member_id.clone(), member.group_instance_id.clone());
            members.push(Member { member_id, group_instance_id, topics });
        }
        let mut partitions = BTreeMap::new();
        for topic in members.iter().flat_map(|member| &member.topics) {
            self.cluster.forget_topic(topic);
            match self.cluster.topic(topic, true).await {
                Ok(found) => drop(partitions.insert(topic.clone(), found.partitions.len() as i32)),
                // A topic that is not there yet is nobody's.
                Err(fault) if fault.error_code().is_some() => {}
                Err(fault) => return Err(fault),
            }
        }
        let assignment = assignor.assign(&members, &partitions);
        let assignments = assignment.into_iter().map(|(member_id, partitions)| SyncGroupRequestAssignment {
            member_id,
            assignment: assignor::encode_assignment(&partitions),
        });
        Ok(assignments.collect())
    }

    /// The task that shows that this member lives, until there is news.
    fn heartbeats(&self, generation_id: i32) -> impl Future<Output = ()> + Send + 'static {
        let request = HeartbeatRequest {
            group_id: self.options.group_id.clone(),
            generation_id,
            member_id: self.member_id.clone(),
            group_instance_id: self.options.group_instance_id.clone(),
        };
        let (cluster, news) = (self.cluster.clone(), self.news.clone());
        let interval = self.options.heartbeat_interval;
        async move {
            loop {
                tokio::time::sleep(interval).await;
                let kind = CoordinatorType::Group;
                let asked = match cluster.coordinator(kind, &request.group_id).await {
                    Ok(coordinator) => coordinator.call(&request).await,
                    Err(fault) => Err(fault),
                };
                let answer =
                    cluster.watch_coordinator(kind, &request.group_id, asked, |answer| answer.error_code);
                // No answer is no news: the session has its own end, and the group will say so.
                if let Ok(answer) = answer
                    && !news.read(ErrorCode::from_code(answer.error_code))
                {
                    return;
                }
            }
        }
    }

    /// Commits as this member.
    ///
    /// # Errors
    /// [`ClientFault`] of the first partition that has one.
    pub async fn commit(&self, offsets: &BTreeMap<TopicPartition, Committed>) -> Result<(), ClientFault> {
        let committer = Committer {
            group_id: &self.options.group_id,
            generation_id: self.current.as_ref().map_or(-1, |current| current.generation_id),
            member_id: &self.member_id,
            group_instance_id: self.options.group_instance_id.as_deref(),
        };
        for (_, error) in commits::commit(&self.cluster, committer, offsets).await? {
            if error != ErrorCode::None {
                self.news.read(error);
                return Err(ClientFault::refused(error));
            }
        }
        Ok(())
    }

    /// What the group has committed of these partitions.
    ///
    /// # Errors
    /// [`ClientFault`]
    pub async fn committed(
        &self,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Result<BTreeMap<TopicPartition, Committed>, ClientFault> {
        if partitions.is_empty() {
            return Ok(BTreeMap::new());
        }
        let cluster = &self.cluster;
        cluster
            .retry(|| async { commits::fetch(cluster, &self.options.group_id, Some(partitions), true).await })
            .await
    }

    /// Leaves at once. A static member just stops.
    ///
    /// # Errors
    /// [`ClientFault`]: the session will run out instead.
    pub async fn leave(&mut self) -> Result<(), ClientFault> {
        if self.current.take().is_none() || self.options.group_instance_id.is_some() {
            return Ok(());
        }
        let kind = CoordinatorType::Group;
        let coordinator = self.cluster.coordinator(kind, &self.options.group_id).await?;
        let is_batched = coordinator.ranges().serves(ApiKey::LeaveGroup, FIRST_BATCHED_LEAVE);
        let member_id = std::mem::take(&mut self.member_id);
        let identity = MemberIdentity { member_id: member_id.clone(), ..MemberIdentity::default() };
        let request = LeaveGroupRequest {
            group_id: self.options.group_id.clone(),
            member_id: if is_batched { String::new() } else { member_id },
            members: if is_batched { vec![identity] } else { Vec::new() },
        };
        let answer = coordinator.call(&request).await?;
        ClientFault::check(answer.error_code, None)
    }
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
