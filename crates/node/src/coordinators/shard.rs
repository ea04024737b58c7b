//! One shard at its partition: what it decides is appended, replayed, and answered once it is committed.
//!
//! ```text
//! step ─► answers leave at once
//!      └► records ─► appended in one batch ─► replayed at their offsets, where the step says so
//!                         │                      └► `after` waits for the high watermark, then asks the shard again
//!                         └ refused ─► `after` asks the shard again, with the error; nothing was replayed
//! ```
//! So there is nothing to roll back: what the shard has replayed is in the log, and a log that fails takes the shard
//! with it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use klamm_base::owned::Mutex;
use klamm_base::{ErrorCode, Mono, Now, Uuid};
use klamm_config::Settings;
use klamm_coordinator::group::contract::{GroupAfter, GroupAnswer, GroupLimits, GroupStep};
use klamm_coordinator::group::memory::GroupMemory;
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;
use klamm_records::Scratch;

use super::batch;
use super::load::Loading;
use super::memory::Taken;
use super::waiting::Slot;
use crate::gather::Wakes;
use crate::partitions::Partition;

/// What a call into a shard depends on.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    pub settings: &'a Settings,
    pub limits: &'a GroupLimits,
    pub now: Now,
}

/// A shard with its partition.
pub struct HostedShard {
    pub partition: Arc<Partition>,
    state: Mutex<State>,
    /// What all shards take in memory.
    taken: Arc<Taken>,
    /// When [`HostedShard::advance`] has something to do, in microseconds.
    next_due: AtomicU64,
    /// Topics that are gone, whose offsets are to be given up.
    deleted_topics: Mutex<BTreeMap<String, Uuid>>,
}

enum State {
    /// `None` while a turn reads on.
    Loading(Option<Box<Loading>>),
    Active(Box<Active>),
    /// Its log cannot be read, or is led by somebody else now.
    Gone,
}

/// A shard that decides.
struct Active {
    shard: GroupShard,
    /// Who asked, until the answer is there.
    waiting: BTreeMap<RequestId, Arc<Slot>>,
    /// Appended, and not committed yet; in the order of the log.
    pending: VecDeque<Pending>,
    /// Behind the last record of ours.
    end: i64,
    /// The high watermark, as far as it was told.
    committed: i64,
    scratch: Scratch,
    /// What the others know that it takes in memory.
    told: GroupMemory,
}

/// What follows when the log is committed up to `required_offset`.
struct Pending {
    required_offset: i64,
    /// Who waits is told then that it takes too long (`offsets.commit.timeout.ms`).
    due: Mono,
    after: Vec<GroupAfter>,
}

impl HostedShard {
    pub fn new(partition: Arc<Partition>, taken: Arc<Taken>) -> HostedShard {
        HostedShard {
            partition,
            taken,
            state: Mutex::new(State::Loading(Some(Box::default()))),
            next_due: AtomicU64::new(Mono::NEVER.0),
            deleted_topics: Mutex::default(),
        }
    }

    /// Lets the shard decide; the answer is left in the slot.
    pub fn ask(
        &self,
        request: RequestId,
        decide: impl FnOnce(&mut GroupShard, RequestId, &GroupLimits, Now) -> GroupStep,
        turn: &Turn<'_>,
        wakes: &mut Wakes,
    ) -> Result<Arc<Slot>, ErrorCode> {
        let mut state = self.state.lock();
        let active = state.active()?;
        let slot = Slot::new();
        active.waiting.insert(request, slot.clone());
        let limits = self.taken.limits_of(active.told, turn.limits);
        let step = decide(&mut active.shard, request, &limits, turn.now);
        self.carry_out(active, step, turn, wakes);
        Ok(slot)
    }

    /// Looks at the committed state.
    pub fn read<T>(&self, look: impl FnOnce(&GroupShard) -> T) -> Result<T, ErrorCode> {
        self.state.lock().active().map(|active| look(&active.shard))
    }

    pub fn next_due(&self) -> Mono {
        Mono(self.next_due.load(Ordering::Acquire))
    }

    /// Does what is due.
    pub fn advance(&self, turn: &Turn<'_>, wakes: &mut Wakes) {
        let mut state = self.state.lock();
        let Ok(active) = state.active() else { return };
        while let Some(late) = active.pending.pop_front_if(|pending| pending.due <= turn.now.mono) {
            active.ended(late.after, Err(ErrorCode::RequestTimedOut), turn).into_iter().for_each(|step| {
                self.carry_out(active, step, turn, wakes);
            });
        }
        while let Some(step) = active.shard.advance(turn.limits, turn.now) {
            self.carry_out(active, step, turn, wakes);
        }
        self.note_due(active);
    }

    /// Gives up offsets whose time is over.
    pub fn expire(&self, turn: &Turn<'_>, wakes: &mut Wakes) {
        self.divisible(|shard| shard.expire_offsets(turn.limits, turn.now), turn, wakes);
    }

    /// The offsets of these topics are to be given up.
    pub fn note_deleted_topics(&self, topics: &BTreeMap<String, Uuid>) {
        let topics = topics.iter().map(|(name, id)| (name.clone(), *id));
        self.deleted_topics.lock().extend(topics);
    }

    pub fn has_deleted_topics(&self) -> bool {
        !self.deleted_topics.lock().is_empty()
    }

    /// Gives up the offsets of deleted topics, once there is a shard.
    pub fn forget_deleted_topics(&self, turn: &Turn<'_>, wakes: &mut Wakes) {
        if self.state.lock().active().is_err() {
            return;
        }
        let topics = std::mem::take(&mut *self.deleted_topics.lock());
        if !topics.is_empty() {
            self.divisible(|shard| shard.topics_deleted(&topics), turn, wakes);
        }
    }

    /// Carries out a step whose records need not stay together, in as many batches as they take.
    fn divisible(&self, decide: impl FnOnce(&GroupShard) -> GroupStep, turn: &Turn<'_>, wakes: &mut Wakes) {
        let mut state = self.state.lock();
        let Ok(active) = state.active() else { return };
        let step = decide(&active.shard);
        for records in batch::runs(step.records, self.bytes_max()) {
            let run = GroupStep { records, is_replayed: step.is_replayed, ..GroupStep::default() };
            self.carry_out(active, run, turn, wakes);
        }
    }

    /// The high watermark of the partition has moved, or may have.
    pub fn high_watermark_moved(&self, turn: &Turn<'_>, wakes: &mut Wakes) {
        let mut state = self.state.lock();
        let Ok(active) = state.active() else { return };
        active.committed = self.partition.high_watermark();
        self.carry_out(active, GroupStep::default(), turn, wakes);
    }

    pub fn is_loading(&self) -> bool {
        matches!(*self.state.lock(), State::Loading(_))
    }

    /// Takes what was loaded so far, to read on; `None` when nothing is left to load.
    pub fn take_loading(&self) -> Option<Box<Loading>> {
        match &mut *self.state.lock() {
            State::Loading(loading) => loading.take(),
            State::Active(_) | State::Gone => None,
        }
    }

    /// Puts back what [`HostedShard::take_loading`] took, unless the shard was given up meanwhile.
    pub fn put_loading(&self, loading: Box<Loading>) {
        let mut state = self.state.lock();
        if matches!(*state, State::Loading(None)) {
            *state = State::Loading(Some(loading));
        }
    }

    /// All of the log has been read, up to `end`: from now on the shard decides.
    pub fn activate(&self, shard: GroupShard, end: i64, turn: &Turn<'_>, wakes: &mut Wakes) {
        let mut state = self.state.lock();
        if !matches!(*state, State::Loading(None)) {
            return;
        }
        let (waiting, pending, scratch, told) = Default::default();
        let committed = self.partition.high_watermark();
        let mut active = Box::new(Active { shard, waiting, pending, end, committed, scratch, told });
        active.shard.commit(committed);
        let step = active.shard.loaded(turn.limits, turn.now);
        self.carry_out(&mut active, step, turn, wakes);
        *state = State::Active(active);
    }

    /// The shard serves nobody from now on; who waits is told to look elsewhere.
    pub fn give_up(&self, wakes: &mut Wakes) {
        let state = std::mem::replace(&mut *self.state.lock(), State::Gone);
        self.next_due.store(Mono::NEVER.0, Ordering::SeqCst);
        let State::Active(active) = state else { return };
        let Active { shard, mut waiting, pending, told, .. } = *active;
        self.taken.changed(told, GroupMemory::default());
        let refused = pending.into_iter().flat_map(|pending| pending.after).filter_map(|after| match after {
            GroupAfter::Answer(request, answer) => Some((request, answer.refused(ErrorCode::NotCoordinator))),
            // Whoever waits for it is known to the shard.
            GroupAfter::Classic(_) => None,
        });
        let refused: Vec<(RequestId, GroupAnswer)> = refused.chain(shard.unload().answers).collect();
        for (request, answer) in refused {
            if let Some(slot) = waiting.remove(&request) {
                slot.put(answer, wakes);
            }
        }
    }

    /// Carries out a step, and all that follow from it by now.
    fn carry_out(&self, active: &mut Active, step: GroupStep, turn: &Turn<'_>, wakes: &mut Wakes) {
        let mut steps = VecDeque::from([step]);
        loop {
            while let Some(step) = steps.pop_front() {
                steps.extend(self.carry_out_one(active, step, turn, wakes));
            }
            active.shard.commit(active.committed);
            let is_committed = |pending: &mut Pending| pending.required_offset <= active.committed;
            let Some(pending) = active.pending.pop_front_if(is_committed) else { break };
            steps.extend(active.ended(pending.after, Ok(()), turn));
        }
        let memory = active.shard.memory();
        self.taken.changed(active.told, memory);
        active.told = memory;
        self.note_due(active);
    }

    /// Returns what follows from it at once.
    fn carry_out_one(
        &self,
        active: &mut Active,
        step: GroupStep,
        turn: &Turn<'_>,
        wakes: &mut Wakes,
    ) -> Vec<GroupStep> {
        for (request, answer) in step.answers {
            if let Some(slot) = active.waiting.remove(&request) {
                slot.put(answer, wakes);
            }
        }
        if !step.records.is_empty() {
            match self.append(active, step.records, step.is_replayed, turn) {
                Ok(end) => active.end = end,
                Err(error) => return active.ended(step.after, Err(error), turn),
            }
        }
        if !step.after.is_empty() {
            let due = turn.now.mono.plus_ms(turn.settings.groups.offsets_commit_timeout_ms.into());
            active.pending.push_back(Pending { required_offset: active.end, due, after: step.after });
        }
        Vec::new()
    }

    /// Appends records in one batch; returns the end that must be committed.
    fn append(
        &self,
        active: &mut Active,
        records: Vec<GroupRecord>,
        is_replayed: bool,
        turn: &Turn<'_>,
    ) -> Result<i64, ErrorCode> {
        let built = batch::build(&records, turn.settings, turn.now, &mut active.scratch);
        let batch =
            built.filter(|batch| batch.len() <= self.bytes_max()).ok_or(ErrorCode::MessageTooLarge)?;
        let base_offset = self.partition.append_as_coordinator(batch, turn.now)?;
        let end = base_offset + records.len() as i64;
        if is_replayed {
            for (offset, record) in (base_offset..).zip(records) {
                active.shard.replay(offset, None, record, turn.now.wall_ms);
            }
        }
        Ok(end)
    }

    /// The most bytes that the topic takes in one batch.
    fn bytes_max(&self) -> usize {
        self.partition.config().max_message_bytes.max(0) as usize
    }

    fn note_due(&self, active: &Active) {
        let timers = active.shard.next_due().unwrap_or(Mono::NEVER);
        let appends = active.pending.front().map_or(Mono::NEVER, |pending| pending.due);
        self.next_due.store(timers.min(appends).0, Ordering::SeqCst);
    }
}

impl State {
    fn active(&mut self) -> Result<&mut Active, ErrorCode> {
        match self {
            State::Loading(_) => Err(ErrorCode::CoordinatorLoadInProgress),
            State::Active(active) => Ok(active),
            State::Gone => Err(ErrorCode::NotCoordinator),
        }
    }
}

impl Active {
    /// Asks the shard what follows when its records are committed, or were refused.
    fn ended(
        &mut self,
        after: Vec<GroupAfter>,
        outcome: Result<(), ErrorCode>,
        turn: &Turn<'_>,
    ) -> Vec<GroupStep> {
        let follow = |after| self.shard.after(after, outcome, turn.limits, turn.now);
        after.into_iter().map(follow).collect()
    }
}
