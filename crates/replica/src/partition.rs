//! The replication state of one partition on this broker (Kafka: `Partition`).
//!
//! ```text
//! from        on                                  to          waiters
//! NoRole      lead                                Leader      -
//! Leader      lead, same epoch                    Leader      as the high watermark moves
//! Leader      lead, higher epoch                  Leader      fetches read again
//! any         log start moves                     same        deletions end, fetches below it read again
//! any         resign (other leader, deletion)     NoRole      appends and deletions fail, fetches read again
//! any         fail (the log went offline)         Offline     appends and deletions fail, fetches read again
//! Offline     -                                   Offline     until the process starts again
//! ```

use klamm_base::ErrorCode;

use crate::append_waiters::AppendWaiters;
use crate::fetch_waiters::{FetchWaiter, FetchWaiters, NewBytes, ReadBound};
use crate::leader::{Leader, LeaderTerm};
use crate::log_offset::LogOffsetMetadata;

/// What the local replica is.
#[derive(Clone, Debug)]
pub enum Role {
    /// Nobody has said yet, or another broker leads.
    NoRole,
    Leader(Leader),
    /// Its log has failed.
    Offline,
}

/// `acks` of a produce request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// Nobody waits for an answer.
    None,
    /// The leader's own log is enough.
    Leader,
    /// Everything in the ISR must have it.
    All,
}

/// News for a sleeping request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released<'a, T> {
    /// An append has reached its end, or will not any more.
    Append(&'a T, ErrorCode),
    /// The log begins where DeleteRecords wanted it, or will not any more.
    LogStart(&'a T, ErrorCode),
    Fetch(&'a T, NewBytes),
}

/// How far each kind of reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleEnds {
    /// Written end of the log.
    pub log_end: LogOffsetMetadata,
    pub last_stable: LogOffsetMetadata,
}

/// One partition; `T` is what a waiter is known by.
#[derive(Clone, Debug)]
pub struct PartitionState<T> {
    role: Role,
    /// Of the last term, or of the checkpoint: what a new term starts with.
    high_watermark: LogOffsetMetadata,
    /// Where the local replica counts as having everything: the written or the durable end.
    local_end: LogOffsetMetadata,
    min_insync_replicas: i32,
    /// Appends with acks=1.
    local_appends: AppendWaiters<T>,
    /// Appends with acks=all.
    replicated_appends: AppendWaiters<T>,
    fetches: FetchWaiters<T>,
    /// DeleteRecords, by the log start that they wait for.
    deletions: AppendWaiters<T>,
}

impl<T> PartitionState<T> {
    /// `high_watermark` comes from the checkpoint, `local_end` from the log.
    pub fn new(
        high_watermark: i64,
        local_end: LogOffsetMetadata,
        min_insync_replicas: i32,
    ) -> PartitionState<T> {
        let high_watermark = LogOffsetMetadata::offset_only(high_watermark.clamp(0, local_end.offset));
        PartitionState {
            role: Role::NoRole,
            high_watermark,
            local_end,
            min_insync_replicas,
            local_appends: AppendWaiters::default(),
            replicated_appends: AppendWaiters::default(),
            fetches: FetchWaiters::default(),
            deletions: AppendWaiters::default(),
        }
    }

    pub fn role(&self) -> &Role {
        &self.role
    }

    /// The leader, after the checks that every request on leaders makes.
    ///
    /// # Errors
    /// `FENCED_LEADER_EPOCH` or `UNKNOWN_LEADER_EPOCH` when `current_leader_epoch` (-1: not given) is not ours
    /// (KIP-320), `NOT_LEADER_OR_FOLLOWER`, `KAFKA_STORAGE_ERROR`.
    pub fn leader(&self, current_leader_epoch: i32) -> Result<&Leader, ErrorCode> {
        match &self.role {
            Role::Offline => Err(ErrorCode::KafkaStorageError),
            Role::NoRole => Err(ErrorCode::NotLeaderOrFollower),
            Role::Leader(leader) => match current_leader_epoch {
                epoch if epoch == -1 || epoch == leader.leader_epoch() => Ok(leader),
                epoch if epoch < leader.leader_epoch() => Err(ErrorCode::FencedLeaderEpoch),
                _ => Err(ErrorCode::UnknownLeaderEpoch),
            },
        }
    }

    /// The checks before an append; returns the leader epoch to stamp.
    ///
    /// # Errors
    /// As [`PartitionState::leader`], and `NOT_ENOUGH_REPLICAS` for acks=all while the ISR is too small.
    pub fn check_append(&self, acks: Acks) -> Result<i32, ErrorCode> {
        let leader = self.leader(-1)?;
        if acks == Acks::All && leader.is_under_min_isr() {
            return Err(ErrorCode::NotEnoughReplicas);
        }
        Ok(leader.leader_epoch())
    }

    /// What an append that ends at `required_offset` (its last offset + 1) can be told right now; `None`: it has
    /// to wait.
    pub fn append_outcome(&self, acks: Acks, required_offset: i64) -> Option<ErrorCode> {
        let leader = match self.leader(-1) {
            Ok(leader) => leader,
            Err(error) => return Some(error),
        };
        match acks {
            Acks::None | Acks::Leader => {
                (self.local_end.offset >= required_offset).then_some(ErrorCode::None)
            }
            Acks::All => (leader.high_watermark().offset >= required_offset).then(|| reached(leader)),
        }
    }

    /// Keeps an append that [`PartitionState::append_outcome`] has no answer for.
    pub fn wait_for_append(&mut self, acks: Acks, required_offset: i64, token: T) {
        match acks {
            Acks::None | Acks::Leader => self.local_appends.push(required_offset, token),
            Acks::All => self.replicated_appends.push(required_offset, token),
        }
    }

    /// Forgets an append that has given up.
    pub fn forget_append(&mut self, acks: Acks, required_offset: i64, is_mine: impl Fn(&T) -> bool) {
        match acks {
            Acks::None | Acks::Leader => self.local_appends.remove(required_offset, is_mine),
            Acks::All => self.replicated_appends.remove(required_offset, is_mine),
        }
    }

    /// True when an append may have to wait for other brokers, and so needs a deadline.
    pub fn has_followers(&self) -> bool {
        matches!(&self.role, Role::Leader(leader) if leader.term().replicas.len() > 1)
    }

    /// Keeps a sleeping fetch that has read in `leader_epoch`. The slot goes back with
    /// [`PartitionState::forget_fetch`]; the news are what has become readable since it has read.
    pub fn wait_for_bytes(
        &mut self,
        waiter: FetchWaiter<T>,
        leader_epoch: i32,
        ends: VisibleEnds,
    ) -> (u32, Option<NewBytes>) {
        let end = match waiter.bound {
            ReadBound::LogEnd => ends.log_end,
            ReadBound::HighWatermark => self.high_watermark(),
            ReadBound::LastStableOffset => ends.last_stable,
        };
        let is_same_term =
            matches!(&self.role, Role::Leader(leader) if leader.leader_epoch() == leader_epoch);
        let (slot, news) = self.fetches.add(waiter, end);
        (slot, if is_same_term { news } else { Some(NewBytes::ReadAgain) })
    }

    pub fn forget_fetch(&mut self, slot: u32) {
        self.fetches.remove(slot);
    }

    /// Waiting appends and fetches, for counting.
    pub fn waiting(&self) -> (usize, usize) {
        (self.local_appends.len() + self.replicated_appends.len(), self.fetches.len())
    }

    /// Everything below is committed. Offset only as long as nobody has moved it in this process.
    pub fn high_watermark(&self) -> LogOffsetMetadata {
        match &self.role {
            Role::Leader(leader) => leader.high_watermark(),
            Role::NoRole | Role::Offline => self.high_watermark,
        }
    }

    /// This broker leads from now on, or goes on to lead with a changed registration. `log_end` is the assigned end.
    /// Returns true when a new leader epoch has begun.
    pub fn lead(
        &mut self,
        local_id: i32,
        term: LeaderTerm,
        log_end: LogOffsetMetadata,
        mut released: impl FnMut(Released<'_, T>),
    ) -> bool {
        let new_epoch = match &mut self.role {
            Role::Offline => return false,
            Role::Leader(leader) => {
                let new_epoch = term.leader_epoch > leader.leader_epoch();
                leader.update(term, log_end);
                new_epoch
            }
            Role::NoRole => {
                let leader = Leader::new(
                    local_id,
                    term,
                    self.local_end,
                    self.high_watermark,
                    self.min_insync_replicas,
                );
                self.role = Role::Leader(leader);
                true
            }
        };
        self.release_appends(&mut released);
        if new_epoch {
            self.fetches.disturb(|token, news| released(Released::Fetch(token, news)));
        }
        new_epoch
    }

    /// Another broker leads, or the partition goes away: whoever waits is told `error`.
    pub fn resign(&mut self, error: ErrorCode, released: impl FnMut(Released<'_, T>)) {
        self.end_role(Role::NoRole, error, released);
    }

    /// The log has failed; nothing is acknowledged any more.
    pub fn fail(&mut self, released: impl FnMut(Released<'_, T>)) {
        self.end_role(Role::Offline, ErrorCode::KafkaStorageError, released);
    }

    /// The setting `min.insync.replicas` has changed.
    pub fn set_min_insync_replicas(&mut self, minimum: i32, mut released: impl FnMut(Released<'_, T>)) {
        self.min_insync_replicas = minimum;
        if let Role::Leader(leader) = &mut self.role {
            leader.set_min_insync_replicas(minimum);
            self.release_appends(&mut released);
        }
    }

    /// The local log has come to `end` (written or durable, see [`crate::Acknowledge`]). Returns true when the high
    /// watermark moved; then [`PartitionState::tell_readers`] is due.
    pub fn local_end_moved(&mut self, local_id: i32, end: LogOffsetMetadata) -> bool {
        self.local_end = end;
        match &mut self.role {
            Role::Leader(leader) => leader.replica_reached(local_id, end),
            Role::NoRole | Role::Offline => false,
        }
    }

    /// Hands out everything that the ends reached so far set free.
    pub fn tell_readers(&mut self, ends: VisibleEnds, mut released: impl FnMut(Released<'_, T>)) {
        self.release_appends(&mut released);
        if self.fetches.is_empty() {
            return;
        }
        let high_watermark = self.high_watermark();
        for (bound, end) in [
            (ReadBound::LogEnd, ends.log_end),
            (ReadBound::HighWatermark, high_watermark),
            (ReadBound::LastStableOffset, ends.last_stable),
        ] {
            self.fetches.end_moved(bound, end, |token, news| released(Released::Fetch(token, news)));
        }
    }

    /// Keeps a DeleteRecords until the log begins at `log_start` or later.
    pub fn wait_for_log_start(&mut self, log_start: i64, token: T) {
        self.deletions.push(log_start, token);
    }

    /// The log begins at `log_start` now: sleeping fetches below it are told to look again.
    pub fn log_start_moved(&mut self, log_start: i64, mut released: impl FnMut(Released<'_, T>)) {
        self.deletions.release(log_start, |token| released(Released::LogStart(&token, ErrorCode::None)));
        self.fetches.start_moved(log_start, |token, news| released(Released::Fetch(token, news)));
    }

    fn release_appends(&mut self, released: &mut impl FnMut(Released<'_, T>)) {
        let Role::Leader(leader) = &self.role else { return };
        self.local_appends
            .release(self.local_end.offset, |token| released(Released::Append(&token, ErrorCode::None)));
        let outcome = reached(leader);
        self.replicated_appends
            .release(leader.high_watermark().offset, |token| released(Released::Append(&token, outcome)));
    }

    fn end_role(&mut self, role: Role, error: ErrorCode, mut released: impl FnMut(Released<'_, T>)) {
        self.high_watermark = self.high_watermark();
        self.role = role;
        self.local_appends.release_all(|token| released(Released::Append(&token, error)));
        self.replicated_appends.release_all(|token| released(Released::Append(&token, error)));
        self.deletions.release_all(|token| released(Released::LogStart(&token, error)));
        self.fetches.disturb(|token, news| released(Released::Fetch(token, news)));
    }
}

/// What acks=all is told once its offset is committed (Kafka: `Partition.checkEnoughReplicasReachOffset`).
fn reached(leader: &Leader) -> ErrorCode {
    if leader.is_under_min_isr() { ErrorCode::NotEnoughReplicasAfterAppend } else { ErrorCode::None }
}

#[cfg(test)]
mod tests;
