//! Opening what a crash, a JVM broker or an accident has left.

use klamm_log::disk::OpenMode;
use klamm_log::disk::sim::{Faults, Loss};
use klamm_log::{Checkpoint, DirKind, LogConfig, LogDir, LogFault, Malformed, MetaProperties, Shutdown};

use crate::harness::{
    DIR, NOW_MS, Subject, TOPIC_ID, Wanted, disk_of, headers, open_params, partition_dir, small_config, tp,
};

/// Twelve batches in several segments, everything flushed.
fn filled(config: &LogConfig) -> Subject {
    let mut subject = Subject::create(config);
    subject.log.begin_leader_epoch(0);
    for n in 0..12 {
        if n == 7 {
            subject.epoch = 2;
            subject.log.begin_leader_epoch(2);
        }
        let sequence = n;
        subject.append(Wanted {
            value_bytes: 150,
            producer_id: 3,
            producer_epoch: 0,
            sequence,
            ..Wanted::default()
        });
    }
    subject.flush_turns().unwrap();
    subject
}

fn put(subject: &Subject, name: &str, bytes: &[u8]) {
    let disk = disk_of(subject);
    disk.open(&subject.path(name), OpenMode::CreateOrTruncate).unwrap().write_at(bytes, 0).unwrap();
}

fn log_name(base: i64) -> String {
    format!("{base:020}.log")
}

#[test]
fn the_first_bad_batch_ends_the_log() {
    let config = small_config();
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 7] = [
        ("cut", |bytes| bytes.truncate(bytes.len() - 2)),
        ("crc", |bytes| *bytes.last_mut().unwrap() ^= 1),
        ("magic", |bytes| bytes[16] = 9),
        ("length", |bytes| bytes[8] = 0x7f),
        ("offset", |bytes| bytes[7] = 0),
        ("epoch", |bytes| bytes[15] = 1),
        ("zeros", |bytes| bytes.fill(0)),
    ];
    for (what, damage) in damages {
        let subject = filled(&config);
        let all = subject.read_all(0);
        let base = subject.log.segment_base_offsets().last().unwrap();
        let name = log_name(base);
        // The second batch of the last segment.
        let first = headers(&subject.file(&name).unwrap())[0].size_in_bytes();
        subject.disk.corrupt(&subject.path(&name), |bytes| {
            let mut second = bytes.split_off(first);
            let third = second.split_off(first);
            damage(&mut second);
            bytes.extend_from_slice(&second);
            bytes.extend_from_slice(&third);
        });
        let (mut subject, recovery) = subject.reopen(open_params(&config, false));
        let truncated = recovery.truncated.unwrap_or_else(|| panic!("{what} was not found"));
        assert_eq!((truncated.segment_base_offset, truncated.kept_bytes), (base, first as u32), "{what}");
        assert_eq!(subject.log.ends().written.offset, base + 1);
        assert_eq!(subject.read_all(0), all[..subject.read_all(0).len()]);
        // The producer's state is that of the surviving log: the lost batch may come again.
        let sequence = base as i32 + 1;
        let again = Wanted { producer_id: 3, producer_epoch: 0, sequence, ..Wanted::default() };
        assert_eq!(subject.append(again), base + 1, "{what}");
    }
}

#[test]
fn segments_behind_the_cut_go() {
    let config = small_config();
    let subject = filled(&config);
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    assert!(bases.len() >= 4);
    subject.disk.corrupt(&subject.path(&log_name(bases[1])), |bytes| *bytes.last_mut().unwrap() ^= 1);
    let (mut subject, recovery) = subject.reopen(open_params(&config, false));
    assert_eq!(recovery.dropped_segments as usize, bases.len() - 2);
    assert_eq!(subject.log.segment_base_offsets().collect::<Vec<_>>(), bases[..2]);
    assert_eq!(subject.log.ends().written.offset, bases[2] - 1);
    // Snapshots of no use go with the next roll or close.
    subject.log.close().unwrap();
    let names = subject.file_names();
    assert!(names.iter().all(|name| !name.starts_with(&format!("{:020}.", bases[2]))), "{names:?}");
}

#[test]
fn what_was_cut_off_never_comes_back() {
    let config = LogConfig::default();
    for seed in 0..60 {
        let mut subject = Subject::create(&config);
        for _ in 0..3 {
            subject.append(Wanted::default());
        }
        subject.sync().unwrap();
        let first = headers(&subject.read_all(0))[0].size_in_bytes();
        let third = subject.read_all(2);
        subject.disk.corrupt(&subject.path(&log_name(0)), |bytes| bytes[first + 70] ^= 1);
        let (mut subject, _) = subject.reopen(open_params(&config, false));
        // A batch of the same size takes the bad one's place, and the power goes before it was synced.
        assert_eq!(subject.append(Wanted { timestamp: 1, ..Wanted::default() }), 1);
        subject.disk.power_cut(seed);
        let (subject, _) = subject.reopen(open_params(&config, false));
        assert!(subject.log.ends().written.offset <= 2);
        assert!(!subject.read_all(0).ends_with(&third));
    }
}

#[test]
fn a_cut_that_is_interrupted_leaves_no_hole() {
    // Compacted, so that a hole between segments would be believed.
    let config = LogConfig { compact: true, ..small_config() };
    let damaged = || {
        let mut subject = filled(&config);
        subject.sync().unwrap();
        let second = subject.log.segment_base_offsets().nth(1).unwrap();
        subject.disk.corrupt(&subject.path(&log_name(second)), |bytes| *bytes.last_mut().unwrap() ^= 1);
        subject.disk.kill();
        subject
    };
    let (whole, _) = damaged().reopen(open_params(&config, false));
    let (expected, operations) = (whole.read_all(0), whole.disk.operations());
    // The last one is the moment after everything was done.
    for at in 1..=operations + 1 {
        for seed in 0..6 {
            let subject = damaged();
            subject.disk.set_faults(Faults { power_cut_at: Some(at), ..Faults::default() });
            let interrupted = crate::harness::open_again(&subject.disk, open_params(&config, false));
            drop(interrupted);
            subject.disk.power_cut(seed);
            let (subject, _) = subject.reopen(open_params(&config, false));
            assert!(subject.read_all(0) == expected, "cut at {at} of {operations}");
        }
    }
}

#[test]
fn a_segment_that_does_not_follow_the_one_before_goes() {
    let config = small_config();
    let lose_a_batch = |subject: &Subject, base: i64| {
        let name = log_name(base);
        let lengths: Vec<usize> =
            headers(&subject.file(&name).unwrap()).iter().map(|header| header.size_in_bytes()).collect();
        let kept = lengths[..lengths.len() - 1].iter().sum();
        subject.disk.corrupt(&subject.path(&name), |bytes| bytes.truncate(kept));
    };
    let subject = filled(&config);
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    lose_a_batch(&subject, bases[1]);
    let (subject, recovery) = subject.reopen(open_params(&config, false));
    assert_eq!(subject.log.ends().written.offset, bases[2] - 1);
    assert_eq!(recovery.dropped_segments as usize, bases.len() - 2);
    // Compaction makes such holes.
    let compacted = LogConfig { compact: true, ..config };
    let subject = filled(&compacted);
    lose_a_batch(&subject, bases[1]);
    let (subject, recovery) = subject.reopen(open_params(&compacted, false));
    assert_eq!((subject.log.ends().written.offset, recovery.dropped_segments), (12, 0));
    // A reader at the hole gets what comes behind it.
    let view = subject.log.view();
    assert_eq!(view.read(bases[2] - 1, 1, view.written(), true).unwrap().start.offset, bases[2]);
}

#[test]
fn only_what_lies_behind_the_recovery_point_is_scanned() {
    let config = small_config();
    let subject = filled(&config);
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    subject.disk.corrupt(&subject.path(&log_name(bases[0])), |bytes| bytes[70] ^= 1);
    let open = klamm_log::OpenLog { recovery_point: bases[2] + 1, ..open_params(&config, false) };
    let (subject, recovery) = subject.reopen(open);
    assert_eq!(recovery.truncated, None);
    assert_eq!(recovery.scanned_segments as usize, bases.len() - 2);
    assert_eq!(subject.log.ends().written.offset, 12);
    assert_eq!(subject.log.ends().recovery_point, bases[2] + 1);
    let entry = subject.log.producers().next().unwrap();
    assert_eq!((entry.0, entry.1.last_sequence()), (3, 11));
}

#[test]
fn a_damaged_end_is_found_after_a_clean_stop_too() {
    let config = small_config();
    let mut subject = filled(&config);
    subject.log.close().unwrap();
    let base = subject.log.segment_base_offsets().last().unwrap();
    subject.disk.corrupt(&subject.path(&log_name(base)), |bytes| bytes.truncate(bytes.len() - 1));
    let (subject, recovery) = subject.reopen(open_params(&config, true));
    assert!(recovery.truncated.is_some());
    assert_eq!(subject.log.ends().written.offset, 11);
}

#[test]
fn epochs_are_those_of_the_batches() {
    let config = small_config();
    for damage in [None, Some(&b""[..]), Some(b"0\n1\n9 3\n"), Some(b"junk"), Some(b"0\n2\n0 0\n1 3\n")] {
        let subject = filled(&config);
        if let Some(damage) = damage {
            put(&subject, "leader-epoch-checkpoint", damage);
        }
        let (mut subject, recovery) = subject.reopen(open_params(&config, false));
        let epochs: Vec<_> =
            subject.log.epochs().iter().map(|entry| (entry.epoch, entry.start_offset)).collect();
        assert_eq!(epochs, [(0, 0), (2, 7)], "{damage:?}");
        assert_eq!(recovery.rebuilt_epochs, damage == Some(b"junk"));
        subject.log.close().unwrap();
        if damage.is_some_and(|damage| !damage.is_empty()) {
            assert_eq!(subject.file("leader-epoch-checkpoint").unwrap(), b"0\n2\n0 0\n2 7\n");
        }
    }
}

#[test]
fn snapshots_that_cannot_be_true_are_not_used() {
    let config = small_config();
    for clean in [false, true] {
        let mut subject = filled(&config);
        subject.log.close().unwrap();
        let expected: Vec<_> =
            subject.log.producers().map(|(id, entry)| (id, entry.last_sequence())).collect();
        // Another producer's state, from the future and at an offset no segment begins at.
        let junk = klamm_log::format::producer_snapshot::encode([].into_iter());
        put(&subject, "00000000000000000099.snapshot", &junk);
        put(&subject, "00000000000000000001.snapshot", &junk);
        let newest = "00000000000000000012.snapshot";
        subject.disk.corrupt(&subject.path(newest), |bytes| bytes[20] ^= 1);
        let (mut subject, recovery) = subject.reopen(open_params(&config, clean));
        let found: Vec<_> = subject.log.producers().map(|(id, entry)| (id, entry.last_sequence())).collect();
        assert_eq!(found, expected);
        assert_eq!(recovery.bad_snapshots, u32::from(clean));
        subject.log.close().unwrap();
        let names = subject.file_names();
        assert!(!names.contains(&"00000000000000000099.snapshot".to_owned()));
        assert!(!names.contains(&"00000000000000000001.snapshot".to_owned()));
    }
}

#[test]
fn interrupted_deletions_and_compactions_are_finished_or_undone() {
    let config = small_config();
    let subject = filled(&config);
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    let third = subject.file(&log_name(bases[2])).unwrap();
    let first = subject.file(&log_name(bases[0])).unwrap();
    let kept = headers(&first)[0].size_in_bytes();
    // Deletion was decided.
    put(&subject, "00000000000000000500.log.deleted", b"x");
    put(&subject, "00000000000000000500.snapshot.deleted", b"x");
    put(&subject, "00000000000000000500-0000000001.checkpoint.deleted", b"x");
    // Compaction of the first two segments was through, that of the third was not.
    put(&subject, &format!("{}.swap", log_name(bases[0])), &first[..kept]);
    put(&subject, &format!("{:020}.index.swap", bases[0]), b"");
    put(&subject, &format!("{}.swap", log_name(bases[2])), &third[..1]);
    put(&subject, &format!("{}.cleaned", log_name(bases[2])), &third[..1]);
    let compacted = LogConfig { compact: true, ..config };
    let (subject, _) = subject.reopen(open_params(&compacted, false));
    assert_eq!(subject.file(&log_name(bases[0])).unwrap(), first[..kept]);
    assert_eq!(subject.file(&log_name(bases[2])).unwrap(), third);
    assert_eq!(subject.log.ends().written.offset, 12);
    let leftovers: Vec<String> = subject
        .file_names()
        .into_iter()
        .filter(|name| [".deleted", ".cleaned", ".swap"].iter().any(|suffix| name.ends_with(suffix)))
        .collect();
    assert_eq!(leftovers, ["00000000000000000500-0000000001.checkpoint.deleted"]);
}

#[test]
fn a_swap_over_several_segments_takes_them_all() {
    let config = LogConfig { compact: true, ..small_config() };
    let subject = filled(&config);
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    let mut merged = subject.file(&log_name(bases[0])).unwrap();
    merged.extend_from_slice(&subject.file(&log_name(bases[1])).unwrap());
    let all = subject.read_all(0);
    put(&subject, &format!("{}.swap", log_name(bases[0])), &merged);
    let (subject, _) = subject.reopen(open_params(&config, false));
    let expected: Vec<i64> = bases.iter().copied().filter(|base| *base != bases[1]).collect();
    assert_eq!(subject.log.segment_base_offsets().collect::<Vec<_>>(), expected);
    assert_eq!(subject.read_all(0), all);
}

#[test]
fn orphan_indexes_go_and_foreign_files_stay() {
    let config = small_config();
    let subject = filled(&config);
    put(&subject, "00000000000000000777.index", b"12345678");
    put(&subject, "00000000000000000777.txnindex", b"");
    put(&subject, "notes.txt", b"hello");
    let (subject, _) = subject.reopen(open_params(&config, false));
    let names = subject.file_names();
    assert!(names.iter().all(|name| !name.contains("777")), "{names:?}");
    assert_eq!(subject.file("notes.txt").unwrap(), b"hello");
}

#[test]
fn a_log_that_ends_below_its_start_begins_there() {
    let config = small_config();
    let subject = filled(&config);
    let open = klamm_log::OpenLog { log_start: 100, ..open_params(&config, false) };
    let (mut subject, recovery) = subject.reopen(open);
    assert!(recovery.restarted_at_log_start);
    assert_eq!(subject.log.ends().log_start, 100);
    assert_eq!(subject.append(Wanted::default()), 100);
    assert_eq!(subject.log.producers().len(), 0);
}

#[test]
fn a_log_start_inside_a_segment_is_kept() {
    let config = small_config();
    for clean in [false, true] {
        let mut subject = filled(&config);
        assert!(subject.log.advance_log_start(8));
        subject.log.close().unwrap();
        assert_eq!(subject.file("leader-epoch-checkpoint").unwrap(), b"0\n1\n2 8\n");
        let open = klamm_log::OpenLog { log_start: 8, ..open_params(&config, clean) };
        let (subject, _) = subject.reopen(open);
        assert_eq!(subject.log.ends().log_start, 8);
        assert_eq!(subject.log.epochs().len(), 1);
        assert_eq!(subject.log.epochs()[0].start_offset, 8);
    }
}

#[test]
fn aborted_transactions_are_found_by_the_scan() {
    let config = small_config();
    let mut subject = Subject::create(&config);
    let from = |producer_id, sequence| Wanted {
        producer_id,
        producer_epoch: 0,
        sequence,
        transactional: true,
        ..Wanted::default()
    };
    for n in 0..6 {
        subject.append(from(1, n));
    }
    subject.append_marker(1, 0, false);
    subject.append(from(2, 0));
    subject.append(from(1, 6));
    subject.append_marker(1, 0, false);
    let aborted = |subject: &Subject| {
        let view = subject.log.view();
        let mut found = Vec::new();
        for offset in 0..view.written().offset {
            let read = view.read(offset, 1, view.written(), true).unwrap();
            found.push(view.aborted_transactions(&read, view.written().offset).unwrap());
        }
        found
    };
    let (expected, end) = (aborted(&subject), subject.log.ends().written);
    for clean in [false, true] {
        if clean {
            subject.flush_turns().unwrap();
            subject.log.close().unwrap();
        }
        (subject, _) = subject.reopen(open_params(&config, clean));
        assert_eq!(aborted(&subject), expected, "clean {clean}");
        subject.log.on_high_watermark(end.offset);
        // One transaction is still open, and the place of its first batch is found when it is needed.
        assert_eq!(subject.log.last_stable_offset(end).offset, 7);
    }
}

/// A message of magic 1 as Kafka 0.10 wrote it.
fn legacy_message(offset: i64, timestamp: i64) -> Vec<u8> {
    let mut body = vec![1, 0];
    body.extend_from_slice(&timestamp.to_be_bytes());
    body.extend_from_slice(&(-1i32).to_be_bytes());
    body.extend_from_slice(&5i32.to_be_bytes());
    body.extend_from_slice(b"value");
    let mut crc = !0u32;
    for byte in &body {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut message = offset.to_be_bytes().to_vec();
    message.extend_from_slice(&(body.len() as i32 + 4).to_be_bytes());
    message.extend_from_slice(&(!crc).to_be_bytes());
    message.extend_from_slice(&body);
    message
}

#[test]
fn segments_from_before_batches_are_read_and_followed_by_new_ones() {
    let config = LogConfig::default();
    for clean in [true, false] {
        let subject = Subject::create(&config);
        let messages: Vec<Vec<u8>> = (0..10).map(|n| legacy_message(n, NOW_MS + n)).collect();
        put(&subject, &log_name(0), &messages.concat());
        let (mut subject, recovery) = subject.reopen(open_params(&config, clean));
        assert_eq!(recovery.truncated, None);
        assert_eq!(subject.log.ends().written.offset, 10);
        let view = subject.log.view();
        let read = view.read(4, 1, view.written(), true).unwrap();
        assert_eq!(crate::harness::bytes_of(&read), messages[4]);
        let found = view.offset_for_timestamp(NOW_MS + 7).unwrap().unwrap();
        assert_eq!((found.offset, found.leader_epoch), (7, None));
        assert_eq!(subject.append(Wanted { timestamp: NOW_MS + 20, ..Wanted::default() }), 10);
        assert_eq!(subject.log.end_offset_for_epoch(0), (0, 11));
    }
    let subject = Subject::create(&config);
    let mut damaged = legacy_message(0, 5);
    *damaged.last_mut().unwrap() ^= 1;
    put(&subject, &log_name(0), &damaged);
    let (subject, recovery) = subject.reopen(open_params(&config, false));
    assert!(recovery.truncated.is_some());
    assert_eq!(subject.log.ends().written.offset, 0);
}

#[test]
fn recovered_bytes_are_made_durable_when_asked() {
    let config = small_config();
    let mut subject = Subject::create(&config);
    for _ in 0..8 {
        subject.append(Wanted { value_bytes: 200, ..Wanted::default() });
    }
    let all = subject.read_all(0);
    subject.disk.kill();
    let open = klamm_log::OpenLog { sync_recovered: true, ..open_params(&config, false) };
    let (subject, _) = subject.reopen(open.clone());
    assert_eq!(subject.log.ends().durable, 8);
    subject.disk.power_cut(1);
    let (subject, _) = subject.reopen(open);
    assert!(subject.read_all(0) == all);
}

#[test]
fn a_scan_that_came_to_the_disk_in_part_is_not_taken_for_none() {
    let config = small_config();
    let mut subject = filled(&config);
    subject.append(Wanted { timestamp: NOW_MS + 3, ..Wanted::default() });
    subject.log.close().unwrap();
    let recovery_point = subject.log.ends().written.offset;
    let open = |clean| klamm_log::OpenLog { recovery_point, ..open_params(&config, clean) };
    let (mut subject, _) = subject.reopen(open(true));
    // Enough for a further segment, whose predecessor's indexes the scan makes anew.
    for _ in 0..6 {
        subject.append(Wanted { timestamp: NOW_MS + 5, value_bytes: 150, ..Wanted::default() });
    }
    subject.disk.kill();
    // This scan syncs nothing; what it has scanned is lost afterwards.
    let (subject, _) = subject.reopen(open(false));
    for seed in 0..400 {
        let disk = subject.disk.fork();
        disk.power_cut_losing(Loss::ALL[seed as usize % Loss::ALL.len()], seed);
        let (_, log, _) = crate::harness::open_again(&disk, open(false)).unwrap();
        let found = log.view().offset_for_timestamp(NOW_MS + 3).unwrap().map(|found| found.offset);
        assert_eq!(found, Some(recovery_point - 1), "seed {seed}");
    }
}

#[test]
fn the_directory_keeps_its_books() {
    let subject = Subject::create(&LogConfig::default());
    let dir = &subject.dir;
    assert!(matches!(LogDir::open(disk_of(&subject), DIR), Err(LogFault::Locked { .. })));
    assert_eq!(dir.meta_properties().unwrap(), None);
    let properties = MetaProperties {
        version: 1,
        cluster_id: Some("c".to_owned()),
        node_id: Some(1),
        directory_id: Some(TOPIC_ID),
    };
    dir.write_meta_properties(&properties, NOW_MS).unwrap();
    assert_eq!(dir.meta_properties().unwrap(), Some(properties));
    assert!(dir.read_checkpoint(Checkpoint::RecoveryPoint).unwrap().is_empty());
    dir.write_checkpoint(Checkpoint::RecoveryPoint, [(&tp(), 12)]).unwrap();
    assert_eq!(dir.read_checkpoint(Checkpoint::RecoveryPoint).unwrap(), [(tp(), 12)].into());
    assert_eq!(dir.take_clean_shutdown().unwrap(), Shutdown::Unclean);
    dir.write_clean_shutdown(7).unwrap();
    assert_eq!(dir.take_clean_shutdown().unwrap(), Shutdown::Clean { broker_epoch: Some(7) });
    // Gone for good, whatever a power cut does.
    subject.disk.power_cut(5);
    let dir = LogDir::open(disk_of(&subject), DIR).unwrap();
    assert_eq!(dir.take_clean_shutdown().unwrap(), Shutdown::Unclean);
    assert!(dir.meta_properties().unwrap().is_some());
}

#[test]
fn partition_directories_are_listed_marked_and_removed() {
    let mut subject = filled(&small_config());
    let dirs = subject.dir.partition_dirs().unwrap();
    assert_eq!(dirs, [partition_dir()]);
    let view = subject.log.view();
    view.read(0, 1, view.written(), true).unwrap();
    let marked = subject.dir.mark_deleted(&mut subject.log, TOPIC_ID).unwrap();
    assert_eq!(marked.kind, DirKind::Delete);
    assert_eq!(subject.dir.partition_dirs().unwrap(), std::slice::from_ref(&marked));
    // A write that was on its way is dropped, and that is nobody's fault.
    subject.submit(Wanted::default());
    let end = subject.log.ends().written;
    subject.turn().unwrap();
    assert_eq!((subject.log.ends().written, subject.log.is_offline()), (end, false));
    subject.dir.remove_deleted(&marked).unwrap();
    assert!(subject.dir.partition_dirs().unwrap().is_empty());

    let disk = disk_of(&subject);
    disk.create_dir(&std::path::Path::new(DIR).join("lost+found")).unwrap();
    let fault = subject.dir.partition_dirs().unwrap_err();
    assert!(matches!(fault, LogFault::Malformed { why: Malformed::BadName, .. }));
}

#[test]
fn creating_a_partition_again_finds_what_is_there() {
    let config = small_config();
    let subject = filled(&config);
    let all = subject.read_all(0);
    let (log, _) = subject.dir.create_log(tp(), TOPIC_ID, open_params(&config, true)).unwrap();
    assert_eq!(crate::harness::read_all(&log, 0), all);
    let other = klamm_base::Uuid([8; 16]);
    let fault = subject.dir.create_log(tp(), other, open_params(&config, true)).unwrap_err();
    assert!(matches!(fault, LogFault::Malformed { why: Malformed::BadValue("topic_id"), .. }));
}
