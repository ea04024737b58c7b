//! What a second crash may rely on after the first one.

use crate::testing::{NOW_MS, Subject, tp};
use crate::{Checkpoint, LogConfig, OpenLog};

#[test]
fn a_segment_that_recovery_synced_is_scanned_again() {
    // No index entry but the one that a segment ends with.
    let config = LogConfig { segment_bytes: 600, ..LogConfig::default() };
    let mut subject = Subject::with(config.clone());
    (0..4).for_each(|n| subject.append(&format!("v{n}")));
    let Subject { disk, dir, log, .. } = subject;
    drop(log);
    let open = OpenLog {
        config: config.clone(),
        clean: false,
        recovery_point: 0,
        log_start: 0,
        now_ms: NOW_MS,
        seed: 1,
        sync_recovered: true,
    };
    let found = dir.partition_dir(&tp()).unwrap().unwrap();
    let (log, _) = dir.open_log(&found, open).unwrap();
    assert_eq!(log.ends().durable, 4);
    let mut subject = Subject { disk, dir, log, config, ..Subject::new() };
    subject.checkpoint(Checkpoint::RecoveryPoint, subject.log.ends().recovery_point);
    // The next batch begins a segment exactly where recovery ended; the one before is not flushed yet.
    subject.submit("next", None, false);
    subject.writer.turn();
    assert_eq!(subject.log.segment_base_offsets().collect::<Vec<_>>(), [0, 4]);
    let (subject, _) = subject.reopen(false);
    let newest = subject.log.view().max_timestamp().unwrap().map(|found| found.offset);
    assert_eq!(newest, Some(0));
}
