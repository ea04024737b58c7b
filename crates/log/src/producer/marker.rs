//! Reading the end of a transaction from its batch.

use klamm_records::{BatchView, ControlRecordType, EndTxnMarker, Limits, Scratch};

use super::check::Marker;

/// A control batch whose record is not a transaction's end.
#[derive(Debug)]
pub(crate) struct NoMarker;

/// Reads the marker of a producer's control batch; `None` when compaction has removed the record.
pub(crate) fn read_marker(batch: &[u8]) -> Result<Option<Marker>, NoMarker> {
    let view = BatchView::parse(batch).map_err(|_| NoMarker)?;
    if view.header().record_count == 0 {
        return Ok(None);
    }
    let (mut scratch, limits) = (Scratch::default(), Limits::default());
    let mut records = view.records(&mut scratch, &limits).map_err(|_| NoMarker)?;
    let Some(Ok(record)) = records.next() else { return Err(NoMarker) };
    let commit = match ControlRecordType::from_key(record.key) {
        Some(ControlRecordType::Commit) => true,
        Some(ControlRecordType::Abort) => false,
        _ => return Err(NoMarker),
    };
    let marker = EndTxnMarker::from_value(record.value).ok_or(NoMarker)?;
    Ok(Some(Marker { commit, coordinator_epoch: marker.coordinator_epoch, timestamp: record.timestamp }))
}
