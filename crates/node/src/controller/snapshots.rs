//! Which snapshots of the metadata there are, when the next one is due, and which may go (Kafka: `SnapshotGenerator`,
//! `KafkaRaftLog.maybeClean`, KIP-630).
//!
//! ```text
//! bytes or time since the last one ─► due, with the image as published ─► written beside everything else ─► known
//! more bytes or older than retention allows, and a newer one is there ─► log start moves to the newer one,
//!   segments below it go, then the older snapshots
//! ```
//! In this order a crash leaves a snapshot at or above the log start, whenever it comes.

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::Mono;
use klamm_config::settings::MetadataSettings;
use klamm_log::SnapshotId;
use klamm_metadata::MetadataImage;

/// Pause between two looks for what may go (Kafka: `RaftMetadataLogCleanerManager`).
const CLEANING_INTERVAL_MS: i64 = 60_000;

/// The limits of `metadata.*`.
#[derive(Clone, Copy, Debug)]
struct Limits {
    bytes_between: u64,
    /// 0: time alone makes no snapshot.
    interval_ms: i64,
    /// Of log and snapshots together; negative: none.
    retention_bytes: i64,
    retention_ms: i64,
}

/// What is known of one snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub bytes: u64,
    /// Append time of the last record in it; `None` while its file has not been asked.
    pub log_time_ms: Option<i64>,
}

/// See the module. Decisions only: files are others' work.
#[derive(Debug)]
pub struct Snapshots {
    limits: Limits,
    known: BTreeMap<SnapshotId, Known>,
    bytes_since: u64,
    last: Mono,
    due: Option<Arc<MetadataImage>>,
    /// Somebody is writing one.
    in_work: bool,
    next_cleaning: Mono,
    cleaning_is_due: bool,
    attempts: u64,
}

impl Snapshots {
    /// `bytes_since` is what the log holds behind the newest snapshot.
    pub fn new(
        settings: &MetadataSettings,
        known: BTreeMap<SnapshotId, Known>,
        bytes_since: u64,
    ) -> Snapshots {
        let limits = Limits {
            bytes_between: settings.max_record_bytes_between_snapshots.max(1) as u64,
            interval_ms: settings.max_snapshot_interval_ms,
            retention_bytes: settings.max_retention_bytes,
            retention_ms: settings.max_retention_ms,
        };
        Snapshots {
            limits,
            known,
            bytes_since,
            last: Mono::ZERO,
            due: None,
            in_work: false,
            next_cleaning: Mono::ZERO,
            cleaning_is_due: false,
            attempts: 0,
        }
    }

    /// From here on time counts.
    pub fn start(&mut self, now: Mono) {
        self.last = now;
        self.next_cleaning = now.plus_ms(CLEANING_INTERVAL_MS);
    }

    /// A batch was appended.
    pub fn appended(&mut self, bytes: u64) {
        self.bytes_since += bytes;
    }

    /// A newer image is visible; returns whether a snapshot of it is due.
    pub fn published(&mut self, image: &Arc<MetadataImage>, now: Mono) -> bool {
        let by_bytes = self.bytes_since >= self.limits.bytes_between;
        let by_time = self.limits.interval_ms != 0 && self.last.plus_ms(self.limits.interval_ms) <= now;
        if !self.in_work && (by_bytes || by_time) && !self.known.contains_key(&id_of(image)) {
            self.due = Some(image.clone());
        }
        self.due.is_some()
    }

    /// The image to write, and a number that no other attempt has.
    pub fn take_due(&mut self, now: Mono) -> Option<(Arc<MetadataImage>, u64)> {
        let image = self.due.take()?;
        self.in_work = true;
        self.attempts += 1;
        self.bytes_since = 0;
        self.last = now;
        Some((image, self.attempts))
    }

    /// The attempt has ended; `written` when the snapshot is durable.
    pub fn done(&mut self, written: Option<(SnapshotId, Known)>) {
        self.in_work = false;
        self.known.extend(written);
    }

    /// Notes that it is time to look for what may go; returns whether there is something to look at.
    pub fn advance(&mut self, now: Mono) -> bool {
        if self.next_cleaning <= now {
            self.next_cleaning = now.plus_ms(CLEANING_INTERVAL_MS);
            self.cleaning_is_due = self.known.len() > 1;
        }
        self.cleaning_is_due
    }

    /// When [`Snapshots::advance`] has something to note.
    pub fn next_deadline(&self) -> Mono {
        if self.known.len() > 1 { self.next_cleaning } else { Mono::NEVER }
    }

    pub fn take_cleaning(&mut self) -> bool {
        std::mem::take(&mut self.cleaning_is_due)
    }

    /// Snapshots whose time must be read from their files before anything is decided by time.
    pub fn without_time(&self) -> Vec<SnapshotId> {
        let unknown = |(id, known): (&SnapshotId, &Known)| known.log_time_ms.is_none().then_some(*id);
        self.known.iter().filter_map(unknown).collect()
    }

    pub fn set_time(&mut self, id: SnapshotId, log_time_ms: i64) {
        if let Some(known) = self.known.get_mut(&id) {
            known.log_time_ms = Some(log_time_ms);
        }
    }

    /// The snapshot at which the log shall begin instead of at an older one; `None` when all may stay.
    pub fn next_start(&self, log_start: i64, log_bytes: u64, wall_ms: i64) -> Option<SnapshotId> {
        let mut ids = self.known.iter();
        let (_, oldest) = ids.next()?;
        let (next, _) = ids.next()?;
        let total = self.known.values().map(|known| known.bytes).sum::<u64>() + log_bytes;
        let Limits { retention_bytes, retention_ms, .. } = self.limits;
        let is_large = retention_bytes >= 0 && total > retention_bytes as u64;
        let age_ms = oldest.log_time_ms.map(|time| wall_ms.saturating_sub(time));
        let is_old = retention_ms >= 0 && age_ms.is_some_and(|age| age > retention_ms);
        ((is_large || is_old) && log_start < next.end_offset).then_some(*next)
    }

    /// Takes out all snapshots before `start`; their files may go.
    pub fn forget_before(&mut self, start: SnapshotId) -> Vec<SnapshotId> {
        let kept = self.known.split_off(&start);
        std::mem::replace(&mut self.known, kept).into_keys().collect()
    }
}

/// The name of a snapshot of `image`.
pub fn id_of(image: &MetadataImage) -> SnapshotId {
    let provenance = &image.provenance;
    SnapshotId { end_offset: provenance.last_contained_offset + 1, epoch: provenance.last_contained_epoch }
}

#[cfg(test)]
mod tests {
    use klamm_metadata::image::Provenance;

    use super::*;

    fn snapshots(limits: Limits) -> Snapshots {
        let known = |bytes| Known { bytes, log_time_ms: Some(1_000) };
        Snapshots {
            limits,
            known: BTreeMap::from([(id(0), known(10)), (id(100), known(10)), (id(200), known(10))]),
            bytes_since: 0,
            last: Mono::ZERO,
            due: None,
            in_work: false,
            next_cleaning: Mono::ZERO,
            cleaning_is_due: false,
            attempts: 0,
        }
    }

    const NONE: Limits =
        Limits { bytes_between: 1_000, interval_ms: 0, retention_bytes: -1, retention_ms: -1 };

    fn id(end_offset: i64) -> SnapshotId {
        SnapshotId { end_offset, epoch: 1 }
    }

    fn image(end_offset: i64) -> Arc<MetadataImage> {
        let provenance = Provenance {
            last_contained_offset: end_offset - 1,
            last_contained_epoch: 1,
            last_contained_log_time_ms: 5,
        };
        Arc::new(MetadataImage { provenance, ..MetadataImage::default() })
    }

    #[test]
    fn bytes_make_one_due_and_only_one_at_a_time() {
        let mut snapshots = snapshots(NONE);
        snapshots.appended(999);
        assert!(!snapshots.published(&image(300), Mono::ZERO));
        snapshots.appended(1);
        assert!(snapshots.published(&image(301), Mono::ZERO));
        assert!(snapshots.published(&image(302), Mono::ZERO), "the newest one is written");
        let (taken, _) = snapshots.take_due(Mono::ZERO).expect("due");
        assert_eq!(id_of(&taken), id(302));
        snapshots.appended(5_000);
        assert!(!snapshots.published(&image(303), Mono::ZERO));
        snapshots.done(None);
        assert!(snapshots.published(&image(304), Mono::ZERO), "what failed is tried again");
    }

    #[test]
    fn time_makes_one_due_and_nothing_is_written_twice() {
        let mut snapshots = snapshots(Limits { interval_ms: 10, ..NONE });
        snapshots.start(Mono(1_000_000));
        assert!(!snapshots.published(&image(300), Mono(1_009_999)));
        assert!(!snapshots.published(&image(200), Mono(1_010_000)), "there is one of this image");
        assert!(snapshots.published(&image(300), Mono(1_010_000)));
        snapshots.take_due(Mono(1_010_000)).expect("due");
        snapshots.done(Some((id(300), Known { bytes: 1, log_time_ms: Some(5) })));
        assert!(!snapshots.published(&image(301), Mono(1_019_999)));
        assert!(snapshots.published(&image(301), Mono(1_020_000)));
    }

    #[test]
    fn what_is_too_large_or_too_old_goes_but_never_the_last() {
        let by_bytes = |retention_bytes| snapshots(Limits { retention_bytes, ..NONE });
        assert_eq!(by_bytes(130).next_start(0, 100, 0), None);
        assert_eq!(by_bytes(129).next_start(0, 100, 0), Some(id(100)));
        assert_eq!(by_bytes(129).next_start(100, 100, 0), None, "the log begins there already");
        let by_time = |now| snapshots(Limits { retention_ms: 500, ..NONE }).next_start(0, 0, now);
        assert_eq!((by_time(1_500), by_time(1_501)), (None, Some(id(100))));
        let mut last = by_bytes(0);
        assert_eq!(last.forget_before(id(200)), [id(0), id(100)]);
        assert_eq!(last.next_start(0, 100, 0), None);
        assert_eq!(snapshots(NONE).next_start(0, 1 << 40, i64::MAX), None);
    }
}
