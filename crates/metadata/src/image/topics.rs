//! Topics by id and by name with their partitions. Kafka: `TopicsImage`, `TopicImage`.

use std::sync::Arc;

use klamm_base::Uuid;

use super::{PartitionRegistration, SharedMap};
use crate::RecordOptions;
use crate::record::VersionedRecord;
use crate::records::{
    ClearElrRecord, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};
use crate::replay_fault::ReplayFault;
use crate::topic_name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicImage {
    pub name: Arc<str>,
    pub id: Uuid,
    partitions: SharedMap<i32, Arc<PartitionRegistration>>,
}

impl TopicImage {
    pub fn partition(&self, partition: i32) -> Option<&Arc<PartitionRegistration>> {
        self.partitions.get(&partition)
    }

    /// In order of their numbers.
    pub fn partitions(&self) -> impl Iterator<Item = (i32, &Arc<PartitionRegistration>)> {
        self.partitions.iter().map(|(&id, partition)| (id, partition))
    }

    /// Partitions from number `first` on, in order.
    pub fn partitions_from(&self, first: i32) -> impl Iterator<Item = (i32, &Arc<PartitionRegistration>)> {
        self.partitions.range(first..).map(|(&id, partition)| (id, partition))
    }

    pub fn num_partitions(&self) -> usize {
        self.partitions.size()
    }

    fn merge(&mut self, change: &PartitionChangeRecord) -> Result<(), ReplayFault> {
        let partition = self.partitions.get(&change.partition_id);
        let partition = partition
            .ok_or(ReplayFault::UnknownPartition { topic_id: self.id, partition: change.partition_id })?;
        let merged = partition.merge(change)?;
        self.partitions.insert_mut(change.partition_id, Arc::new(merged));
        Ok(())
    }

    /// The partitions whose ELR fields say something.
    fn with_elr(&self) -> Vec<i32> {
        let has_elr = |p: &PartitionRegistration| !(p.elr.is_empty() && p.last_known_elr.is_empty());
        self.partitions().filter(|(_, partition)| has_elr(partition)).map(|(id, _)| id).collect()
    }

    /// Empties the ELR fields of these partitions.
    fn clear_elr(&mut self, partitions: &[i32]) -> Result<(), ReplayFault> {
        for &partition_id in partitions {
            self.merge(&PartitionChangeRecord {
                topic_id: self.id,
                partition_id,
                eligible_leader_replicas: Some(Vec::new()),
                last_known_elr: Some(Vec::new()),
                ..Default::default()
            })?;
        }
        Ok(())
    }
}

/// All topics. A clone shares everything; a change copies a few nodes of the maps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicsImage {
    by_id: SharedMap<Uuid, Arc<TopicImage>>,
    id_by_name: SharedMap<Arc<str>, Uuid>,
    /// Names with a '.' or '_' by their form with '_' only: metrics cannot tell them apart. More
    /// than one name stems from versions that did not check (KAFKA-13743).
    colliding: SharedMap<Arc<str>, Vec<Arc<str>>>,
    /// Of all topics.
    partitions: usize,
}

impl TopicsImage {
    pub fn by_id(&self, id: Uuid) -> Option<&Arc<TopicImage>> {
        self.by_id.get(&id)
    }

    pub fn by_name(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.id_by_name.get(name).and_then(|id| self.by_id.get(id))
    }

    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.id_by_name.get(name).copied()
    }

    pub fn name(&self, id: Uuid) -> Option<&Arc<str>> {
        self.by_id.get(&id).map(|topic| &topic.name)
    }

    pub fn partition(&self, topic_id: Uuid, partition: i32) -> Option<&Arc<PartitionRegistration>> {
        self.by_id(topic_id).and_then(|topic| topic.partition(partition))
    }

    /// In order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.id_by_name.values().filter_map(|id| self.by_id.get(id))
    }

    /// Names from `first` on, in order.
    pub fn names_from<'a>(&'a self, first: &str) -> impl Iterator<Item = &'a Arc<str>> {
        let first: Arc<str> = first.into();
        self.id_by_name.range(first..).map(|(name, _)| name)
    }

    pub fn len(&self) -> usize {
        self.by_id.size()
    }

    /// Partitions of all topics.
    pub fn num_partitions(&self) -> usize {
        self.partitions
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// An existing topic whose name metrics would not tell from `name`.
    pub fn colliding_with(&self, name: &str) -> Option<&Arc<str>> {
        let unified = topic_name::unify_collision_chars(name);
        topic_name::has_collision_chars(name)
            .then(|| self.colliding.get(unified.as_str()).and_then(|names| names.first()))
            .flatten()
    }

    pub(crate) fn replay_topic(&mut self, record: &TopicRecord) -> Result<(), ReplayFault> {
        if let Some(existing) = self.id(&record.name) {
            let name = record.name.clone();
            return Err(ReplayFault::DuplicateTopic { name, existing, new: record.topic_id });
        }
        let name: Arc<str> = record.name.as_str().into();
        if topic_name::has_collision_chars(&name) {
            let unified: Arc<str> = topic_name::unify_collision_chars(&name).into();
            let mut names = self.colliding.get(&unified).cloned().unwrap_or_default();
            names.push(name.clone());
            self.colliding.insert_mut(unified, names);
        }
        self.id_by_name.insert_mut(name.clone(), record.topic_id);
        let topic = TopicImage { name, id: record.topic_id, partitions: SharedMap::new_sync() };
        self.by_id.insert_mut(record.topic_id, Arc::new(topic));
        Ok(())
    }

    pub(crate) fn replay_partition(&mut self, record: &PartitionRecord) -> Result<(), ReplayFault> {
        let partition = Arc::new(PartitionRegistration::from_record(record)?);
        let mut is_new = false;
        self.update(record.topic_id, |topic| {
            is_new = !topic.partitions.contains_key(&record.partition_id);
            topic.partitions.insert_mut(record.partition_id, partition);
            Ok(())
        })?;
        self.partitions += usize::from(is_new);
        Ok(())
    }

    pub(crate) fn replay_partition_change(
        &mut self,
        record: &PartitionChangeRecord,
    ) -> Result<(), ReplayFault> {
        self.update(record.topic_id, |topic| topic.merge(record))
    }

    /// Removes a topic and returns it, so that what hangs on its name can go too.
    pub(crate) fn replay_remove(
        &mut self,
        record: &RemoveTopicRecord,
    ) -> Result<Arc<TopicImage>, ReplayFault> {
        let unknown = ReplayFault::UnknownTopic { topic_id: record.topic_id };
        let topic = self.by_id.get(&record.topic_id).cloned().ok_or(unknown)?;
        self.by_id.remove_mut(&record.topic_id);
        self.partitions -= topic.num_partitions();
        self.id_by_name.remove_mut(&topic.name);
        let unified = topic_name::unify_collision_chars(&topic.name);
        if let Some(names) = self.colliding.get(unified.as_str()) {
            let left: Vec<Arc<str>> = names.iter().filter(|name| **name != topic.name).cloned().collect();
            if left.is_empty() {
                self.colliding.remove_mut(unified.as_str());
            } else {
                self.colliding.insert_mut(unified.into(), left);
            }
        }
        Ok(topic)
    }

    /// Empties the ELR of one topic, or of all when the name is empty; returns what changed.
    pub(crate) fn replay_clear_elr(
        &mut self,
        record: &ClearElrRecord,
    ) -> Result<Vec<(Uuid, i32)>, ReplayFault> {
        let ids: Vec<Uuid> = if record.topic_name.is_empty() {
            self.by_id.keys().copied().collect()
        } else {
            let id = self.id(&record.topic_name);
            vec![id.ok_or_else(|| ReplayFault::UnknownTopicName { name: record.topic_name.clone() })?]
        };
        let mut changed = Vec::new();
        for id in ids {
            let topic = self.by_id.get(&id).expect("the id was just read from the map");
            let partitions = topic.with_elr();
            if !partitions.is_empty() {
                self.update(id, |topic| topic.clear_elr(&partitions))?;
            }
            changed.extend(partitions.into_iter().map(|partition| (id, partition)));
        }
        Ok(changed)
    }

    /// The records that make this image from an empty one.
    pub(crate) fn write(&self, options: &RecordOptions, out: &mut impl FnMut(VersionedRecord)) {
        for topic in self.iter() {
            out(VersionedRecord::new(TopicRecord { name: topic.name.to_string(), topic_id: topic.id }, 0));
            for (partition_id, partition) in topic.partitions() {
                out(partition.to_record(topic.id, partition_id, options));
            }
        }
    }

    fn update(
        &mut self,
        topic_id: Uuid,
        change: impl FnOnce(&mut TopicImage) -> Result<(), ReplayFault>,
    ) -> Result<(), ReplayFault> {
        // In place as long as nobody holds an image with this topic in it.
        let topic = self.by_id.get_mut(&topic_id).ok_or(ReplayFault::UnknownTopic { topic_id })?;
        change(Arc::make_mut(topic))
    }
}
