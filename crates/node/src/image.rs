//! The committed metadata image as requests see it (Kafka: `KRaftMetadataCache`).

#[cfg(test)]
pub mod example;

use std::ops::Deref;
use std::sync::Arc;

use klamm_base::owned::RwLock;
use klamm_base::rng::Rng;
use klamm_base::{ErrorCode, Uuid};
use klamm_metadata::MetadataImage;
use klamm_metadata::image::{BrokerRegistration, PartitionRegistration, TopicImage};

/// Holds the newest published image. Readers take a reference once per request.
pub struct ImageCell(RwLock<Arc<MetadataImage>>);

/// One image, and what requests ask it.
#[derive(Clone)]
pub struct ImageView(Arc<MetadataImage>);

/// Where to find a partition's leader (KIP-951).
pub struct CurrentLeader {
    /// -1: nobody leads.
    pub leader_id: i32,
    /// -1: unknown partition.
    pub leader_epoch: i32,
    /// Host, port and rack on the asked listener, if the leader is alive and has it.
    pub endpoint: Option<(String, i32, Option<String>)>,
}

/// A partition as a client on some listener sees it.
pub struct PartitionView {
    pub error: ErrorCode,
    pub leader_id: i32,
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
    pub offline: Vec<i32>,
}

impl ImageCell {
    pub fn new(image: Arc<MetadataImage>) -> ImageCell {
        ImageCell(RwLock::new(image))
    }

    pub fn get(&self) -> ImageView {
        ImageView(self.0.read().clone())
    }

    /// Makes a newer image visible.
    pub fn publish(&self, image: Arc<MetadataImage>) {
        *self.0.write() = image;
    }
}

impl Deref for ImageView {
    type Target = MetadataImage;

    fn deref(&self) -> &MetadataImage {
        &self.0
    }
}

impl ImageView {
    /// The topic's id, zero if there is no such topic.
    pub fn topic_id(&self, name: &str) -> Uuid {
        self.topics.id(name).unwrap_or(Uuid::ZERO)
    }

    /// What to answer for a partition that is not on this broker. `topic_id` is given where the request names
    /// topics by id.
    pub fn why_not_here(&self, topic_id: Option<Uuid>, name: &str, partition: i32) -> ErrorCode {
        let topic = match topic_id {
            Some(id) => self.topics.by_id(id),
            None => self.topics.by_name(name),
        };
        match (topic, topic_id) {
            (None, Some(_)) => ErrorCode::UnknownTopicId,
            (None, None) => ErrorCode::UnknownTopicOrPartition,
            (Some(topic), _) if topic.partition(partition).is_none() => ErrorCode::UnknownTopicOrPartition,
            (Some(_), _) => ErrorCode::NotLeaderOrFollower,
        }
    }

    pub fn current_leader(&self, topic_id: Uuid, partition: i32, listener: &str) -> CurrentLeader {
        let Some(partition) = self.topics.partition(topic_id, partition) else {
            return CurrentLeader { leader_id: -1, leader_epoch: -1, endpoint: None };
        };
        let leader = self.cluster.broker(partition.leader).filter(|broker| !broker.fenced);
        let endpoint = leader.and_then(|broker| endpoint(broker, listener)).map(|(host, port)| {
            let rack = leader.and_then(|broker| broker.rack.clone());
            (host.to_owned(), port, rack)
        });
        CurrentLeader { leader_id: partition.leader, leader_epoch: partition.leader_epoch, endpoint }
    }

    /// A partition for Metadata and DescribeTopicPartitions. `only_alive` leaves out replicas that are not
    /// reachable and says so by an error, as version 0 of Metadata wants it; `listener_error` is told when the
    /// leader does not have the listener.
    pub fn partition_view(
        &self,
        partition: &PartitionRegistration,
        listener: &str,
        only_alive: bool,
        listener_error: ErrorCode,
    ) -> PartitionView {
        let is_alive = |id: &i32| {
            self.cluster.broker(*id).is_some_and(|b| !b.fenced && b.listeners.contains_key(listener))
        };
        let shown = |ids: &[i32]| -> Vec<i32> {
            ids.iter().copied().filter(|id| !only_alive || is_alive(id)).collect()
        };
        let (replicas, isr) = (shown(&partition.replicas), shown(&partition.isr));
        let leader = self.cluster.broker(partition.leader);
        let has_listener = leader.is_some_and(|broker| broker.listeners.contains_key(listener));
        let error = match leader {
            None => ErrorCode::LeaderNotAvailable,
            Some(_) if !has_listener => listener_error,
            Some(_) if replicas.len() < partition.replicas.len() || isr.len() < partition.isr.len() => {
                ErrorCode::ReplicaNotAvailable
            }
            Some(_) => ErrorCode::None,
        };
        let offline = partition
            .replicas
            .iter()
            .copied()
            .filter(|id| !is_alive(id) || self.is_disk_gone(partition, *id));
        PartitionView {
            error,
            leader_id: if has_listener { partition.leader } else { -1 },
            offline: offline.collect(),
            replicas,
            isr,
        }
    }

    /// Unfenced brokers that have the listener, with the address on it.
    pub fn alive_brokers<'a>(
        &'a self,
        listener: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<BrokerRegistration>, &'a str, i32)> {
        self.brokers(listener).filter(|(broker, ..)| !broker.fenced)
    }

    /// All registered brokers that have the listener, with the address on it.
    pub fn brokers<'a>(
        &'a self,
        listener: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<BrokerRegistration>, &'a str, i32)> {
        self.cluster
            .brokers()
            .filter_map(move |broker| endpoint(broker, listener).map(|(host, port)| (broker, host, port)))
    }

    /// What clients are told as the controller: any live broker will do, it forwards. Another one each time, so that
    /// the load is spread.
    pub fn random_alive_broker(&self, rng: &mut dyn Rng) -> i32 {
        let alive: Vec<i32> = self.cluster.alive_brokers().map(|broker| broker.id).collect();
        match alive[..] {
            [] => -1,
            [only] => only,
            _ => alive[rng.below(alive.len() as u64) as usize],
        }
    }

    pub fn topic(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.topics.by_name(name)
    }

    fn is_disk_gone(&self, partition: &PartitionRegistration, broker: i32) -> bool {
        let registration = self.cluster.broker(broker);
        let directory = partition.directory(broker);
        !registration.zip(directory).is_some_and(|(broker, directory)| broker.has_online_directory(directory))
    }
}

fn endpoint<'a>(broker: &'a BrokerRegistration, listener: &str) -> Option<(&'a str, i32)> {
    broker.listeners.get(listener).map(|endpoint| (endpoint.host.as_str(), i32::from(endpoint.port)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use example::{MIXED, WELL};
    use klamm_base::rng::SeededRng;

    #[test]
    fn the_controller_told_is_any_live_broker() {
        let mut rng = SeededRng::new(1);
        let mut told: Vec<i32> = (0..50).map(|_| example::cluster().random_alive_broker(&mut rng)).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told, [1, 2]);
        assert_eq!(ImageView(Arc::default()).random_alive_broker(&mut rng), -1);
    }

    #[test]
    fn leaders_have_an_address_while_they_are_alive_and_on_the_listener() {
        let image = example::cluster();
        let leader = |topic_id, partition, listener| {
            let leader = image.current_leader(topic_id, partition, listener);
            (leader.leader_id, leader.leader_epoch, leader.endpoint.map(|(host, port, _)| (host, port)))
        };
        assert_eq!(leader(WELL, 0, "PLAINTEXT"), (1, 10, Some(("host1".to_owned(), 9092))));
        assert_eq!(leader(MIXED, 1, "PLAINTEXT"), (2, 11, None));
        assert_eq!(leader(MIXED, 1, "INTERNAL"), (2, 11, Some(("host2".to_owned(), 9193))));
        assert_eq!(leader(MIXED, 2, "PLAINTEXT"), (3, 12, None));
        assert_eq!(leader(MIXED, 4, "PLAINTEXT"), (-1, 14, None));
        assert_eq!(leader(MIXED, 6, "PLAINTEXT"), (-1, -1, None));
        assert_eq!(leader(Uuid([1; 16]), 0, "PLAINTEXT"), (-1, -1, None));
    }

    #[test]
    fn why_a_partition_is_not_here() {
        let image = example::cluster();
        let unknown = Uuid([1; 16]);
        assert_eq!(image.why_not_here(None, "well", 0), ErrorCode::NotLeaderOrFollower);
        assert_eq!(image.why_not_here(None, "well", 1), ErrorCode::UnknownTopicOrPartition);
        assert_eq!(image.why_not_here(None, "unknown", 0), ErrorCode::UnknownTopicOrPartition);
        assert_eq!(image.why_not_here(Some(WELL), "", 0), ErrorCode::NotLeaderOrFollower);
        assert_eq!(image.why_not_here(Some(WELL), "", 1), ErrorCode::UnknownTopicOrPartition);
        assert_eq!(image.why_not_here(Some(unknown), "well", 0), ErrorCode::UnknownTopicId);
    }
}
