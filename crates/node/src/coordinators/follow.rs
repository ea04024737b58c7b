//! What the image, the progress of logs and background turns do to the coordinators (Kafka:
//! `GroupCoordinatorService.onElection`, `onResignation`, `onMetadataUpdate`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use klamm_base::{Now, TopicPartition, Uuid};
use klamm_config::Settings;
use klamm_metadata::MetadataImage;
use klamm_records::Scratch;

use super::load::{LoadEnd, Loading, Tally};
use super::shard::{HostedShard, Turn};
use super::{GROUP_METADATA_TOPIC, GroupCoordinators, limits};
use crate::gather::Wakes;
use crate::image::ImageCell;
use crate::news::{News, NewsDesk};
use crate::partitions::{Partition, Partitions};

/// Logs to be read, and what has come of those before them.
#[derive(Default)]
pub struct ToLoad {
    queue: VecDeque<Arc<HostedShard>>,
    partitions: u64,
    records: u64,
    bytes: u64,
}

impl GroupCoordinators {
    /// Coordinates what this broker leads from now on, and nothing else. The partitions have followed the image.
    pub fn follow(&self, image: &ImageCell, node_id: i32, partitions: &Partitions, wakes: &mut Wakes) {
        let mut shards = self.shards.write();
        // Under the lock: whoever comes last goes by what is newest.
        let image = image.get();
        let led = led(&image, node_id, partitions);
        let count = image.topics.by_name(GROUP_METADATA_TOPIC).map_or(0, |topic| topic.partitions().count());
        let is_led = |hosted: &HostedShard| {
            let index = hosted.partition.id.partition;
            led.get(&index).is_some_and(|partition| Arc::ptr_eq(partition, &hosted.partition))
        };
        let gone: Vec<_> = shards.extract_if(.., |_, hosted| !is_led(hosted)).collect();
        if shards.is_empty() {
            self.partitions.store(i32::try_from(count).unwrap_or(0), Ordering::Release);
        }
        let mut new = Vec::new();
        for (index, partition) in led {
            shards.entry(index).or_insert_with(|| {
                let hosted = Arc::new(HostedShard::new(partition, self.taken.clone()));
                new.push(hosted.clone());
                hosted
            });
        }
        drop(shards);
        new.into_iter().for_each(|hosted| self.load_later(hosted));
        gone.into_iter().for_each(|(_, hosted)| hosted.give_up(wakes));
    }

    /// Topics are gone, by name and id: offsets of theirs go too, in a background turn.
    pub fn topics_deleted(&self, topics: &BTreeMap<String, Uuid>) {
        self.all().iter().for_each(|hosted| hosted.note_deleted_topics(topics));
        self.has_deleted.store(true, Ordering::Release);
    }

    /// The log of a partition has come further: what waited for it is answered, or loaded on.
    pub fn progressed(&self, partition: &Arc<Partition>, settings: &Settings, now: Now, wakes: &mut Wakes) {
        let hosted = self.shards.read().get(&partition.id.partition).cloned();
        let Some(hosted) = hosted.filter(|hosted| Arc::ptr_eq(&hosted.partition, partition)) else { return };
        hosted.high_watermark_moved(&Turn { settings, limits: &limits(settings), now }, wakes);
        self.note_due(&hosted);
        if hosted.is_loading() {
            self.load_later(hosted);
        }
    }

    /// True while [`GroupCoordinators::turn`] has something to do.
    pub fn has_work(&self) -> bool {
        self.has_load.load(Ordering::Acquire) || self.has_deleted.load(Ordering::Acquire)
    }

    /// Does one piece of slow work; false when there was none. Blocks on the disk.
    pub fn turn(&self, settings: &Settings, news: &NewsDesk, now: Now) -> bool {
        let mut wakes = Wakes::default();
        let turn = Turn { settings, limits: &limits(settings), now };
        let worked = self.load_turn(&turn, news, &mut wakes) || self.deletion_turn(&turn, &mut wakes);
        wakes.wake_all();
        worked
    }

    fn load_later(&self, hosted: Arc<HostedShard>) {
        let mut to_load = self.to_load.lock();
        to_load.queue.push_back(hosted);
        self.has_load.store(true, Ordering::Release);
    }

    /// Reads one slice of the log that was begun first.
    fn load_turn(&self, turn: &Turn<'_>, news: &NewsDesk, wakes: &mut Wakes) -> bool {
        let next = {
            let mut to_load = self.to_load.lock();
            let next = to_load.queue.pop_front();
            self.has_load.store(!to_load.queue.is_empty(), Ordering::Release);
            next
        };
        let Some(hosted) = next else { return false };
        let Some(mut loading) = hosted.take_loading() else { return true };
        let bytes_max = turn.settings.groups.offsets_load_buffer_bytes.max(1) as u32;
        match loading.slice(&hosted.partition, bytes_max, &mut Scratch::new(), turn.now) {
            LoadEnd::More => {
                hosted.put_loading(loading);
                self.load_first(hosted);
            }
            LoadEnd::Unwritten | LoadEnd::NotHere => hosted.put_loading(loading),
            LoadEnd::Complete => {
                let Loading { shard, position, tally } = *loading;
                hosted.activate(shard, position, turn, wakes);
                self.note_due(&hosted);
                let deleted = hosted.has_deleted_topics();
                self.has_deleted.fetch_or(deleted, Ordering::AcqRel);
                self.tell(&hosted, &tally, news);
            }
            LoadEnd::Unreadable(offset, why) => {
                hosted.give_up(wakes);
                news.add(News::GroupsUnreadable { partition: name(&hosted.partition), offset, why });
            }
        }
        true
    }

    /// The log that was begun is read on before the others.
    fn load_first(&self, hosted: Arc<HostedShard>) {
        let mut to_load = self.to_load.lock();
        to_load.queue.push_front(hosted);
        self.has_load.store(true, Ordering::Release);
    }

    /// What was left out is told at once, the rest when all that waited has been read.
    fn tell(&self, hosted: &HostedShard, tally: &Tally, news: &NewsDesk) {
        if let Some(first_offset) = tally.first_left_out {
            let partition = name(&hosted.partition);
            news.add(News::GroupRecordsLeftOut { partition, count: tally.left_out, first_offset });
        }
        let mut to_load = self.to_load.lock();
        to_load.partitions += u64::from(tally.records > 0);
        to_load.records += tally.records;
        to_load.bytes += tally.bytes;
        if to_load.queue.is_empty() && to_load.partitions > 0 {
            let ToLoad { partitions, records, bytes, .. } = std::mem::take(&mut *to_load);
            news.add(News::GroupsLoaded { partitions, records, bytes });
        }
    }

    fn deletion_turn(&self, turn: &Turn<'_>, wakes: &mut Wakes) -> bool {
        if !self.has_deleted.swap(false, Ordering::AcqRel) {
            return false;
        }
        for hosted in self.all() {
            hosted.forget_deleted_topics(turn, wakes);
            self.note_due(&hosted);
        }
        true
    }
}

/// The partitions of the topic that this broker leads and can use.
fn led(image: &MetadataImage, node_id: i32, partitions: &Partitions) -> BTreeMap<i32, Arc<Partition>> {
    let Some(topic) = image.topics.by_name(GROUP_METADATA_TOPIC) else { return BTreeMap::new() };
    let led = topic.partitions().filter(|(_, registration)| registration.leader == node_id);
    let here = led.filter_map(|(index, _)| Some((index, partitions.by_id(topic.id, index)?)));
    here.filter(|(_, partition)| !partition.directory.is_offline()).collect()
}

fn name(partition: &Partition) -> TopicPartition {
    TopicPartition { topic: partition.topic.clone(), partition: partition.id.partition }
}
