//! The producer state at an offset: the newest usable snapshot, and the batches behind it (Kafka:
//! `UnifiedLog.rebuildProducerState`). For a log being loaded, and for one whose end was taken back.

use std::sync::Arc;

use klamm_records::{BatchView, NO_PRODUCER_ID};

use crate::fault::{LogFault, Malformed};
use crate::format::file_name::{FileKind, FileName};
use crate::format::producer_snapshot::{self, ProducerSnapshotEntry};
use crate::format::transaction_index::AbortedTxn;
use crate::home::read_counted_file;
use crate::offset::LogOffset;
use crate::producer::check::Strictness;
use crate::producer::marker::read_marker;
use crate::producer::{Checked, ProducerState};
use crate::segment::Segment;
use crate::writer::Lane;

/// A state to be loaded, with what it is loaded from.
pub(crate) struct ProducerLoad<'a> {
    pub producers: &'a mut ProducerState,
    pub lane: &'a Lane,
    pub segments: &'a [Arc<Segment>],
    pub log_start: i64,
    pub now_ms: i64,
    /// `producer.id.expiration.ms`.
    pub expiration_ms: i64,
    /// Producers that are remembered.
    pub producers_max: usize,
    /// The directory was left clean.
    pub clean: bool,
}

impl ProducerLoad<'_> {
    /// Brings the producer state to `end`: newest usable snapshot at or before it, then the batches in between. Snapshots
    /// that cannot be true (behind the end, at or before the log start) or that no segment needs are forgotten.
    /// Returns how many snapshots could not be used.
    pub fn load(&mut self, end: i64) -> Result<u32, LogFault> {
        let (log_start, mut bad_snapshots) = (self.log_start, 0);
        let out_of_range = self.producers.drop_snapshots(|offset| offset > end || offset <= log_start);
        self.lane.snapshots_are_stale(&out_of_range);
        self.drop_stray_snapshots();
        let mut from = log_start;
        self.producers.reset(from);
        while let Some(offset) = self.producers.snapshots().last().copied() {
            match self.read_snapshot(offset)? {
                Ok(entries) => {
                    self.producers.load(offset, &entries, self.now_ms, self.expiration_ms);
                    from = offset;
                    break;
                }
                Err(_damage) => {
                    bad_snapshots += 1;
                    self.producers.drop_snapshots(|other| other == offset);
                    self.lane.snapshots_are_stale(&[offset]);
                }
            }
        }
        // A directory that was left clean without any snapshot is older than producers.
        let never_any = self.producers.snapshots().is_empty() && bad_snapshots == 0;
        let nothing_to_know = self.clean && never_any;
        if from < end && !nothing_to_know {
            self.replay_producers(from, end)?;
        }
        self.producers.set_end_offset(end);
        Ok(bad_snapshots)
    }

    /// Only snapshots at segment bases are of use, and the newest one if it lies behind all of them.
    fn drop_stray_snapshots(&mut self) {
        let bases: Vec<i64> = self.segments.iter().map(|segment| segment.base_offset()).collect();
        let newest = self.producers.snapshots().last().copied();
        let last_base = bases.last().copied().unwrap_or(0);
        let stray = self.producers.drop_snapshots(|offset| {
            let at_end = newest == Some(offset) && offset >= last_base;
            !at_end && bases.binary_search(&offset).is_err()
        });
        self.lane.snapshots_are_stale(&stray);
    }

    fn read_snapshot(&self, offset: i64) -> Result<Result<Vec<ProducerSnapshotEntry>, Malformed>, LogFault> {
        let path = self.lane.home().dir().join(FileName::new(offset, FileKind::ProducerSnapshot).to_string());
        match read_counted_file(&**self.lane.home().disk(), &path, producer_snapshot::MAX_BYTES) {
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
                    take_batch(self.producers, &view);
                    self.producers.keep(self.producers_max);
                }
                Ok(true)
            })?;
        }
        Ok(())
    }
}

/// Takes note of one batch; returns what it aborts.
pub(crate) fn take_batch(producers: &mut ProducerState, view: &BatchView<'_>) -> Option<AbortedTxn> {
    let header = view.header();
    if !header.has_producer_id() {
        return None;
    }
    let place = LogOffset::offset_only(header.base_offset);
    let update = if header.attributes.is_control() {
        let marker = read_marker(view.bytes()).ok()??;
        producers.check_marker(header, marker, header.base_offset, Strictness::Replication).ok()?
    } else {
        match producers.check_data(header, place, Strictness::Replication).ok()? {
            Checked::New(update) => update,
            Checked::Duplicate(_) => return None,
        }
    };
    producers.apply(update)
}
