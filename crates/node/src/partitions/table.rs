//! All partitions that live here, by topic id and by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use klamm_base::Uuid;
use klamm_base::owned::{Mutex, RwLock};
use klamm_records::Scratch;

use super::{Partition, ProducersBound, TopicCounts};

/// One topic's partitions that live here.
#[derive(Default)]
struct Topic {
    partitions: BTreeMap<i32, Arc<Partition>>,
}

#[derive(Default)]
struct Table {
    by_id: HashMap<Uuid, Topic>,
    id_by_name: HashMap<Arc<str>, Uuid>,
    /// What was counted of partitions that have left.
    removed: TopicCounts,
}

/// The table. Requests look up, the metadata publisher changes.
pub struct Partitions {
    table: RwLock<Table>,
    /// Codec states and buffers, borrowed by requests for the time of a validation.
    scratches: Mutex<Vec<Scratch>>,
    producers: ProducersBound,
}

impl Partitions {
    /// `producers_max`: producers that all partitions remember together.
    pub fn new(producers_max: usize) -> Partitions {
        let (table, scratches) = Default::default();
        Partitions { table, scratches, producers: ProducersBound::new(producers_max) }
    }

    pub fn by_id(&self, topic_id: Uuid, partition: i32) -> Option<Arc<Partition>> {
        self.table.read().by_id.get(&topic_id)?.partitions.get(&partition).cloned()
    }

    pub fn by_name(&self, topic: &str, partition: i32) -> Option<Arc<Partition>> {
        let table = self.table.read();
        let id = table.id_by_name.get(topic)?;
        table.by_id.get(id)?.partitions.get(&partition).cloned()
    }

    /// The partitions of a topic that live here.
    pub fn of_topic(&self, topic: &str) -> Vec<Arc<Partition>> {
        let table = self.table.read();
        let topic = table.id_by_name.get(topic).and_then(|id| table.by_id.get(id));
        topic.map(|topic| topic.partitions.values().cloned().collect()).unwrap_or_default()
    }

    /// All partitions, by topic id and number.
    pub fn all(&self) -> Vec<Arc<Partition>> {
        let table = self.table.read();
        let mut all: Vec<_> =
            table.by_id.values().flat_map(|topic| topic.partitions.values()).cloned().collect();
        all.sort_by_key(|partition| partition.id);
        all
    }

    pub fn insert(&self, partition: Arc<Partition>) {
        partition.count_producers_in(self.producers.tally());
        let mut table = self.table.write();
        table.id_by_name.insert(partition.topic.clone(), partition.topic_id());
        partition.directory.log_added();
        let topic = table.by_id.entry(partition.topic_id()).or_default();
        let replaced = topic.partitions.insert(partition.id.partition, partition);
        assert!(
            replaced.is_none(),
            "partition {} was there already",
            replaced.map_or(-1, |old| old.id.partition)
        );
    }

    /// Puts a partition that was opened again in the place of the one before.
    pub fn replace(&self, partition: Arc<Partition>) {
        partition.count_producers_in(self.producers.tally());
        let table = &mut *self.table.write();
        let topic = table.by_id.get_mut(&partition.topic_id());
        // Its topic may have been deleted meanwhile.
        if let Some(place) = topic.and_then(|topic| topic.partitions.get_mut(&partition.id.partition)) {
            table.removed.add(&place.counters.read());
            *place = partition;
        }
    }

    /// Takes all partitions of a topic out of the table.
    pub fn remove_topic(&self, topic_id: Uuid) -> Vec<Arc<Partition>> {
        let mut table = self.table.write();
        let Some(topic) = table.by_id.remove(&topic_id) else { return Vec::new() };
        if let Some(partition) = topic.partitions.values().next() {
            // The name may have been given to a new topic meanwhile.
            if table.id_by_name.get(&partition.topic) == Some(&topic_id) {
                table.id_by_name.remove(&partition.topic);
            }
        }
        for partition in topic.partitions.values() {
            partition.directory.log_removed();
            table.removed.add(&partition.counters.read());
        }
        topic.partitions.into_values().collect()
    }

    /// What was counted of partitions that are here no more.
    pub fn counts_of_removed(&self) -> TopicCounts {
        self.table.read().removed
    }

    /// Something was appended: when all partitions remember too many producers, some are forgotten. Called without any
    /// partition's lock.
    pub fn bound_producers(&self) {
        if self.producers.is_passed() {
            self.producers.enforce(&self.all());
        }
    }

    pub fn take_scratch(&self) -> Scratch {
        self.scratches.lock().pop().unwrap_or_default()
    }

    pub fn give_scratch(&self, scratch: Scratch) {
        self.scratches.lock().push(scratch);
    }
}
