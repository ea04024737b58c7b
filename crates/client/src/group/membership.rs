//! Staying in a group and leaving it (Kafka: `AbstractCoordinator`, `HeartbeatThread`).
//!
//! | State | Event | Next |
//! |---|---|---|
//! | outside | [`Membership::start`] | joining |
//! | joining | the round ends in a generation | stable |
//! | joining | the round ends: lost | outside |
//! | stable | heartbeat or commit: REBALANCE_IN_PROGRESS; the leader sees other partitions | stable, must join |
//! | stable, must join | [`Membership::start`] | joining, as the same member |
//! | stable | UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION | lost, must join |
//! | stable | no poll for `max.poll.interval.ms` | lost, must join; it has left by itself |
//! | lost | [`Membership::start`] | joining |
//! | any | FENCED_INSTANCE_ID, GROUP_AUTHORIZATION_FAILED | failed: every poll says so |
//! | any | [`Membership::leave`] | outside |

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use klamm_base::{ErrorCode, TopicPartition};
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::{ApiKey, HeartbeatRequest, LeaveGroupRequest};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::GroupOptions;
use super::commits::{self, Committed, Committer};
use super::round::{Joined, Round, RoundEnd};
use crate::{ClientFault, Cluster, CoordinatorType};

/// The first version in which a member leaves by a list.
const FIRST_BATCHED_LEAVE: i16 = 3;

/// One member's place in its group.
pub struct Membership {
    cluster: Cluster,
    options: Arc<GroupOptions>,
    identity: Arc<Identity>,
    news: Arc<News>,
    place: Place,
    /// -1 before the first generation, and after the member was lost.
    generation_id: i32,
}

enum Place {
    Outside,
    Joining(AbortOnDrop<Result<RoundEnd, ClientFault>>),
    /// The task beats its heart.
    Stable(#[expect(dead_code, reason = "dropping it ends the task")] AbortOnDrop<()>),
}

/// What has happened to a membership.
pub enum Change {
    Joined(Joined),
    /// Thrown out while joining.
    Lost,
    /// [`Membership::must_join`] may have become true.
    News,
}

/// A task that ends with its owner.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The member id; empty before the group has given one.
#[derive(Default)]
pub struct Identity {
    member_id: Mutex<String>,
}

impl Identity {
    fn lock(&self) -> MutexGuard<'_, String> {
        self.member_id.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn get(&self) -> String {
        self.lock().clone()
    }

    pub fn set(&self, member_id: String) {
        *self.lock() = member_id;
    }
}

/// What heartbeats and commits have found out.
struct News {
    verdict: Mutex<Option<Verdict>>,
    arrived: Notify,
    polled: Mutex<Instant>,
}

/// What makes a member join again.
#[derive(Clone, Debug)]
enum Verdict {
    /// Others come or go: as the same member.
    Rejoin,
    /// Thrown out; `keep_id` when only the generation is over.
    Lost {
        keep_id: bool,
    },
    Fatal(ClientFault),
}

fn verdict(error: ErrorCode) -> Option<Verdict> {
    match error {
        ErrorCode::RebalanceInProgress => Some(Verdict::Rejoin),
        ErrorCode::UnknownMemberId => Some(Verdict::Lost { keep_id: false }),
        ErrorCode::IllegalGeneration => Some(Verdict::Lost { keep_id: true }),
        ErrorCode::FencedInstanceId | ErrorCode::GroupAuthorizationFailed => {
            Some(Verdict::Fatal(ClientFault::refused(error)))
        }
        _ => None,
    }
}

impl News {
    fn new() -> News {
        let polled = Mutex::new(Instant::now());
        News { verdict: Mutex::default(), arrived: Notify::new(), polled }
    }

    fn verdict(&self) -> MutexGuard<'_, Option<Verdict>> {
        self.verdict.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn polled(&self) -> MutexGuard<'_, Instant> {
        self.polled.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn tell(&self, verdict: Verdict) {
        let mut told = self.verdict();
        // The worse news stays.
        if !matches!(*told, Some(Verdict::Lost { .. } | Verdict::Fatal(_))) {
            *told = Some(verdict);
        }
        self.arrived.notify_one();
    }

    fn told(&self) -> Option<Verdict> {
        self.verdict().clone()
    }
}

impl Membership {
    pub fn new(cluster: Cluster, options: Arc<GroupOptions>) -> Membership {
        let (identity, news) = (Arc::default(), Arc::new(News::new()));
        Membership { cluster, options, identity, news, place: Place::Outside, generation_id: -1 }
    }

    /// In a generation, and not thrown out of it yet.
    pub fn is_member(&self) -> bool {
        let is_over = matches!(self.news.told(), Some(Verdict::Lost { .. } | Verdict::Fatal(_)));
        matches!(self.place, Place::Stable(_)) && !is_over
    }

    /// `None` outside the group.
    pub fn member_id(&self) -> Option<String> {
        matches!(self.place, Place::Stable(_)).then(|| self.identity.get())
    }

    /// -1 outside the group.
    pub fn generation_id(&self) -> i32 {
        self.generation_id
    }

    /// The application is alive.
    pub fn polled(&self) {
        *self.news.polled() = Instant::now();
    }

    /// What it had is somebody else's.
    pub fn is_lost(&self) -> bool {
        matches!(self.news.told(), Some(Verdict::Lost { .. }))
    }

    /// Whether a round has to begin.
    ///
    /// # Errors
    /// What ends the membership for good.
    pub fn must_join(&self) -> Result<bool, ClientFault> {
        match (&self.place, self.news.told()) {
            (_, Some(Verdict::Fatal(fault))) => Err(fault),
            (Place::Joining(_), _) => Ok(false),
            (Place::Outside, _) => Ok(true),
            (Place::Stable(_), told) => Ok(told.is_some()),
        }
    }

    /// Makes this member join again.
    pub fn request_rejoin(&self) {
        self.news.tell(Verdict::Rejoin);
    }

    /// Begins a round, in the background.
    pub fn start(
        &mut self,
        topics: BTreeSet<String>,
        owned: BTreeSet<TopicPartition>,
        last: BTreeSet<TopicPartition>,
        creates_topics: bool,
    ) {
        // Late news of the old generation is no news of the new one.
        let old = std::mem::replace(&mut self.news, Arc::new(News::new()));
        if let Some(Verdict::Lost { keep_id }) = old.told() {
            self.generation_id = -1;
            if !keep_id {
                self.identity.set(String::new());
            }
        }
        let round = Round {
            cluster: self.cluster.clone(),
            options: self.options.clone(),
            identity: self.identity.clone(),
            topics,
            owned,
            last,
            generation_id: self.generation_id,
            creates_topics,
        };
        self.place = Place::Joining(AbortOnDrop(tokio::spawn(round.run())));
    }

    /// Waits until a round has ended, or until there is news that may make this member join again.
    ///
    /// # Errors
    /// [`ClientFault`] of a round: the next poll tries again, unless it is for good.
    pub async fn changed(&mut self) -> Result<Change, ClientFault> {
        let Place::Joining(round) = &mut self.place else {
            while matches!(self.must_join(), Ok(false)) {
                self.news.arrived.notified().await;
            }
            return Ok(Change::News);
        };
        let end = (&mut round.0).await;
        self.place = Place::Outside;
        let end = end.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let end = end.inspect_err(|fault| {
            // Only a fault that stays is remembered.
            if let Some(Verdict::Fatal(fault)) = fault.error_code().and_then(verdict) {
                self.news.tell(Verdict::Fatal(fault));
            }
        });
        let RoundEnd::Joined(joined) = end? else {
            self.generation_id = -1;
            return Ok(Change::Lost);
        };
        self.generation_id = joined.generation_id;
        self.polled();
        self.place = Place::Stable(AbortOnDrop(tokio::spawn(self.heartbeats())));
        Ok(Change::Joined(joined))
    }

    /// The task that shows that this member lives, until there is news.
    fn heartbeats(&self) -> impl Future<Output = ()> + Send + 'static {
        let request = HeartbeatRequest {
            group_id: self.options.group_id.clone(),
            generation_id: self.generation_id,
            member_id: self.identity.get(),
            group_instance_id: self.options.group_instance_id.clone(),
        };
        let (cluster, news, options) = (self.cluster.clone(), self.news.clone(), self.options.clone());
        async move {
            let kind = CoordinatorType::Group;
            loop {
                tokio::time::sleep(options.heartbeat_interval).await;
                let is_stuck = news.polled().elapsed() > options.rebalance_timeout;
                if is_stuck {
                    news.tell(Verdict::Lost { keep_id: false });
                    if options.group_instance_id.is_none() {
                        // Without an answer the session runs out instead.
                        let _ = leave(&cluster, &options.group_id, request.member_id).await;
                    }
                    return;
                }
                let asked = match cluster.coordinator(kind, &request.group_id).await {
                    Ok(coordinator) => coordinator.call(&request).await,
                    Err(fault) => Err(fault),
                };
                let answer =
                    cluster.watch_coordinator(kind, &request.group_id, asked, |answer| answer.error_code);
                // No answer is no news: the session has its own end, and the group will say so.
                let told = answer.ok().and_then(|answer| verdict(ErrorCode::from_code(answer.error_code)));
                if let Some(told) = told {
                    return news.tell(told);
                }
            }
        }
    }

    /// Commits as this member.
    ///
    /// # Errors
    /// [`ClientFault`] of the first partition that has one.
    pub async fn commit(&self, offsets: &BTreeMap<TopicPartition, Committed>) -> Result<(), ClientFault> {
        let member_id = self.identity.get();
        let committer = Committer {
            group_id: &self.options.group_id,
            generation_id: self.generation_id,
            member_id: &member_id,
            group_instance_id: self.options.group_instance_id.as_deref(),
        };
        for (_, error) in commits::commit(&self.cluster, committer, offsets).await? {
            if error != ErrorCode::None {
                if let Some(told) = verdict(error) {
                    self.news.tell(told);
                }
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
        let (cluster, group_id) = (&self.cluster, &self.options.group_id);
        cluster.retry(|| async { commits::fetch(cluster, group_id, Some(partitions), true).await }).await
    }

    /// Leaves at once. A static member just stops.
    ///
    /// # Errors
    /// [`ClientFault`]: the session will run out instead.
    pub async fn leave(&mut self) -> Result<(), ClientFault> {
        self.place = Place::Outside;
        self.generation_id = -1;
        let member_id = self.identity.get();
        self.identity.set(String::new());
        if member_id.is_empty() || self.options.group_instance_id.is_some() {
            return Ok(());
        }
        leave(&self.cluster, &self.options.group_id, member_id).await
    }
}

async fn leave(cluster: &Cluster, group_id: &str, member_id: String) -> Result<(), ClientFault> {
    let coordinator = cluster.coordinator(CoordinatorType::Group, group_id).await?;
    let is_batched = coordinator.ranges().serves(ApiKey::LeaveGroup, FIRST_BATCHED_LEAVE);
    let identity = MemberIdentity { member_id: member_id.clone(), ..MemberIdentity::default() };
    let request = LeaveGroupRequest {
        group_id: group_id.to_owned(),
        member_id: if is_batched { String::new() } else { member_id },
        members: if is_batched { vec![identity] } else { Vec::new() },
    };
    let answer = coordinator.call(&request).await?;
    ClientFault::check(answer.error_code, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_news_stays() {
        let news = News::new();
        news.tell(Verdict::Rejoin);
        assert!(matches!(news.told(), Some(Verdict::Rejoin)));
        news.tell(Verdict::Lost { keep_id: true });
        news.tell(Verdict::Rejoin);
        assert!(matches!(news.told(), Some(Verdict::Lost { keep_id: true })));
    }

    #[test]
    fn what_codes_mean_to_a_member() {
        assert!(matches!(verdict(ErrorCode::RebalanceInProgress), Some(Verdict::Rejoin)));
        assert!(matches!(verdict(ErrorCode::UnknownMemberId), Some(Verdict::Lost { keep_id: false })));
        assert!(matches!(verdict(ErrorCode::IllegalGeneration), Some(Verdict::Lost { keep_id: true })));
        assert!(matches!(verdict(ErrorCode::FencedInstanceId), Some(Verdict::Fatal(_))));
        for nothing in [ErrorCode::None, ErrorCode::NotCoordinator, ErrorCode::RequestTimedOut] {
            assert!(verdict(nothing).is_none());
        }
    }
}
