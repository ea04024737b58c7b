//! What the quorum asks for.

use crate::{ControlRecord, ElectionState};

/// One thing to do. The actions of one step are carried out in order; the next is not begun before
/// the one before it is finished, and when one fails the rest is dropped and the node stops.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Write `quorum-state` in the layout of `version` (0 or 1) and sync it.
    PersistElection { election: ElectionState, version: i16 },
    /// Append one control batch with these records, stamped with `epoch`, then report
    /// [`Event::Appended`](crate::Event::Appended).
    AppendControl { epoch: i32, records: Vec<ControlRecord> },
    /// Everything below `offset` is committed: apply it to the image, release parked answers.
    HighWatermark { offset: i64 },
    /// The first record of `epoch` is committed: the controller of this node is the active one.
    BecomeLeader { epoch: i32 },
    /// The node no longer leads `epoch`: the controller of this node stops deciding.
    Resign { epoch: i32 },
}
