//! A log directory opened as a broker does at its start: marker, checkpoints, partitions, metadata.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use klamm_base::{TopicPartition, Uuid};
use klamm_log::disk::sim::SimDisk;
use klamm_log::{
    Checkpoint, DirKind, Log, LogConfig, LogDir, LogFault, MetadataDir, OpenLog, PartitionDir, Shutdown,
};

use super::memory::Memory;
use crate::harness::{DIR, NOW_MS};

pub struct House {
    pub dir: LogDir,
    pub logs: BTreeMap<TopicPartition, Log>,
    pub metadata: MetadataDir,
    /// The marker said that everything was left in good order.
    pub was_clean: bool,
}

pub fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 700,
        index_interval_bytes: 150,
        retention_bytes: 2500,
        retention_ms: -1,
        ..LogConfig::default()
    }
}

/// The metadata log itself is not part of this.
pub fn is_metadata(name: &TopicPartition) -> bool {
    &*name.topic == "__cluster_metadata"
}

/// One partition is synced when it was recovered, as one that promises more is.
fn open_params(name: &TopicPartition, clean: bool, recovery_point: i64, log_start: i64) -> OpenLog {
    OpenLog {
        config: config(),
        clean,
        recovery_point,
        log_start,
        now_ms: NOW_MS,
        seed: 1,
        sync_recovered: name.partition == 1,
    }
}

impl House {
    /// Opens everything that `memory` knows of; what it does not know is being deleted.
    pub fn start(disk: &SimDisk, memory: &Memory) -> Result<House, LogFault> {
        let dir = LogDir::open(Arc::new(disk.clone()), DIR)?;
        let was_clean = dir.take_clean_shutdown()? != Shutdown::Unclean;
        let recovery_points = dir.read_checkpoint(Checkpoint::RecoveryPoint)?;
        let log_starts = dir.read_checkpoint(Checkpoint::LogStart)?;
        dir.read_checkpoint(Checkpoint::HighWatermark)?;
        let metadata = MetadataDir::open(Arc::new(disk.clone()), Path::new(DIR))?;
        let mut house = House { dir, logs: BTreeMap::new(), metadata, was_clean };
        let dirs = house.dir.partition_dirs()?;
        for found in &dirs {
            let name = &found.topic_partition;
            if is_metadata(name) {
                continue;
            }
            if found.kind != DirKind::Live || !is_known(found, memory) {
                house.put_away(found, dirs.len() as u8)?;
                continue;
            }
            let of = |offsets: &BTreeMap<TopicPartition, i64>| offsets.get(name).copied().unwrap_or(0);
            let open = open_params(name, was_clean, of(&recovery_points), of(&log_starts));
            let (log, _) = house.dir.open_log(found, open)?;
            house.logs.insert(name.clone(), log);
        }
        // The files go by name: an old topic's offsets must not become those of a new one.
        for (which, offsets) in
            [(Checkpoint::RecoveryPoint, &recovery_points), (Checkpoint::LogStart, &log_starts)]
        {
            if offsets.keys().any(|name| !house.logs.contains_key(name)) {
                house.write_checkpoint(which)?;
            }
        }
        for (name, partition) in &memory.partitions {
            if !house.logs.contains_key(name) {
                let log = house.create(name, partition.topic_id)?;
                house.logs.insert(name.clone(), log);
            }
        }
        Ok(house)
    }

    pub fn create(&self, name: &TopicPartition, topic_id: Uuid) -> Result<Log, LogFault> {
        Ok(self.dir.create_log(name.clone(), topic_id, open_params(name, false, 0, 0))?.0)
    }

    /// Takes a partition away, until its directory may be removed; then nothing speaks of it any more.
    pub fn delete(&mut self, name: &TopicPartition, unique: Uuid) -> Result<PartitionDir, LogFault> {
        let mut log = self.logs.remove(name).expect("an open log");
        let marked = self.dir.mark_deleted(&mut log, unique)?;
        self.write_checkpoint(Checkpoint::RecoveryPoint)?;
        self.write_checkpoint(Checkpoint::LogStart)?;
        Ok(marked)
    }

    /// What was being deleted goes; what nobody knows is set aside.
    fn put_away(&self, found: &PartitionDir, unique: u8) -> Result<(), LogFault> {
        match found.kind {
            DirKind::Delete => self.dir.remove_deleted(found),
            DirKind::Live => self.dir.mark_dir(found, DirKind::Stray, Uuid([unique; 16])).map(|_| ()),
            DirKind::Stray | DirKind::Future => Ok(()),
        }
    }

    pub fn write_checkpoint(&self, which: Checkpoint) -> Result<(), LogFault> {
        let offset = |log: &Log| match which {
            Checkpoint::RecoveryPoint => log.ends().recovery_point,
            Checkpoint::LogStart => log.ends().log_start,
            Checkpoint::HighWatermark | Checkpoint::Cleaner => log.ends().written.offset,
        };
        self.dir.write_checkpoint(which, self.logs.iter().map(|(name, log)| (name, offset(log))))
    }

    /// The log starts, with one that is about to move: on the disk before anybody sees it.
    pub fn promise_log_start(&self, moving: &TopicPartition, to: i64) -> Result<(), LogFault> {
        let start = |(name, log): (_, &Log)| {
            let start = log.ends().log_start;
            (name, if name == moving { start.max(to) } else { start })
        };
        self.dir.write_checkpoint(Checkpoint::LogStart, self.logs.iter().map(start))
    }

    /// A stop in good order. The writer has nothing left to do.
    pub fn stop(&mut self) -> Result<(), LogFault> {
        self.dir.close_logs(self.logs.values_mut())?;
        for which in [Checkpoint::RecoveryPoint, Checkpoint::LogStart, Checkpoint::HighWatermark] {
            self.write_checkpoint(which)?;
        }
        self.dir.write_clean_shutdown(1)
    }
}

/// A directory without a readable id is nobody's: it might be that of an older topic with the same name. What was
/// promised is not in such a one, as the id is synced with a log's first sync.
fn is_known(found: &PartitionDir, memory: &Memory) -> bool {
    let known = memory.partitions.get(&found.topic_partition);
    known.is_some_and(|known| found.topic_id == Some(known.topic_id))
}
