//! Compaction of one log after the other, the dirtiest first (Kafka: `LogCleaner`, `LogCleanerManager`).
//!
//! Where a round has ended is kept in `cleaner-offset-checkpoint`; a log that is not named there is dirty from its start.
//! Nothing else takes segments away meanwhile: retention runs on the same thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{Now, TopicPartition};
use klamm_config::TopicConfig;
use klamm_log::{Checkpoint, CleanRules, Cleanable, DeletedSegments, LogFault};

use super::partition::log_offset;
use super::{Directory, Partition};

/// What a round has left to do later.
pub struct Waste {
    /// `file.delete.delay.ms`; readers may still hold the segments.
    pub delay_ms: i64,
    pub segments: DeletedSegments,
}

impl Partition {
    fn name(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.id.partition }
    }

    /// Whether a round is worth it. Looks at files without holding the lock.
    fn cleanable(&self, map_bytes_max: usize, checkpoint: Option<i64>, now: Now) -> Option<Cleanable> {
        let (view, last_stable) = {
            let state = self.lock();
            if !state.log.config().compact || state.uncleanable || state.check_log().is_err() {
                return None;
            }
            let high_watermark = log_offset(state.replica.high_watermark());
            (state.log.view(), state.log.last_stable_offset(high_watermark).offset)
        };
        let rules = rules(&self.config(), map_bytes_max);
        // A log that was given up, or whose segments nobody can tell the age of, waits for the next look.
        view.cleanable(&rules, checkpoint, last_stable, now.wall_ms).unwrap_or_default()
    }

    /// One round; returns where it has ended and the old segments. `None` when the log was given up meanwhile, or holds
    /// what cannot be read: then it is left alone until the next start, as Kafka does.
    fn clean(
        &self,
        cleanable: Cleanable,
        map_bytes_max: usize,
        now: Now,
    ) -> Result<Option<(i64, DeletedSegments)>, LogFault> {
        let rules = rules(&self.config(), map_bytes_max);
        let cleaning = {
            let state = self.lock();
            if state.check_log().is_err() {
                return Ok(None);
            }
            state.log.cleaning(cleanable, state.replica.high_watermark().offset)
        };
        let cleaned = match cleaning.run(&rules, now.wall_ms) {
            Ok(cleaned) => cleaned,
            Err(LogFault::Malformed { .. }) => {
                self.lock().uncleanable = true;
                return Ok(None);
            }
            Err(fault) => return if self.lock().check_log().is_err() { Ok(None) } else { Err(fault) },
        };
        match cleaned.rename() {
            Err(fault) if self.lock().check_log().is_ok() => return Err(fault),
            Err(_) => return Ok(None),
            Ok(()) => {}
        }
        let mut state = self.lock();
        if state.check_log().is_err() {
            return Ok(None);
        }
        Ok(state.log.exchange(&cleaned).map(|segments| (cleaned.end(), segments)))
    }
}

fn rules(config: &TopicConfig, map_bytes_max: usize) -> CleanRules {
    CleanRules {
        min_cleanable_dirty_ratio: config.min_cleanable_dirty_ratio,
        min_compaction_lag_ms: config.min_compaction_lag_ms,
        max_compaction_lag_ms: config.max_compaction_lag_ms,
        delete_retention_ms: config.delete_retention_ms,
        map_bytes_max,
    }
}

/// Cleans the dirtiest log of a directory; `None` when none is worth it. `map_bytes_max` is what the keys of one log may
/// take in memory.
///
/// # Errors
/// The disk failed.
pub fn clean_dirtiest(
    directory: &Arc<Directory>,
    partitions: &[Arc<Partition>],
    map_bytes_max: usize,
    now: Now,
) -> Result<Option<Waste>, LogFault> {
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    let compacted: Vec<_> = here.filter(|partition| partition.config().cleanup_compact).collect();
    if compacted.is_empty() {
        return Ok(None);
    }
    let ends = checkpoint(directory)?;
    let dirty = compacted.into_iter().filter_map(|partition| {
        let end = ends.get(&partition.name()).copied();
        Some((partition, partition.cleanable(map_bytes_max, end, now)?))
    });
    let dirtiest = dirty.max_by(|(_, a), (_, b)| a.dirty_ratio.total_cmp(&b.dirty_ratio));
    let Some((partition, cleanable)) = dirtiest else { return Ok(None) };
    let Some((end, segments)) = partition.clean(cleanable, map_bytes_max, now)? else { return Ok(None) };
    let _alone = directory.write_checkpoints_alone();
    // Topics may have been deleted meanwhile, this one too.
    let mut ends = checkpoint(directory)?;
    if partition.checkpointed().is_some() {
        ends.insert(partition.name(), end);
    }
    let ends = ends.iter().map(|(name, end)| (name, *end));
    directory.log_dir.write_checkpoint(Checkpoint::Cleaner, ends)?;
    Ok(Some(Waste { delay_ms: partition.config().file_delete_delay_ms, segments }))
}

/// Where the rounds before have ended. A checkpoint that cannot be read costs a round, no data.
fn checkpoint(directory: &Directory) -> Result<BTreeMap<TopicPartition, i64>, LogFault> {
    match directory.log_dir.read_checkpoint(Checkpoint::Cleaner) {
        Err(LogFault::Malformed { .. }) => Ok(BTreeMap::new()),
        read => read,
    }
}
