//! What the quorum is told.

use crate::{ControlRecord, ElectionState};

/// A position in the log: `offset` is exclusive, `epoch` is that of the last record before it
/// (0 for an empty log).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OffsetAndEpoch {
    pub offset: i64,
    pub epoch: i32,
}

/// One thing that happened outside. Kafka spreads these over `KafkaRaftClient`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A control record was read from the latest snapshot (`offset` -1 for the bootstrap snapshot,
    /// otherwise the snapshot's last contained offset) or from the log. Must come before `Start`.
    Loaded { offset: i64, record: ControlRecord },
    /// Everything local is known: what `quorum-state` says (`None`: there is no such file) and
    /// where the recovered log ends.
    Start { election: Option<ElectionState>, log_end: OffsetAndEpoch },
    /// The log took a batch of the current epoch; `end_offset` is the new assigned end.
    Appended { end_offset: i64 },
    /// Everything below `end_offset` is on stable storage.
    Durable { end_offset: i64 },
    /// The controller finalizes a higher kraft.version, which is in the range every voter supports.
    RaiseKRaftVersion { version: i16 },
    /// The node stops in good order.
    Shutdown,
}
