//! The offset files of a log directory: recovery points, log starts, high watermarks, and its clean end (Kafka:
//! `LogManager`, `ReplicaManager.checkpointHighWatermarks`).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use klamm_base::TopicPartition;
use klamm_log::{Checkpoint, LogFault};

use super::directory::CHECKPOINTS;
use super::{Directory, Partition};

/// Writes one checkpoint of a directory from the partitions that lie in it. The metadata log is in none of them, nor is
/// a partition that was deleted after the caller looked for them.
pub fn write(
    directory: &Arc<Directory>,
    which: Checkpoint,
    partitions: &[Arc<Partition>],
) -> Result<(), LogFault> {
    let _alone = directory.write_checkpoints_alone();
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    let mut offsets: BTreeMap<TopicPartition, i64> = BTreeMap::new();
    for partition in here {
        let name = TopicPartition { topic: partition.topic.clone(), partition: partition.id.partition };
        let Some(known) = partition.checkpointed() else { continue };
        let offset = match which {
            Checkpoint::RecoveryPoint => Some(known.recovery_point),
            // Kafka leaves out logs that begin where their first segment does. A power cut may take the name of a new
            // segment, and must not take the start with it.
            Checkpoint::LogStart => Some(known.log_start).filter(|offset| *offset > 0),
            Checkpoint::HighWatermark => Some(known.high_watermark),
            Checkpoint::Cleaner => None,
        };
        if let Some(offset) = offset {
            offsets.insert(name, offset);
        }
    }
    directory.log_dir.write_checkpoint(which, offsets.iter().map(|(name, offset)| (name, *offset)))
}

/// Writes all checkpoints of a directory anew, so that they name nothing but the partitions that lie in it now. The
/// cleaner's loses names only.
pub fn rewrite(directory: &Arc<Directory>, partitions: &[Arc<Partition>]) -> Result<(), LogFault> {
    for which in CHECKPOINTS {
        write(directory, which, partitions)?;
    }
    let _alone = directory.write_checkpoints_alone();
    let log_dir = &directory.log_dir;
    let mut cleaned = match log_dir.read_checkpoint(Checkpoint::Cleaner) {
        // Its reader finds that out, and begins anew.
        Err(LogFault::Malformed { .. }) => return Ok(()),
        read => read?,
    };
    let (before, here) = (cleaned.len(), names_in(directory, partitions));
    cleaned.retain(|name, _| here.contains(name));
    match cleaned.len() == before {
        true => Ok(()),
        false => log_dir.write_checkpoint(Checkpoint::Cleaner, cleaned.iter().map(|(name, at)| (name, *at))),
    }
}

/// Names of the partitions that lie in a directory now.
pub fn names_in(directory: &Arc<Directory>, partitions: &[Arc<Partition>]) -> HashSet<TopicPartition> {
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    here.map(|partition| TopicPartition::new(partition.topic.clone(), partition.id.partition)).collect()
}

/// Closes all logs of a directory together: nothing is appended any more, and the writer has nothing left to do.
pub fn close_logs(directory: &Arc<Directory>, partitions: &[Arc<Partition>]) -> Result<(), LogFault> {
    let here = partitions.iter().filter(|partition| Arc::ptr_eq(&partition.directory, directory));
    let mut states: Vec<_> = here.map(|partition| partition.lock()).collect();
    directory.log_dir.close_logs(states.iter_mut().map(|state| &mut state.log))
}

/// The last words on a directory: all checkpoints, then the marker that says so. All its logs are closed.
pub fn leave_clean(
    directory: &Arc<Directory>,
    partitions: &[Arc<Partition>],
    broker_epoch: i64,
) -> Result<(), LogFault> {
    for which in CHECKPOINTS {
        write(directory, which, partitions)?;
    }
    directory.log_dir.write_clean_shutdown(broker_epoch)
}
