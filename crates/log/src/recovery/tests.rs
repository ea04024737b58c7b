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

#[test]
fn what_was_not_written_to_since_its_recovery_point_is_not_scanned() {
    let mut subject = Subject::new();
    (0..6).for_each(|n| subject.submit(&format!("v{n}"), Some(n), false));
    subject.work().unwrap();
    subject.log.close().unwrap();
    let closed = subject.log.ends().recovery_point;
    subject.checkpoint(Checkpoint::RecoveryPoint, closed);
    let names = subject.file_names();
    let (subject, recovery) = subject.reopen(false);
    assert_eq!((closed, recovery.scanned_segments), (6, 0));
    assert_eq!((subject.log.ends().durable, subject.values().len()), (6, 6));
    assert_eq!(subject.file_names(), names);
    assert_eq!(subject.log.producers().next().map(|(_, entry)| entry.last_sequence()), Some(5));
    let Subject { disk, dir, log, config, .. } = subject;
    drop(log);
    let operations = disk.operations();
    let open = OpenLog {
        config: config.clone(),
        clean: false,
        recovery_point: 6,
        log_start: 0,
        now_ms: NOW_MS,
        seed: 1,
        sync_recovered: true,
    };
    let (log, _) = dir.open_log(&dir.partition_dir(&tp()).unwrap().unwrap(), open).unwrap();
    assert_eq!((log.ends().durable, log.ends().recovery_point), (6, 6));
    assert_eq!(disk.operations(), operations, "there was nothing to sync");
    let mut subject = Subject { disk, dir, log, config, ..Subject::new() };
    // One batch more, and it is.
    subject.append("more");
    let (subject, recovery) = subject.reopen(false);
    assert_eq!((recovery.scanned_segments, subject.values().len()), (1, 7));
}

#[test]
fn index_entries_of_lost_batches_are_not_believed() {
    let mut subject = Subject::with(LogConfig::default());
    (0..3).for_each(|n| subject.append(&format!("v{n}")));
    subject.log.close().unwrap();
    let size = subject.log.size_in_bytes() as usize;
    subject.checkpoint(Checkpoint::RecoveryPoint, 3);
    subject.stamp += 1;
    (3..6).for_each(|n| subject.append(&format!("v{n}")));
    subject.log.close().unwrap();
    let name = std::path::Path::new("/data/t-0/00000000000000000000.log");
    subject.disk.corrupt(name, |bytes| bytes.truncate(size));
    let (subject, recovery) = subject.reopen(false);
    assert_eq!(recovery.scanned_segments, 1);
    assert_eq!((subject.log.ends().written.offset, subject.values().len()), (3, 3));
}

#[test]
fn a_log_that_lacks_what_was_promised_is_refused_and_left_alone() {
    let mut subject = Subject::new();
    (0..10).for_each(|n| subject.append(&format!("v{n}")));
    let (disk, config) = (subject.disk.clone(), subject.config.clone());
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    assert!(bases.len() >= 3);
    drop(subject);
    let open = |disk: &crate::disk::sim::SimDisk, promised: i64| {
        let dir = crate::LogDir::open(std::sync::Arc::new(disk.clone()), "/data").unwrap();
        let found = dir.partition_dir(&tp()).unwrap().unwrap();
        let open = OpenLog {
            config: config.clone(),
            clean: false,
            recovery_point: 0,
            log_start: 0,
            now_ms: NOW_MS,
            seed: 1,
            sync_recovered: false,
        };
        dir.open_promised_log(&found, open, promised).map(|(log, _)| log.ends().written.offset)
    };
    let path = |base: i64| std::path::PathBuf::from(format!("/data/t-0/{base:020}.log"));
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    type Damage = Box<dyn Fn(&crate::disk::sim::SimDisk)>;
    // What is damaged, and how much of the log is left in front of it.
    let (second, third) = (bases[1], bases[2]);
    let damages: [(Damage, i64); 3] = [
        (Box::new(move |disk| disk.corrupt(&path(second), flip)), third - 1),
        (Box::new(move |disk| disk.corrupt(&path(third), |bytes| bytes.truncate(10))), third),
        (
            Box::new(move |disk| {
                crate::Disk::remove_file(disk, &path(second)).unwrap();
            }),
            second,
        ),
    ];
    assert_eq!(open(&disk.fork(), 10).unwrap(), 10);
    for (damage, good) in damages {
        let disk = disk.fork();
        damage(&disk);
        let before = disk.image(std::path::Path::new("/data/t-0"));
        for promised in good + 1..=10 {
            assert!(matches!(open(&disk, promised), Err(crate::LogFault::Malformed { .. })), "{promised}");
            let mut after = disk.image(std::path::Path::new("/data/t-0"));
            after.retain(|path, _| before.contains_key(path));
            assert!(before.iter().all(|(path, bytes)| {
                path.extension().is_none_or(|kind| kind != "log") || after.get(path) == Some(bytes)
            }));
        }
        assert_eq!(open(&disk, good).unwrap(), good);
    }
}

#[test]
fn snapshots_of_no_use_wait_for_a_roll_and_spare_those_that_are_new() {
    let mut subject = Subject::new();
    (0..6).for_each(|n| subject.submit(&format!("v{n}"), Some(n), false));
    subject.work().unwrap();
    subject.log.close().unwrap();
    subject.append("more");
    let (mut subject, recovery) = subject.reopen(false);
    assert_eq!(recovery.scanned_segments, 2);
    let has =
        |subject: &Subject, offset: i64| subject.file_names().contains(&format!("{offset:020}.snapshot"));
    // That of the close lies between the bases; that of the second segment was written anew.
    assert!(has(&subject, 4) && has(&subject, 6));
    (7..12).for_each(|n| subject.append(&format!("v{n}")));
    assert!(has(&subject, 4) && has(&subject, 8) && !has(&subject, 6));
}
