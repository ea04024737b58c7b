//! Consumers that share the partitions of their topics: members of a classic group
//! (Kafka: `ClassicKafkaConsumer`, `ConsumerCoordinator`).
//!
//! | State | Event | Next |
//! |---|---|---|
//! | outside | poll | joining |
//! | joining | answered, assignment there | stable |
//! | stable | heartbeat says that members come or go | joining, after committing and giving up its partitions |
//! | stable | thrown out (session over, generation gone) | outside; its partitions are given up without a commit |
//! | any | leave | outside |
//!
//! Rebalances are eager: a member gives up everything before it joins again.
//!
//! - [`assignor`]: who gets what
//! - [`membership`]: joining, heartbeats, leaving
//! - [`commits`]: offsets of the group

pub mod assignor;
pub mod commits;
mod membership;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use klamm_base::TopicPartition;
use klamm_wire::MetadataRequest;
use tokio::time::Instant;

pub use assignor::Assignor;
pub use commits::Committed;

use crate::consumer::{ConsumedRecord, StartAt};
use crate::{ClientFault, Consumer};
use membership::Membership;

/// How a member behaves. Defaults are those of Kafka's consumer.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    pub group_id: String,
    /// A name that outlives restarts (KIP-345).
    pub group_instance_id: Option<String>,
    pub session_timeout: Duration,
    /// How long the others wait for this member when they join again (Kafka: `max.poll.interval.ms`).
    pub rebalance_timeout: Duration,
    pub heartbeat_interval: Duration,
    /// `None`: only [`GroupConsumer::commit`] commits.
    pub auto_commit_interval: Option<Duration>,
    /// In order of preference.
    pub assignors: Vec<Assignor>,
    /// A pattern does not match topics of the cluster's own.
    pub exclude_internal_topics: bool,
    /// Where this member stands, for the assignors (KIP-881).
    pub rack: Option<String>,
}

impl GroupOptions {
    pub fn new(group_id: impl Into<String>) -> GroupOptions {
        GroupOptions {
            group_id: group_id.into(),
            group_instance_id: None,
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(300),
            heartbeat_interval: Duration::from_secs(3),
            auto_commit_interval: Some(Duration::from_secs(5)),
            assignors: vec![Assignor::Range],
            exclude_internal_topics: true,
            rack: None,
        }
    }
}

/// Which topics a member wants.
pub enum Subscription {
    Topics(BTreeSet<String>),
    /// Every topic whose name it accepts, looked for with each join.
    Matching(Box<dyn Fn(&str) -> bool + Send + Sync>),
}

/// A consumer that is a member of a group.
pub struct GroupConsumer {
    consumer: Consumer,
    membership: Membership,
    subscription: Subscription,
    exclude_internal_topics: bool,
    auto_commit_interval: Option<Duration>,
    next_commit: Instant,
    /// Offsets below this are known to the group.
    committed: BTreeMap<TopicPartition, i64>,
}

impl GroupConsumer {
    pub fn new(consumer: Consumer, options: GroupOptions, subscription: Subscription) -> GroupConsumer {
        let auto_commit_interval = options.auto_commit_interval;
        GroupConsumer {
            exclude_internal_topics: options.exclude_internal_topics,
            membership: Membership::new(consumer.cluster().clone(), options),
            consumer,
            subscription,
            auto_commit_interval,
            next_commit: Instant::now() + auto_commit_interval.unwrap_or_default(),
            committed: BTreeMap::new(),
        }
    }

    /// The partitions that this member reads.
    pub fn assignment(&self) -> BTreeSet<TopicPartition> {
        self.consumer.positions().into_keys().collect()
    }

    /// `None` outside the group.
    pub fn member_id(&self) -> Option<&str> {
        self.membership.member_id()
    }

    /// Takes part in the group's life, and returns records that are there, or the first that arrive before `timeout`.
    ///
    /// # Errors
    /// [`ClientFault`] that does not pass by itself.
    pub async fn poll(&mut self, timeout: Duration) -> Result<VecDeque<ConsumedRecord>, ClientFault> {
        let deadline = Instant::now() + timeout;
        loop {
            if self.membership.must_join() {
                self.rejoin().await?;
            }
            self.commit_when_due().await?;
            let left = deadline.saturating_duration_since(Instant::now());
            let left = match self.auto_commit_interval {
                Some(_) => left.min(self.next_commit.saturating_duration_since(Instant::now())),
                None => left,
            };
            tokio::select! {
                records = self.consumer.poll(left) => {
                    let records = records?;
                    if !records.is_empty() || Instant::now() >= deadline {
                        return Ok(records);
                    }
                }
                () = self.membership.disturbed() => {}
            }
        }
    }

    /// Gives up what it has, takes part in the next generation, and reads what that gives it.
    async fn rejoin(&mut self) -> Result<(), ClientFault> {
        if self.membership.is_member() && self.auto_commit_interval.is_some() {
            // The next owner begins a little earlier when this fails.
            let _ = self.commit().await;
        }
        self.consumer.assign([]);
        self.committed.clear();
        let topics = self.topics().await?;
        let assigned = self.membership.join(&topics).await?;
        let committed = self.membership.committed(&assigned).await?;
        let starts = assigned.into_iter().map(|partition| {
            let start = match (committed.get(&partition), self.consumer.reset()) {
                (Some(committed), _) => StartAt::Offset(committed.offset),
                (None, Some(reset)) => StartAt::Spec(reset),
                (None, None) => return Err(ClientFault::refused(klamm_base::ErrorCode::OffsetOutOfRange)),
            };
            Ok((partition, start))
        });
        let starts = starts.collect::<Result<Vec<_>, ClientFault>>()?;
        self.committed = committed.into_iter().map(|(partition, at)| (partition, at.offset)).collect();
        self.consumer.assign(starts);
        Ok(())
    }

    /// Goes to another place of one of its partitions; what was read of it and not handed out is forgotten.
    pub fn seek(&mut self, partition: &TopicPartition, to: StartAt) {
        self.consumer.seek(partition, to);
    }

    async fn topics(&self) -> Result<BTreeSet<String>, ClientFault> {
        match &self.subscription {
            Subscription::Topics(topics) => Ok(topics.clone()),
            Subscription::Matching(matches) => {
                let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
                let cluster = self.consumer.cluster();
                let told = cluster.retry(|| async { cluster.metadata(&all).await }).await?;
                let topics = told.topics.into_iter();
                let topics = topics.filter(|topic| !topic.is_internal || !self.exclude_internal_topics);
                let names = topics.filter_map(|topic| topic.name);
                Ok(names.filter(|name| matches(name)).collect())
            }
        }
    }

    async fn commit_when_due(&mut self) -> Result<(), ClientFault> {
        let Some(interval) = self.auto_commit_interval else { return Ok(()) };
        if Instant::now() < self.next_commit {
            return Ok(());
        }
        self.next_commit = Instant::now() + interval;
        match self.commit().await {
            Err(fault) if !fault.is_retriable() && !self.membership.must_join() => Err(fault),
            _ => Ok(()),
        }
    }

    /// Tells the group how far this member has come: behind everything that [`GroupConsumer::poll`] has handed out.
    ///
    /// # Errors
    /// [`ClientFault`]: REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION and UNKNOWN_MEMBER_ID when the partitions are not
    /// this member's any more.
    pub async fn commit(&mut self) -> Result<(), ClientFault> {
        let mut offsets = BTreeMap::new();
        for (partition, offset) in self.consumer.positions() {
            let Some(offset) = offset else { continue };
            if self.committed.get(&partition) != Some(&offset) {
                let leader_epoch = self.consumer.leader_epoch(&partition).unwrap_or(-1);
                let committed = Committed { offset, leader_epoch, metadata: String::new() };
                offsets.insert(partition, committed);
            }
        }
        if offsets.is_empty() {
            return Ok(());
        }
        self.membership.commit(&offsets).await?;
        self.committed.extend(offsets.into_iter().map(|(partition, at)| (partition, at.offset)));
        Ok(())
    }

    /// Commits, where that happens by itself, and leaves at once, so that the others need not wait. A static member
    /// (one with an instance id) stays, as it will be back.
    ///
    /// # Errors
    /// [`ClientFault`]: the group will notice by itself.
    pub async fn close(mut self) -> Result<(), ClientFault> {
        let committed = match self.auto_commit_interval {
            Some(_) if self.membership.is_member() => self.commit().await,
            _ => Ok(()),
        };
        self.membership.leave().await?;
        committed
    }
}
