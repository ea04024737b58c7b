//! Offsets that know where they lie, and the ends of a log (Kafka: `LogOffsetMetadata`).

/// An offset with the place of its batch, so that a read bounded by it needs no lookup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogOffset {
    pub offset: i64,
    /// Base offset of the segment, or -1 when only the offset is known.
    pub segment_base_offset: i64,
    /// Byte position inside that segment.
    pub position: u32,
}

impl LogOffset {
    /// An offset whose place nobody has looked up.
    pub const fn offset_only(offset: i64) -> Self {
        LogOffset { offset, segment_base_offset: -1, position: 0 }
    }

    pub const fn is_offset_only(&self) -> bool {
        self.segment_base_offset < 0
    }

    /// Bytes from `from` to here, when both lie in one segment.
    pub fn bytes_since(&self, from: &LogOffset) -> Option<u64> {
        let same = !self.is_offset_only() && self.segment_base_offset == from.segment_base_offset;
        same.then(|| u64::from(self.position.saturating_sub(from.position)))
    }
}

/// The ends of one log. They are separate values because acknowledgement and visibility depend on different
/// ones: `recovery_point <= durable <= written <= assigned`, and `log_start <= local_log_start <= written`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogEnds {
    /// First offset anybody may read (moved by DeleteRecords and retention).
    pub log_start: i64,
    /// First offset that lies on this disk; equals `log_start` without tiered storage.
    pub local_log_start: i64,
    /// Behind the last batch that has offsets; its bytes may still be on their way.
    pub assigned: LogOffset,
    /// Behind the last batch whose bytes the file system has. Nothing beyond is ever readable.
    pub written: LogOffset,
    /// Every batch below survives a power cut.
    pub durable: i64,
    /// Recovery after a crash begins at the segment that holds this offset; goes into the recovery-point checkpoint. Moves
    /// when a rolled segment is flushed and at a clean close: indexes, producer snapshot and epochs of all earlier
    /// segments are on the disk then.
    pub recovery_point: i64,
}
