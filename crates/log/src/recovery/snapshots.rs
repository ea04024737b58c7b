//! Producer state from snapshots and the batches behind them (Kafka: `UnifiedLog.rebuildProducerState`).

use klamm_records::{BatchView, NO_PRODUCER_ID};

use super::Loading;
use crate::fault::{LogFault, Malformed};
use crate::format::file_name::{FileKind, FileName};
use crate::format::producer_snapshot::{self, ProducerSnapshotEntry};
use crate::format::transaction_index::AbortedTxn;
use crate::home::{read_counted_file, write_file};
use crate::log::append::read_marker;
use crate::offset::LogOffset;
use crate::producer::Checked;
use crate::producer::check::Strictness;

impl Loading {
    /// Brings the producer state to `end`: newest usable snapshot at or before it, then the batches in between. Snapshots
    /// that cannot be true (behind the end, at or before the log start) or that no segment needs are removed.
    pub(super) fn load_producers(&mut self, end: i64) -> Result<(), LogFault> {
        let log_start = self.open.log_start;
        let out_of_range = self.producers.drop_snapshots(|offset| offset > end || offset <= log_start);
        self.remove_snapshots(&out_of_range)?;
        self.remove_stray_snapshots()?;
        let mut from = log_start;
        self.producers.reset(from);
        while let Some(offset) = self.producers.snapshots().last().copied() {
            match self.read_snapshot(offset)? {
                Ok(entries) => {
                    let expiration_ms = self.open.config.producer_id_expiration_ms;
                    self.producers.load(offset, &entries, self.open.now_ms, expiration_ms);
                    from = offset;
                    break;
                }
                Err(_damage) => {
                    self.report.bad_snapshots += 1;
                    self.producers.drop_snapshots(|other| other == offset);
                    self.remove_snapshots(&[offset])?;
                }
            }
        }
        // A directory that was left clean without any snapshot is older than producers.
        let never_any = self.producers.snapshots().is_empty() && self.report.bad_snapshots == 0;
        let nothing_to_know = self.open.clean && never_any;
        if from < end && !nothing_to_know {
            self.replay_producers(from, end)?;
        }
        self.producers.set_end_offset(end);
        Ok(())
    }

    /// Only snapshots at segment bases are of use, and the newest one if it lies behind all of them.
    fn remove_stray_snapshots(&mut self) -> Result<(), LogFault> {
        let bases: Vec<i64> = self.segments.iter().map(|segment| segment.base_offset()).collect();
        let newest = self.producers.snapshots().last().copied();
        let last_base = bases.last().copied().unwrap_or(0);
        let stray = self.producers.drop_snapshots(|offset| {
            let at_end = newest == Some(offset) && offset >= last_base;
            !at_end && bases.binary_search(&offset).is_err()
        });
        self.remove_snapshots(&stray)
    }

    fn read_snapshot(&self, offset: i64) -> Result<Result<Vec<ProducerSnapshotEntry>, Malformed>, LogFault> {
        let path = self.home.dir().join(FileName::new(offset, FileKind::ProducerSnapshot).to_string());
        match read_counted_file(&**self.home.disk(), &path, producer_snapshot::MAX_BYTES) {
            Ok(bytes) => Ok(producer_snapshot::decode(&bytes.unwrap_or_default())),
            Err(LogFault::Malformed { why, .. }) => Ok(Err(why)),
            Err(fault) => Err(fault),
        }
    }

    /// Takes note of all batches from one offset to another.
    fn replay_producers(&mut self, from: i64, end: i64) -> Result<(), LogFault> {
        let below = self.segments.partition_point(|segment| segment.base_offset() <= from);
        for index in below.saturating_sub(1)..self.segments.len() {
            let segment = self.segments[index].clone();
            if segment.base_offset() >= end {
                break;
            }
            let Some(start) = segment.find(from, segment.size())? else { continue };
            segment.walk(start.position, segment.size(), |head| {
                if head.base_offset >= end {
                    return Ok(false);
                }
                // The header tells whether there is a producer; most batches have none.
                if head.magic == 2 && head.producer_id != NO_PRODUCER_ID {
                    let bytes = segment.read_batch(head)?;
                    let view = BatchView::parse(&bytes)
                        .map_err(|why| LogFault::corrupt(segment.path(FileKind::Log), head.position, why))?;
                    // Its transaction index knows about aborts already.
                    self.take_producer(&view);
                }
                Ok(true)
            })?;
        }
        Ok(())
    }

    /// Takes note of one batch; returns what it aborts.
    pub(super) fn take_producer(&mut self, view: &BatchView<'_>) -> Option<AbortedTxn> {
        let header = view.header();
        if !header.has_producer_id() {
            return None;
        }
        let place = LogOffset::offset_only(header.base_offset);
        let update = if header.attributes.is_control() {
            let marker = read_marker(view.bytes()).ok()??;
            self.producers.check_marker(header, marker, header.base_offset, Strictness::Replication).ok()?
        } else {
            match self.producers.check_data(header, place, Strictness::Replication).ok()? {
                Checked::New(update) => update,
                Checked::Duplicate(_) => return None,
            }
        };
        self.producers.apply(update)
    }

    /// Writes a snapshot at the producer state's end, unless there is one. Not synced: its checksum tells whether it
    /// has survived.
    pub(super) fn write_snapshot(&mut self) -> Result<(), LogFault> {
        let Some((offset, bytes)) = self.producers.take_snapshot() else { return Ok(()) };
        let name = FileName::new(offset, FileKind::ProducerSnapshot);
        write_file(&**self.home.disk(), &self.home.dir().join(name.to_string()), &bytes, false)?;
        self.lane.names_changed();
        Ok(())
    }
}
