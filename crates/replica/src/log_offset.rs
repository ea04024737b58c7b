//! An offset together with the place of its batch (Kafka: `LogOffsetMetadata`).

/// Enough to tell how many bytes lie between two offsets without asking the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOffsetMetadata {
    pub offset: i64,
    /// Base offset of the segment the offset lies in, or -1 when only the offset is known.
    pub segment_base_offset: i64,
    /// Byte position inside that segment.
    pub position: u32,
}

impl LogOffsetMetadata {
    /// An offset whose place nobody has looked up.
    pub const fn offset_only(offset: i64) -> Self {
        LogOffsetMetadata { offset, segment_base_offset: -1, position: 0 }
    }

    pub const fn is_offset_only(&self) -> bool {
        self.segment_base_offset < 0
    }

    /// Bytes from `from` up to here; `None` unless both are known to lie in one segment.
    pub fn bytes_since(&self, from: &LogOffsetMetadata) -> Option<u32> {
        let same = !self.is_offset_only() && self.segment_base_offset == from.segment_base_offset;
        same.then(|| self.position.saturating_sub(from.position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_known_inside_one_segment_only() {
        let at =
            |segment_base_offset, position| LogOffsetMetadata { offset: 9, segment_base_offset, position };
        assert_eq!(at(0, 700).bytes_since(&at(0, 500)), Some(200));
        assert_eq!(at(0, 500).bytes_since(&at(0, 700)), Some(0));
        assert_eq!(at(5, 700).bytes_since(&at(0, 500)), None);
        assert_eq!(LogOffsetMetadata::offset_only(9).bytes_since(&LogOffsetMetadata::offset_only(4)), None);
    }
}
