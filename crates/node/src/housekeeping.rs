//! What is due from time to time and takes the disk's time: retention, checkpoints, flushes, removal, expiry (Kafka:
//! `LogManager`, `ReplicaManager`).

use klamm_base::Mono;
use klamm_config::Settings;
use klamm_log::Checkpoint;

/// One piece of slow work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Checkpoint(Checkpoint),
    ExpireProducers,
    /// Segments that retention gives up.
    Retain,
    /// Logs whose last sync lies too far back.
    Flush,
    /// Offsets of groups whose time is over.
    ExpireOffsets,
    /// Compacted topics: the dirtiest log of each directory.
    Clean,
    /// Deleted segments and folders of deleted partitions whose time has come.
    RemoveDeleted,
}

/// The jobs with their times.
#[derive(Debug)]
pub struct Housekeeping {
    chores: Vec<Chore>,
    /// Deleted directories have waited long enough, and nobody has removed them yet.
    disposal_is_due: bool,
}

#[derive(Debug)]
struct Chore {
    job: Job,
    interval_ms: i64,
    next: Mono,
    /// Its time has come, and nobody has done it yet.
    is_due: bool,
}

impl Housekeeping {
    pub fn new(settings: &Settings, now: Mono) -> Housekeeping {
        let offsets_ms = settings.groups.offsets_retention_check_interval_ms;
        let settings = &settings.log;
        let after = settings.initial_task_delay_ms;
        let watermarks_ms = settings.high_watermark_checkpoint_interval_ms;
        let expiry_ms = settings.producer_id_expiration_check_interval_ms.into();
        let chores = [
            (Job::Retain, after, settings.retention_check_interval_ms),
            (Job::Flush, after, settings.flush_scheduler_interval_ms),
            (
                Job::Checkpoint(Checkpoint::RecoveryPoint),
                after,
                settings.recovery_point_checkpoint_interval_ms.into(),
            ),
            (Job::Checkpoint(Checkpoint::LogStart), after, settings.log_start_checkpoint_interval_ms.into()),
            (Job::Checkpoint(Checkpoint::HighWatermark), watermarks_ms, watermarks_ms),
            (Job::ExpireProducers, expiry_ms, expiry_ms),
            (Job::ExpireOffsets, offsets_ms, offsets_ms),
            // Last, because it may take long.
            (Job::Clean, after, settings.cleaner_backoff_ms),
        ];
        let chore = |(job, first_ms, interval_ms): (Job, i64, i64)| Chore {
            job,
            interval_ms: interval_ms.max(1),
            next: now.plus_ms(first_ms),
            is_due: false,
        };
        Housekeeping { chores: chores.map(chore).into(), disposal_is_due: false }
    }

    /// Notes what has become due; `disposal` is when the next deleted directory may go.
    pub fn advance(&mut self, now: Mono, disposal: Mono) {
        for chore in &mut self.chores {
            if chore.next <= now {
                chore.is_due = true;
                chore.next = now.plus_ms(chore.interval_ms);
            }
        }
        self.disposal_is_due |= disposal <= now;
    }

    pub fn has_job(&self) -> bool {
        self.disposal_is_due || self.chores.iter().any(|chore| chore.is_due)
    }

    /// A job that is due; it counts as done.
    pub fn take(&mut self) -> Option<Job> {
        // What may take long goes last: removal first, which comes to an end.
        let due = |chore: &&mut Chore| chore.is_due && (chore.job != Job::Clean || !self.disposal_is_due);
        if let Some(chore) = self.chores.iter_mut().find(due) {
            chore.is_due = false;
            return Some(chore.job);
        }
        std::mem::take(&mut self.disposal_is_due).then_some(Job::RemoveDeleted)
    }

    /// The job has more to do, after what is due besides it.
    pub fn again(&mut self, job: Job) {
        self.disposal_is_due |= job == Job::RemoveDeleted;
        self.chores.iter_mut().filter(|chore| chore.job == job).for_each(|chore| chore.is_due = true);
    }

    /// When [`Housekeeping::advance`] has something to note.
    pub fn next_due(&self, disposal: Mono) -> Mono {
        let chores = self.chores.iter().map(|chore| chore.next).min().unwrap_or(Mono::NEVER);
        if self.disposal_is_due { chores } else { chores.min(disposal) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_done_once_each_time_it_is_due() {
        let chore = Chore { job: Job::ExpireProducers, interval_ms: 10, next: Mono(10_000), is_due: false };
        let mut housekeeping = Housekeeping { chores: vec![chore], disposal_is_due: false };
        housekeeping.advance(Mono(9_999), Mono::NEVER);
        assert!(!housekeeping.has_job());
        housekeeping.advance(Mono(10_000), Mono(10_000));
        assert_eq!(housekeeping.take(), Some(Job::ExpireProducers));
        assert_eq!(housekeeping.take(), Some(Job::RemoveDeleted));
        assert_eq!(housekeeping.take(), None);
        assert_eq!(housekeeping.next_due(Mono(15_000)), Mono(15_000));
        assert_eq!(housekeeping.next_due(Mono::NEVER), Mono(20_000));
    }

    #[test]
    fn much_to_remove_keeps_nothing_waiting_but_the_cleaner() {
        let chore = |job| Chore { job, interval_ms: 10, next: Mono(10_000), is_due: false };
        let chores = vec![chore(Job::Flush), chore(Job::Clean)];
        let mut housekeeping = Housekeeping { chores, disposal_is_due: true };
        assert_eq!(housekeeping.take(), Some(Job::RemoveDeleted));
        housekeeping.again(Job::RemoveDeleted);
        housekeeping.advance(Mono(10_000), Mono::NEVER);
        let taken: Vec<_> = std::iter::from_fn(|| housekeeping.take()).collect();
        assert_eq!(taken, [Job::Flush, Job::RemoveDeleted, Job::Clean]);
    }

    #[test]
    fn a_noted_disposal_is_no_reason_to_come_again() {
        let mut housekeeping = Housekeeping { chores: Vec::new(), disposal_is_due: false };
        housekeeping.advance(Mono(5), Mono(5));
        assert_eq!(housekeeping.next_due(Mono(5)), Mono::NEVER);
    }
}
