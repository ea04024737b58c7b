//! The records of one batch, one after the other, without holding the decompressed batch.

use crate::{BatchView, CodecFault, Limits, Record, Scratch};

/// Why a batch's records cannot be read. `index` counts records from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordFault {
    /// Codec ids 5-7.
    UnknownCodec { id: u8 },
    /// A negative record count in the header.
    BadCount { count: i32 },
    /// The stream does not decompress, or decompresses to more than allowed.
    Codec(CodecFault),
    /// The bytes end before the announced number of records.
    Missing { index: i32 },
    /// A record whose inner lengths contradict each other.
    Malformed { index: i32 },
    /// Bytes behind the last record.
    Leftover,
}

/// A lending iterator: each record borrows the reader's window until the next call.
/// Uncompressed records are slices of the batch itself.
#[derive(Debug)]
pub struct RecordReader<'a, 's> {
    batch: BatchView<'a>,
    scratch: &'s mut Scratch,
}

impl<'a, 's> RecordReader<'a, 's> {
    pub(crate) fn new(
        batch: BatchView<'a>,
        scratch: &'s mut Scratch,
        limits: &Limits,
    ) -> Result<RecordReader<'a, 's>, RecordFault> {
        let _ = limits;
        Ok(RecordReader { batch, scratch })
    }

    /// The next record, `None` behind the last one.
    ///
    /// # Errors
    /// [`RecordFault`]; the reader then stays at its end.
    #[expect(clippy::should_implement_trait, reason = "a lending iterator cannot implement Iterator")]
    pub fn next(&mut self) -> Option<Result<Record<'_>, RecordFault>> {
        let _ = (&self.batch, &self.scratch);
        unimplemented!()
    }
}
