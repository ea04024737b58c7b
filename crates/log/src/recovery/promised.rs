//! Refusing a log that lacks what others rely on, before anything on the disk is changed.

use super::Loading;
use super::scan::{Window, check_order};
use crate::disk::OpenMode;
use crate::fault::{DiskFault, DiskOp, LogFault, Malformed};
use crate::format::file_name::FileKind;
use crate::segment::Segment;
use crate::segment::scan::parse;

impl Loading {
    /// Sees that every batch below `promised` is there and whole, from the segment of the recovery point on.
    ///
    /// # Errors
    /// [`LogFault::Malformed`] with the segment that ends the good part.
    pub(super) fn check_promised(&self, promised: i64) -> Result<(), LogFault> {
        let from = self.open.recovery_point.max(self.open.log_start);
        let below = self.segments.partition_point(|segment| segment.base_offset() <= from);
        let checked = &self.segments[below.saturating_sub(1)..];
        let Some(first) = checked.first() else {
            let is_there = promised <= self.open.log_start;
            let missing = || LogFault::malformed(&*self.home.dir(), Malformed::Truncated);
            return if is_there { Ok(()) } else { Err(missing()) };
        };
        let mut end = first.base_offset();
        for segment in checked {
            if end >= promised {
                return Ok(());
            }
            if segment.base_offset() != end {
                let why = Malformed::BadOffset { position: 0, offset: segment.base_offset(), expected: end };
                return Err(LogFault::malformed(segment.path(FileKind::Log), why));
            }
            end = self.whole_batches(segment, end, promised)?;
        }
        let last = &checked[checked.len() - 1];
        let cut = || LogFault::malformed(last.path(FileKind::Log), Malformed::Truncated);
        if end >= promised { Ok(()) } else { Err(cut()) }
    }

    /// The offset behind a segment's batches, or behind the promised ones.
    fn whole_batches(&self, segment: &Segment, end: i64, promised: i64) -> Result<i64, LogFault> {
        if segment.size() == 0 {
            return Ok(end);
        }
        let file = segment.file(OpenMode::Read)?;
        let mut window = Window::new(&*file, segment.size());
        let mut end = end;
        let refuse = |why| LogFault::malformed(segment.path(FileKind::Log), why);
        while !window.at_end() && end < promised {
            let position = window.position();
            let fault = |source| DiskFault::new(DiskOp::Read, segment.path(FileKind::Log), source);
            let bad = |why| refuse(Malformed::BadBatch { position, why });
            let batch = window.batch().map_err(fault)?.map_err(bad)?;
            batch.check_crc().map_err(bad)?;
            let head = parse(batch.bytes(), position).map_err(bad)?;
            check_order(segment.base_offset(), &head, end).map_err(refuse)?;
            end = head.last_offset + 1;
            window.advance();
        }
        Ok(end)
    }
}
