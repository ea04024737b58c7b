//! Consumers that share the partitions of their topics: members of a classic group
//! (Kafka: `ClassicKafkaConsumer`, `ConsumerCoordinator`).
//!
//! | State | Event | Next |
//! |---|---|---|
//! | outside | poll | joining |
//! | joining | the round ends in a generation | stable, with the partitions that it was given |
//! | stable | members come or go | joining; an eager member commits and gives up everything first, a cooperative one goes on reading what it has |
//! | stable, cooperative | given less than it had | commits and gives up the rest, then joining once more, so that others get it |
//! | stable | partitions of its topics come or go (the leader), other topics match (everybody) | joining |
//! | stable, joining | thrown out | joining; its partitions are given up without a commit |
//! | any | close | outside |
//!
//! - [`assignor`]: who gets what; [`words`]: what members and leaders say
//! - [`round`]: one JoinGroup and SyncGroup; [`membership`]: what comes before and after it
//! - [`commits`]: offsets of the group; [`watch`]: changes of topics

pub mod assignor;
pub mod commits;
mod membership;
mod round;
mod watch;
pub mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use klamm_base::TopicPartition;
use tokio::time::Instant;

pub use assignor::Assignor;
pub use commits::Committed;
pub use watch::Subscription;

use crate::consumer::{ConsumedRecord, StartAt};
use crate::{ClientFault, Consumer};
use membership::{Change, Membership};
use round::Joined;
use watch::Watch;

/// What members of consumer groups call their protocol.
const PROTOCOL_TYPE: &str = "consumer";

/// How a member behaves. Defaults are those of Kafka's consumer.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    pub group_id: String,
    /// A name that outlives restarts (KIP-345).
    pub group_instance_id: Option<String>,
    pub session_timeout: Duration,
    /// How long the others wait for this member when they join again, and how long it may go without a poll
    /// (Kafka: `max.poll.interval.ms`).
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
            assignors: vec![Assignor::Range, Assignor::CooperativeSticky],
            exclude_internal_topics: true,
            rack: None,
        }
    }
}

/// A consumer that is a member of a group.
pub struct GroupConsumer {
    consumer: Consumer,
    membership: Membership,
    watch: Watch,
    is_cooperative: bool,
    auto_commit_interval: Option<Duration>,
    next_commit: Instant,
    /// Offsets below this are known to the group.
    committed: BTreeMap<TopicPartition, i64>,
    /// What a generation has given and is not read yet; it stays when a poll is given up on the way.
    given: Option<Joined>,
    /// What it was given last, given up or not.
    last: BTreeSet<TopicPartition>,
}

impl GroupConsumer {
    pub fn new(consumer: Consumer, options: GroupOptions, subscription: Subscription) -> GroupConsumer {
        let auto_commit_interval = options.auto_commit_interval;
        let cluster = consumer.cluster().clone();
        GroupConsumer {
            is_cooperative: Assignor::are_cooperative(&options.assignors),
            watch: Watch::new(subscription, options.exclude_internal_topics),
            membership: Membership::new(cluster, Arc::new(options)),
            consumer,
            auto_commit_interval,
            next_commit: Instant::now() + auto_commit_interval.unwrap_or_default(),
            committed: BTreeMap::new(),
            given: None,
            last: BTreeSet::new(),
        }
    }

    /// The partitions that this member reads.
    pub fn assignment(&self) -> BTreeSet<TopicPartition> {
        self.consumer.positions().into_keys().collect()
    }

    /// `None` outside the group, and while joining.
    pub fn member_id(&self) -> Option<String> {
        self.membership.member_id()
    }

    /// -1 outside the group.
    pub fn generation_id(&self) -> i32 {
        self.membership.generation_id()
    }

    /// Takes part in the group's life, and returns records that are there, or the first that arrive before `timeout`.
    ///
    /// # Errors
    /// [`ClientFault`] that does not pass by itself.
    pub async fn poll(&mut self, timeout: Duration) -> Result<VecDeque<ConsumedRecord>, ClientFault> {
        let deadline = Instant::now() + timeout;
        loop {
            match self.prepare().await {
                Ok(()) => {}
                Err(fault) if !fault.is_retriable() => return Err(fault),
                Err(_) if Instant::now() >= deadline => return Ok(VecDeque::new()),
                Err(_) => {
                    tokio::time::sleep(self.consumer.cluster().options().retry_backoff).await;
                    continue;
                }
            }
            let left = self.until_something_is_due(deadline).saturating_duration_since(Instant::now());
            tokio::select! {
                biased;
                change = self.membership.changed() => match change {
                    Ok(Change::Joined(joined)) => self.given = Some(joined),
                    Ok(Change::Lost) => self.give_up_all(),
                    Ok(Change::News) => {}
                    // The next round begins at once; this one has been patient.
                    Err(fault) if fault.is_retriable() => {}
                    Err(fault) => return Err(fault),
                },
                records = self.consumer.poll(left) => {
                    let records = records?;
                    if !records.is_empty() || Instant::now() >= deadline {
                        return Ok(records);
                    }
                }
            }
        }
    }

    /// What has to be done before records are waited for.
    async fn prepare(&mut self) -> Result<(), ClientFault> {
        self.membership.polled();
        if self.membership.is_lost() {
            self.give_up_all();
        }
        if let Some(given) = self.given.clone() {
            self.take(given).await?;
            self.given = None;
        }
        if self.membership.must_join()? {
            self.begin_joining().await?;
        }
        self.commit_when_due().await?;
        self.look_when_due().await
    }

    fn until_something_is_due(&self, deadline: Instant) -> Instant {
        let mut until = deadline;
        if self.auto_commit_interval.is_some() && self.membership.is_member() {
            until = until.min(self.next_commit);
        }
        if self.membership.is_member() {
            until = until.min(self.watch.next_look());
        }
        until
    }

    /// Commits, gives up what has to be, and lets a round begin.
    async fn begin_joining(&mut self) -> Result<(), ClientFault> {
        if self.membership.is_member() && self.auto_commit_interval.is_some() {
            // The next owner begins a little earlier when this fails.
            let _ = self.commit().await;
        }
        if !self.is_cooperative {
            self.give_up_all();
        }
        let topics = self.watch.topics(self.consumer.cluster()).await?;
        let owned = self.assignment();
        self.membership.start(topics, owned, self.last.clone(), self.consumer.creates_topics());
        Ok(())
    }

    fn give_up_all(&mut self) {
        self.given = None;
        self.consumer.assign([]);
        self.committed.clear();
    }

    /// Reads what the generation has given, from where the group has come to. What stays goes on where it is.
    async fn take(&mut self, joined: Joined) -> Result<(), ClientFault> {
        let owned = self.assignment();
        self.watch.joined(joined.shared, self.consumer.cluster().options());
        if owned.difference(&joined.partitions).next().is_some() {
            if self.auto_commit_interval.is_some() {
                let _ = self.commit().await;
            }
            // Others get it once this member has said that it is free.
            self.membership.request_rejoin();
        }
        let added: BTreeSet<TopicPartition> = joined.partitions.difference(&owned).cloned().collect();
        let committed = self.membership.committed(&added).await?;
        let starts = joined.partitions.iter().map(|partition| {
            let start = match (committed.get(partition), self.consumer.reset()) {
                (Some(committed), _) => StartAt::Offset(committed.offset),
                (None, Some(reset)) => StartAt::Spec(reset),
                // Those that stay are not asked for.
                (None, None) if owned.contains(partition) => StartAt::Offset(0),
                (None, None) => return Err(ClientFault::refused(klamm_base::ErrorCode::OffsetOutOfRange)),
            };
            Ok((partition.clone(), start))
        });
        let starts = starts.collect::<Result<Vec<_>, ClientFault>>()?;
        self.committed.retain(|partition, _| joined.partitions.contains(partition));
        self.committed.extend(committed.into_iter().map(|(partition, at)| (partition, at.offset)));
        self.consumer.assign(starts);
        self.last = joined.partitions;
        Ok(())
    }

    /// Joins again when the topics are not what they were.
    async fn look_when_due(&mut self) -> Result<(), ClientFault> {
        if !self.membership.is_member() || Instant::now() < self.watch.next_look() {
            return Ok(());
        }
        match self.watch.has_changed(self.consumer.cluster(), self.consumer.creates_topics()).await {
            Ok(true) => self.membership.request_rejoin(),
            Ok(false) => {}
            Err(fault) if fault.is_retriable() => {}
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Goes to another place of one of its partitions; what was read of it and not handed out is forgotten.
    pub fn seek(&mut self, partition: &TopicPartition, to: StartAt) {
        self.consumer.seek(partition, to);
    }

    async fn commit_when_due(&mut self) -> Result<(), ClientFault> {
        let Some(interval) = self.auto_commit_interval else { return Ok(()) };
        if !self.membership.is_member() || Instant::now() < self.next_commit {
            return Ok(());
        }
        self.next_commit = Instant::now() + interval;
        match self.commit().await {
            Err(fault) if !fault.is_retriable() && !self.membership.must_join()? => Err(fault),
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
            let leader_epoch = self.consumer.leader_epoch(&partition).unwrap_or(-1);
            offsets.insert(partition, Committed { offset, leader_epoch, metadata: String::new() });
        }
        self.commit_offsets(offsets).await
    }

    /// Tells the group these offsets, each that of the next record to be read.
    ///
    /// # Errors
    /// As [`GroupConsumer::commit`].
    pub async fn commit_offsets(
        &mut self,
        mut offsets: BTreeMap<TopicPartition, Committed>,
    ) -> Result<(), ClientFault> {
        offsets.retain(|partition, at| {
            self.committed.get(partition) != Some(&at.offset) || !at.metadata.is_empty()
        });
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
