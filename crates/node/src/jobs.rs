//! What the jobs of [`crate::housekeeping`] do, each on all log directories that are good.

use std::sync::Arc;

use klamm_base::Now;
use klamm_log::LogFault;

use crate::broker::Broker;
use crate::disposal::Disposal;
use crate::gather::Wakes;
use crate::housekeeping::Job;
use crate::news::News;
use crate::partitions::{Directory, checkpoints, cleaning, log_start};

/// A directory that failed meanwhile.
pub type Failed = (Arc<Directory>, LogFault);

const REMOVED_AT_A_TIME: usize = 16;

/// Does a job; true when there is more of it. What it appends to the writers is theirs to carry out.
///
/// # Errors
/// The first directory that failed; what the job had to do in the others is due again next time.
pub fn work_off(
    job: Job,
    broker: &Broker,
    disposal: &Disposal,
    now: Now,
    wakes: &mut Wakes,
) -> Result<bool, Failed> {
    let mut has_more = false;
    let partitions = broker.partitions.all();
    let good = || broker.directories.iter().filter(|directory| !directory.is_offline());
    match job {
        Job::Checkpoint(which) => {
            for directory in good().filter(|directory| directory.take_moved(which)) {
                checkpoints::write(directory, which, &partitions).map_err(|fault| {
                    directory.offsets_moved();
                    (directory.clone(), fault)
                })?;
            }
        }
        Job::ExpireProducers => {
            partitions.iter().for_each(|partition| partition.remove_expired_producers(now.wall_ms));
            broker.partitions.bound_producers();
        }
        Job::ExpireOffsets => broker.group_coordinators.expire(&broker.settings(), now),
        Job::Retain => {
            for directory in good() {
                let deleted = log_start::retain(directory, &partitions, now, wakes)
                    .map_err(|fault| (directory.clone(), fault))?;
                if !deleted.is_empty() {
                    let bytes = deleted.iter().map(|(_, segments)| segments.size_in_bytes()).sum();
                    let dir = directory.path().to_owned();
                    broker.news.add(News::Retained { dir, logs: deleted.len(), bytes });
                }
                for (delay_ms, segments) in deleted {
                    disposal.segments_later(now.mono.plus_ms(delay_ms), directory.clone(), segments);
                }
            }
        }
        Job::Flush => partitions.iter().for_each(|partition| partition.flush_if_due(now.wall_ms)),
        Job::Clean => {
            let cleaner = broker.settings().log.cleaner;
            for directory in good().filter(|_| cleaner.is_enabled) {
                let cleaned = cleaning::clean_dirtiest(directory, &partitions, cleaner.map_bytes_max, now);
                if let Some(waste) = cleaned.map_err(|fault| (directory.clone(), fault))? {
                    let due = now.mono.plus_ms(waste.delay_ms);
                    disposal.segments_later(due, directory.clone(), waste.segments);
                    has_more = true;
                }
            }
        }
        Job::RemoveDeleted => {
            // A piece at a time: a stop waits for it, and other jobs do.
            for _ in 0..REMOVED_AT_A_TIME {
                let Some(removed) = disposal.turn(now.mono) else { return Ok(false) };
                removed?;
            }
            has_more = true;
        }
    }
    Ok(has_more)
}

/// True while requests wait for log starts to move.
pub fn has_claimed_starts(broker: &Broker) -> bool {
    broker.directories.iter().any(|directory| directory.has_claimed_starts())
}

/// Moves the log starts that requests wait for; false when none do.
///
/// # Errors
/// The directory that failed; its requests hear of it with everything else that lies there.
pub fn move_claimed_starts(broker: &Broker, wakes: &mut Wakes) -> Result<bool, Failed> {
    let mut worked = false;
    for directory in broker.directories.iter().filter(|directory| directory.take_claimed_starts()) {
        worked = true;
        if !directory.is_offline() {
            let partitions = broker.partitions.all();
            log_start::move_claimed_starts(directory, &partitions, wakes)
                .map_err(|fault| (directory.clone(), fault))?;
        }
    }
    Ok(worked)
}
