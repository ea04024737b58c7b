//! Producer state on the way: as far as recovery has come, and its snapshots.

use klamm_records::BatchView;

use super::Loading;
use crate::fault::LogFault;
use crate::format::file_name::{FileKind, FileName};
use crate::format::transaction_index::AbortedTxn;
use crate::home::write_file;
use crate::producer_load::{self, ProducerLoad};

impl Loading {
    /// Brings the producer state to `end`.
    pub(super) fn load_producers(&mut self, end: i64) -> Result<(), LogFault> {
        let mut load = ProducerLoad {
            producers: &mut self.producers,
            lane: &self.lane,
            segments: &self.segments,
            log_start: self.open.log_start,
            now_ms: self.open.now_ms,
            expiration_ms: self.open.config.producer_id_expiration_ms,
            producers_max: self.open.config.producers_max,
            clean: self.open.clean,
        };
        self.report.bad_snapshots += load.load(end)?;
        Ok(())
    }

    /// Takes note of one batch; returns what it aborts.
    pub(super) fn take_producer(&mut self, view: &BatchView<'_>) -> Option<AbortedTxn> {
        let aborted = producer_load::take_batch(&mut self.producers, view);
        self.producers.keep(self.open.config.producers_max);
        aborted
    }

    /// Writes a snapshot at the producer state's end, unless there is one. Not synced: its checksum tells whether it
    /// has survived.
    pub(super) fn write_snapshot(&mut self) -> Result<(), LogFault> {
        let Some((offset, bytes)) = self.producers.take_snapshot() else { return Ok(()) };
        let name = FileName::new(offset, FileKind::ProducerSnapshot);
        write_file(&**self.home.disk(), &self.home.dir().join(name.to_string()), &bytes, false)?;
        self.lane.snapshot_is_new(offset);
        self.lane.names_changed();
        Ok(())
    }
}
