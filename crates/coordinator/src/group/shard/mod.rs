//! One partition of `__consumer_offsets` as a coordinator: its groups and their offsets
//! (Kafka: `GroupCoordinatorShard`).
//!
//! What is asked of it comes as methods that return a [`GroupStep`]; time comes as [`GroupShard::next_due`] and
//! [`GroupShard::advance`]; the log comes as [`GroupShard::replay`], [`GroupShard::commit`] and
//! [`GroupShard::after`].
//!
//! - [`membership`]: join, sync, heartbeat, leave; [`describe`]: what is there
//! - [`figures`]: what is counted; [`commit`], [`fetch`]: offsets; [`removal`]: delete, expire; [`check`]: what must always hold
//! - [`groups`]: all of them with their size; [`room`]: whether there is room for more

mod check;
mod commit;
mod describe;
mod fetch;
mod figures;
mod groups;
mod membership;
mod removal;
mod room;

use klamm_base::{ErrorCode, Mono, Now};

use super::classic::turn::refused_join;
use super::classic::{After, ClassicGroup, Member, TimerKey, Turn};
use super::contract::{GroupAfter, GroupAnswer, GroupLimits, GroupStep};
use super::memory::GroupMemory;
use super::offsets::{OffsetKey, Offsets};
use super::record::{ForeignKind, GroupRecord};
use super::records::classic::GroupMetadataKey;
use crate::step::RequestId;
use crate::timers::Timers;

pub use describe::ListFilter;
pub use figures::{GroupFigures, GroupOffset};

pub use room::memory_of;

use figures::Counts;
use groups::{Group, Groups};

/// Groups whose ids fall to one partition.
#[derive(Debug, Default)]
pub struct GroupShard {
    groups: Groups,
    offsets: Offsets,
    timers: Timers<TimerKey>,
    /// What is remembered until records are committed, or refused.
    awaited: GroupMemory,
    counts: Counts,
}

impl GroupShard {
    /// Applies a record of the log, at the start or because a step asked for it. `producer_id` is that of its batch
    /// when it is transactional.
    pub fn replay(&mut self, record_offset: i64, producer_id: Option<i64>, record: GroupRecord, now_ms: i64) {
        match record {
            GroupRecord::GroupMetadata(GroupMetadataKey { group }, Some(value)) => {
                self.groups.insert_classic(ClassicGroup::from_record(&group, value));
            }
            GroupRecord::GroupMetadata(GroupMetadataKey { group }, None) => {
                if let Some(Group::Classic(_)) = self.groups.get(&group) {
                    self.forget(&group);
                }
            }
            GroupRecord::OffsetCommit(key, value) => {
                if value.is_some() && !self.groups.contains(&key.group) {
                    // Somebody who is in no group keeps offsets here.
                    self.groups.insert_classic(ClassicGroup::new(&key.group, now_ms));
                }
                let key = OffsetKey { group_id: key.group, topic: key.topic, partition: key.partition };
                self.offsets.replay(record_offset, producer_id, key, value);
            }
            GroupRecord::ForeignGroup { group_id, kind, is_there: true } => {
                self.groups.found_foreign(&group_id, kind);
            }
            GroupRecord::ForeignGroup { group_id, is_there: false, .. } => {
                if matches!(self.groups.get(&group_id), Some(Group::Foreign(_))) {
                    self.groups.remove(&group_id);
                }
            }
            GroupRecord::ForeignMember { group_id, kind, member_id, is_there: true } => {
                self.groups.found_foreign(&group_id, kind);
                self.groups.foreign_member(&group_id, member_id, true);
            }
            GroupRecord::ForeignMember { group_id, member_id, is_there: false, .. } => {
                self.groups.foreign_member(&group_id, member_id, false);
            }
            GroupRecord::ForeignPart { .. } | GroupRecord::Other { .. } => {}
        }
    }

    /// Takes a classic group out, with all that would become due in it.
    fn forget(&mut self, group_id: &str) -> Option<Box<ClassicGroup>> {
        let Some(Group::Classic(group)) = self.groups.remove(group_id) else { return None };
        group.timer_keys().for_each(|key| self.timers.cancel(&key));
        Some(group)
    }

    /// A transaction has ended in this partition.
    pub fn replay_end_of_transaction(&mut self, record_offset: i64, producer_id: i64, is_commit: bool) {
        self.offsets.replay_end_of_transaction(record_offset, producer_id, is_commit);
    }

    /// The whole log has been replayed: members' sessions begin, as nobody knows when they were last heard of.
    pub fn loaded(&mut self, limits: &GroupLimits, now: Now) -> GroupStep {
        let mut step = GroupStep::default();
        let GroupShard { groups, timers, .. } = self;
        groups.each_classic(|group| Turn { group, timers, limits, now, step: &mut step }.loaded());
        self.noted(step)
    }

    /// Everything below `end` is committed: readers see it.
    pub fn commit(&mut self, end: i64) {
        self.offsets.commit(end);
    }

    /// When something is due.
    pub fn next_due(&self) -> Option<Mono> {
        self.timers.next()
    }

    /// Does one thing whose time has come; `None` when there is none.
    pub fn advance(&mut self, limits: &GroupLimits, now: Now) -> Option<GroupStep> {
        let key = self.timers.take_due(now.mono)?;
        let mut step = GroupStep::default();
        let GroupShard { groups, timers, .. } = self;
        if let Some(group) = groups.classic_mut(key.group_id()) {
            let mut turn = Turn { group, timers, limits, now, step: &mut step };
            match &key {
                TimerKey::Heartbeat { member_id, .. } => turn.heartbeat_time_over(member_id),
                TimerKey::Join { .. } => turn.join_time_over(),
                TimerKey::Sync { .. } => turn.sync_time_over(),
            }
        }
        Some(self.noted(step))
    }

    /// The records of a step were committed, or the log has refused them; once for each entry of
    /// [`crate::step::Step::after`].
    pub fn after(
        &mut self,
        after: GroupAfter,
        outcome: Result<(), ErrorCode>,
        limits: &GroupLimits,
        now: Now,
    ) -> GroupStep {
        self.no_more_awaited(&after);
        let mut step = GroupStep::default();
        let classic = match after {
            GroupAfter::Answer(request, answer) => {
                let answer = match outcome {
                    Ok(()) => answer,
                    Err(error) => answer.refused(super::contract::answer_of_append_error(error)),
                };
                step.answers.push((request, answer));
                return step;
            }
            GroupAfter::Classic(classic) => classic,
        };
        match classic {
            After::Created { group_id, was } => self.created(group_id, was, outcome, &mut step),
            After::AssignmentStored { group_id, generation_id, assignments } => {
                Counts::add(&self.counts.rebalances, usize::from(outcome.is_ok()));
                if let Some(mut turn) = self.turn(&group_id, limits, now, &mut step) {
                    turn.assignment_stored(generation_id, &assignments, outcome);
                }
            }
            After::StaticMemberStored(stored) => {
                if let Some(mut turn) = self.turn(&stored.group_id, limits, now, &mut step) {
                    turn.static_member_stored(&stored, outcome);
                }
            }
        }
        self.noted(step)
    }

    /// A group whose first record was refused has never been; who has joined it must come again.
    fn created(
        &mut self,
        group_id: String,
        was: Option<ForeignKind>,
        outcome: Result<(), ErrorCode>,
        step: &mut GroupStep,
    ) {
        let Err(error) = outcome else { return };
        let error = super::contract::answer_of_append_error(error);
        if !matches!(self.groups.get(&group_id), Some(Group::Classic(group)) if group.generation_id() == 0) {
            return;
        }
        if let Some(group) = self.forget(&group_id) {
            step.answers.extend(waiting(&group, error, |_| String::new()));
        }
        if let Some(kind) = was {
            self.groups.found_foreign(&group_id, kind);
        }
    }

    fn turn<'a>(
        &'a mut self,
        group_id: &str,
        limits: &'a GroupLimits,
        now: Now,
        step: &'a mut GroupStep,
    ) -> Option<Turn<'a>> {
        let GroupShard { groups, timers, .. } = self;
        let group = groups.classic_mut(group_id)?;
        Some(Turn { group, timers, limits, now, step })
    }

    /// The partition is led by somebody else now, or its disk has failed: whoever waits must look elsewhere. The shard
    /// is of no use afterwards.
    pub fn unload(self) -> GroupStep {
        let mut step = GroupStep::default();
        for group in self.groups.into_values() {
            let Group::Classic(group) = group else { continue };
            step.answers
                .extend(waiting(&group, ErrorCode::NotCoordinator, |member| member.member_id.clone()));
        }
        step
    }
}

/// The same error for everybody who waits in a group.
fn waiting(
    group: &ClassicGroup,
    error: ErrorCode,
    name: impl Fn(&Member) -> String,
) -> Vec<(RequestId, GroupAnswer)> {
    let mut answers = Vec::new();
    for member in group.members() {
        let refused = GroupAnswer::Join(refused_join(&name(member), error));
        answers.extend(member.awaiting_join.map(|request| (request, refused)));
        let refused = GroupAnswer::Sync(Default::default()).refused(error);
        answers.extend(member.awaiting_sync.map(|request| (request, refused)));
    }
    answers
}

/// Leaves at once when there is nothing to store.
fn finish(mut step: GroupStep, request: RequestId, answer: GroupAnswer) -> GroupStep {
    match step.records.is_empty() {
        true => step.answers.push((request, answer)),
        false => step.after.push(GroupAfter::Answer(request, answer)),
    }
    step
}
