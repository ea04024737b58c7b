//! The same records under another codec, for topics whose `compression.type` is not `producer`.

use bytes::BytesMut;

use crate::{BatchView, Compression, Limits, RecordFault, Scratch};

/// Writes `batch` again with another codec: offsets, timestamps, producer fields, flags and the record
/// bytes themselves stay, length, codec bits and CRC change.
///
/// # Errors
/// [`RecordFault`] when the batch does not decompress within `limits`.
pub fn recompress(
    batch: &BatchView<'_>,
    compression: Compression,
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<BytesMut, RecordFault> {
    let _ = (batch, compression, limits, scratch);
    unimplemented!()
}
