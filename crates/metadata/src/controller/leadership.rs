//! New leaders and ISRs when a broker comes, goes or leaves in good order. Kafka:
//! `ReplicationControlManager.generateLeaderAndIsrUpdates`.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::Uuid;

use super::partition_change::{Election, PartitionChange};
use super::view::View;
use crate::image::{PartitionRegistration, TopicImage};
use crate::record::VersionedRecord;

/// Which broker's state changes with the records being made, so that the image does not show it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BrokerChange {
    /// It is fenced, leaves or was shut down: out of every ISR, leads nothing.
    Leaves(i32),
    /// It is unfenced: may lead what has no leader.
    Comes(i32),
    /// It was killed and may lack records it acknowledged: not even eligible.
    LostUnsynced(i32),
}

impl BrokerChange {
    fn is_acceptable_leader(self, broker: i32, view: &View<'_>) -> bool {
        match self {
            BrokerChange::Leaves(gone) | BrokerChange::LostUnsynced(gone) if gone == broker => false,
            BrokerChange::Comes(new) if new == broker => true,
            _ => view.image.cluster.is_active(broker),
        }
    }

    fn leaves_isr(self, broker: i32) -> bool {
        match self {
            BrokerChange::Leaves(gone) | BrokerChange::LostUnsynced(gone) => gone == broker,
            BrokerChange::Comes(_) => false,
        }
    }
}

/// Appends a record for each partition that `affected` picks and that changes.
pub(super) fn update(
    view: &View<'_>,
    change: BrokerChange,
    affected: impl Fn(&PartitionRegistration) -> bool,
    records: &mut Vec<VersionedRecord>,
) {
    for topic in view.image.topics.iter() {
        update_topic(view, change, topic, |_, partition| affected(partition), records);
    }
}

/// The same for the named partitions.
pub(super) fn update_named(
    view: &View<'_>,
    change: BrokerChange,
    named: &BTreeMap<Uuid, BTreeSet<i32>>,
    records: &mut Vec<VersionedRecord>,
) {
    for (&topic_id, partitions) in named {
        if let Some(topic) = view.image.topics.by_id(topic_id) {
            update_topic(view, change, topic, |id, _| partitions.contains(&id), records);
        }
    }
}

fn update_topic(
    view: &View<'_>,
    change: BrokerChange,
    topic: &TopicImage,
    affected: impl Fn(i32, &PartitionRegistration) -> bool,
    records: &mut Vec<VersionedRecord>,
) {
    let mut partitions = topic.partitions().filter(|(id, partition)| affected(*id, partition)).peekable();
    if partitions.peek().is_none() {
        return;
    }
    let config = view.topic_config(&topic.name);
    let election = match config.unclean_leader_election_enable {
        true => Election::Unclean,
        false => Election::Online,
    };
    for (partition_id, partition) in partitions {
        let target_isr = partition.isr.iter().copied().filter(|&id| !change.leaves_isr(id)).collect();
        let record = PartitionChange {
            partition,
            topic_id: topic.id,
            partition_id,
            options: view.options(),
            min_isr: view.effective_min_isr(&config, topic),
            election,
            target_isr,
            unclean_shutdown: match change {
                BrokerChange::LostUnsynced(broker) => Some(broker),
                _ => None,
            },
            assigned: None,
            target: None,
            is_acceptable_leader: &|broker| {
                change.is_acceptable_leader(broker, view) && view.has_online_replica(broker, partition)
            },
            default_directory: &|broker| view.default_directory(broker),
        }
        .build();
        records.extend(record);
    }
}

/// The record of a change that is no broker's fault: from the partition as it is, with what `adjust` asks
/// for. `None` if nothing changes.
pub(super) fn change(
    view: &View<'_>,
    topic: &TopicImage,
    (partition_id, partition): (i32, &PartitionRegistration),
    adjust: impl FnOnce(&mut PartitionChange<'_>),
) -> Option<VersionedRecord> {
    let is_acceptable_leader =
        |id: i32| view.image.cluster.is_active(id) && view.has_online_replica(id, partition);
    let default_directory = |id: i32| view.default_directory(id);
    let mut change = PartitionChange {
        partition,
        topic_id: topic.id,
        partition_id,
        options: view.options(),
        min_isr: view.effective_min_isr(&view.topic_config(&topic.name), topic),
        election: Election::Online,
        target_isr: partition.isr.clone(),
        unclean_shutdown: None,
        assigned: None,
        target: None,
        is_acceptable_leader: &is_acceptable_leader,
        default_directory: &default_directory,
    };
    adjust(&mut change);
    change.build()
}
