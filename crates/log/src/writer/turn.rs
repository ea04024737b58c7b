//! One turn of writing, and the flush of a rolled segment.

use std::io::IoSlice;
use std::sync::Arc;

use super::{Append, Done, Flush, Lane, OpKind, Progress, Roll, STAMPED_BYTES, WriteOp, Writer};
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault};
use crate::format::file_name::FileKind;
use crate::offset::LogOffset;

/// What a turn has done for one log.
struct Outcome<T> {
    lane: Arc<Lane>,
    owner: T,
    written: Option<LogOffset>,
    wants_sync: bool,
    /// Everything below was written when the turn's last op was through.
    end: LogOffset,
    progress: Progress,
}

impl<T: Clone> Writer<T> {
    pub(super) fn run_turn(&self, working: &mut Vec<(WriteOp, T)>) -> Vec<Done<T>> {
        assert!(working.is_empty(), "a turn has left {} ops behind", working.len());
        std::mem::swap(&mut *self.queue.lock(), working);
        // Stable: the order inside a log stays.
        working.sort_by_key(|(op, _)| op.lane.key());
        let mut outcomes = Vec::new();
        for ops in working.chunk_by_mut(|(a, _), (b, _)| a.lane.key() == b.lane.key()) {
            outcomes.push(self.write_log(ops));
        }
        working.clear();
        // Syncs come last: while the first one waits, the kernel has all bytes of the turn.
        outcomes.into_iter().map(|outcome| self.note_sync(outcome)).collect()
    }

    /// Writes all ops of one log.
    fn write_log(&self, ops: &mut [(WriteOp, T)]) -> Outcome<T> {
        let (last, owner) = &ops[ops.len() - 1];
        let (lane, owner) = (last.lane.clone(), owner.clone());
        let progress = lane.no_progress();
        let end = LogOffset::offset_only(0);
        let mut outcome = Outcome { lane, owner, written: None, wants_sync: false, end, progress };
        if outcome.lane.is_gone() {
            return outcome;
        }
        if let Some(fault) = self.why_not(&outcome.lane) {
            outcome.progress.fault = Some(fault);
            return outcome;
        }
        let mut done = 0;
        while done < ops.len() {
            let run = run_length(&ops[done..]);
            let result = self.write_run(&mut ops[done..done + run], &mut outcome);
            if let Err(fault) = result {
                outcome.progress.fault = give_up(&outcome.lane, fault);
                break;
            }
            done += run;
        }
        outcome.progress.written = outcome.written;
        outcome
    }

    /// Why nothing may be tried on this log any more.
    pub(super) fn why_not(&self, lane: &Lane) -> Option<LogFault> {
        if let Some(fault) = self.failed() {
            lane.home().fail(fault.clone());
        }
        lane.home().fault().cloned()
    }

    /// Writes appends that lie one behind the other in one segment, or notes a sync.
    fn write_run(&self, run: &mut [(WriteOp, T)], outcome: &mut Outcome<T>) -> Result<(), LogFault> {
        let taken = OpKind::Sync { end: LogOffset::offset_only(0) };
        let kind = std::mem::replace(&mut run[0].0.kind, taken);
        let mut first = match kind {
            OpKind::Append(first) => first,
            OpKind::Roll(roll) => {
                self.queue_flush(outcome, roll);
                return Ok(());
            }
            OpKind::Sync { end } => {
                outcome.wants_sync = true;
                outcome.end = end;
                return Ok(());
            }
        };
        if let Some(roll) = first.rolled.take() {
            self.queue_flush(outcome, roll);
        }
        let (segment, position) = (first.segment.clone(), first.position);
        let mut slices = Vec::with_capacity(2 * run.len());
        let mut end = first.end;
        for append in std::iter::once(&first).chain(run[1..].iter().filter_map(|(op, _)| as_append(op))) {
            slices.push(IoSlice::new(&append.head));
            slices.push(IoSlice::new(&append.batch[STAMPED_BYTES..]));
            outcome.wants_sync |= append.sync;
            end = append.end;
        }
        if position == 0 {
            outcome.lane.before_new_segment()?;
        }
        // A leftover of an earlier life may have the name of a new segment.
        let mode = if position == 0 { OpenMode::CreateOrTruncate } else { OpenMode::ReadWrite };
        let file = segment.file(mode)?;
        file.write_vectored_at(&slices, u64::from(position))
            .map_err(|source| DiskFault::new(DiskOp::Write, segment.path(FileKind::Log), source))?;
        outcome.lane.touched(&segment, position == 0);
        segment.set_size(end.position);
        outcome.written = Some(end);
        outcome.end = end;
        segment.spill_index()?;
        if segment.has_unwritten_aborted() {
            segment.write_aborted(false)?;
            outcome.lane.names_changed();
        }
        Ok(())
    }

    fn queue_flush(&self, outcome: &Outcome<T>, roll: Box<Roll>) {
        let flush = Flush { lane: outcome.lane.clone(), roll, owner: outcome.owner.clone() };
        self.flushes.lock().push_back(flush);
    }

    /// Lets the log wait for a sync if one of its ops asked for it.
    fn note_sync(&self, outcome: Outcome<T>) -> Done<T> {
        let Outcome { lane, owner, wants_sync, end, progress, .. } = outcome;
        if wants_sync && progress.fault.is_none() {
            self.queue_sync(lane, owner.clone(), end);
        }
        Done { owner, progress }
    }

    pub(super) fn run_flush(&self, flush: &Flush<T>) -> Progress {
        if flush.lane.is_gone() {
            return flush.lane.no_progress();
        }
        let fault = self.why_not(&flush.lane).or_else(|| {
            let fault = flush.lane.finish_roll(&flush.roll).err()?;
            give_up(&flush.lane, fault)
        });
        if fault.is_some() {
            return Progress { fault, ..flush.lane.no_progress() };
        }
        // The turn that wrote the segment's end may not have been reported yet.
        let end = flush.roll.end;
        Progress {
            written: Some(end),
            durable: Some(end.offset),
            recovery_point: Some(end.offset),
            ..flush.lane.no_progress()
        }
    }
}

/// Takes a log offline, unless its files have only gone because its directory was: that is nobody's fault.
pub(super) fn give_up(lane: &Lane, fault: LogFault) -> Option<LogFault> {
    if lane.is_gone() {
        return None;
    }
    lane.home().fail(fault.clone());
    Some(fault)
}

fn as_append(op: &WriteOp) -> Option<&Append> {
    match &op.kind {
        OpKind::Append(append) => Some(append),
        OpKind::Roll(_) | OpKind::Sync { .. } => None,
    }
}

/// How many ops from the first one on are one gathered write.
fn run_length<T>(ops: &[(WriteOp, T)]) -> usize {
    let Some(first) = as_append(&ops[0].0) else { return 1 };
    let goes_on = |(op, _): &&(WriteOp, T)| {
        as_append(op).is_some_and(|next| next.rolled.is_none() && Arc::ptr_eq(&next.segment, &first.segment))
    };
    1 + ops[1..].iter().take_while(goes_on).count()
}
