//! A batch's records written again under another codec, for topics whose `compression.type` is not
//! `producer` (Kafka: `LogValidator.buildRecordsAndAssignOffsets`).

use bytes::{Bytes, BytesMut};

use crate::builder::seal;
use crate::codec::{compress, decompress};
use crate::{Attributes, BatchHeader, BatchView, Compression, CompressionType, Limits, RecordFault, Scratch};

/// Writes `batch` with another codec. The records are taken over byte by byte, so that it takes no more memory than
/// they have bytes, whatever they consist of; all else of the header stays. All records are held at once: bound them
/// with `limits`. Whether they are sound is not looked at.
///
/// # Errors
/// [`RecordFault`] when the batch does not decompress within `limits`.
pub fn recompress(
    batch: &BatchView<'_>,
    compression: Compression,
    limits: &Limits,
    scratch: &mut Scratch,
) -> Result<Bytes, RecordFault> {
    let header = *batch.header();
    if header.record_count == 0 {
        // What compaction leaves of a producer's last batch: nothing to compress.
        return Ok(Bytes::copy_from_slice(batch.bytes()));
    }
    let mut plain = BytesMut::new();
    let records = match header.codec() {
        None => return Err(RecordFault::UnknownCodec { id: header.attributes.codec_id() }),
        Some(CompressionType::None) => batch.payload(),
        Some(codec) => {
            decompress(codec, batch.payload(), limits, scratch, &mut plain)?;
            &plain
        }
    };
    let mut again = BytesMut::zeroed(BatchHeader::SIZE);
    compress(compression, records, scratch, &mut again);
    let others = header.attributes.0 & Attributes::KNOWN & !Attributes::CODEC_MASK;
    let attributes = Attributes(others | i16::from(compression.codec.id()));
    seal(&mut again, BatchHeader { attributes, ..header });
    Ok(again.freeze())
}
