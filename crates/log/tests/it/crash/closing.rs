//! Many logs closed together share their syncs: a power cut at any operation of that loses nothing either.

use std::sync::Arc;

use klamm_log::disk::sim::{Faults, SimDisk};
use klamm_log::{AppendContext, AppendOrigin, Appended, Log, LogDir, OpenLog, Writer};

use super::house::config;
use crate::harness::{DIR, NOW_MS, TOPIC_ID, Wanted, batch, headers, open_params, read_all};

#[test]
fn power_cut_while_many_logs_are_closed() {
    let disk = SimDisk::new();
    let through = close_many(&disk, 0).unwrap();
    let operations = disk.operations();
    check_many(&disk, 0, true, &through);
    for at in (operations - 250..=operations).rev() {
        let disk = SimDisk::new();
        if let Some(written) = close_many(&disk, at) {
            check_many(&disk, at, false, &written);
        }
    }
}

#[test]
fn recovered_logs_share_their_syncs_and_go_on() {
    let disk = SimDisk::new();
    let mut through = 0;
    write_many(&disk).expect("nothing fails");
    disk.kill();
    let open = OpenLog { sync_recovered: true, ..open_params(&config(), false) };
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    let opened = dir.partition_dirs().unwrap();
    let mut logs: Vec<_> =
        opened.iter().map(|found| dir.open_log_to_sync(found, open.clone()).unwrap().0).collect();
    assert!(logs.iter().any(|log| log.ends().durable < log.ends().written.offset));
    dir.sync_recovered(&mut logs).unwrap();
    assert!(logs.iter().all(|log| log.ends().durable == 8 && log.ends().recovery_point == 8));
    drop((logs, dir));
    disk.power_cut(1);
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    for found in dir.partition_dirs().unwrap() {
        let (mut log, _) = dir.open_log_to_sync(&found, open.clone()).unwrap();
        assert_eq!(log.ends().written.offset, 8, "{}", found.name);
        dir.sync_recovered([&mut log]).unwrap();
        // It goes on like any other.
        append(&mut log, 8, 9).unwrap();
        log.close().unwrap();
        check_epochs(&log, &read_all(&log, 0));
        check_lookups(&log, &read_all(&log, 0));
        through += 1;
    }
    assert_eq!(through, LOGS);
}

const LOGS: i32 = 20;

/// What a log held before it was closed.
struct Written {
    bytes: Vec<u8>,
    recovery_point: i64,
}

/// Batches for some rolls each in many logs, closed together. The power goes at operation `cut`, if that is not 0.
/// `None` when it went before the close.
fn close_many(disk: &SimDisk, cut: u64) -> Option<Vec<Written>> {
    if cut > 0 {
        disk.set_faults(Faults { power_cut_at: Some(cut), ..Faults::default() });
    }
    let (dir, mut logs) = write_many(disk)?;
    let before =
        logs.iter().map(|log| Written { bytes: read_all(log, 0), recovery_point: log.ends().recovery_point });
    let before = before.collect();
    let closed = dir.close_logs(&mut logs);
    assert_eq!(closed.is_ok(), cut == 0);
    Some(before)
}

fn write_many(disk: &SimDisk) -> Option<(LogDir, Vec<Log>)> {
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).ok()?;
    let mut logs = Vec::new();
    for partition in 0..LOGS {
        let name = klamm_base::TopicPartition::new("m", partition);
        logs.push(dir.create_log(name, TOPIC_ID, open_params(&config(), false)).ok()?.0);
    }
    for n in 0..8 {
        logs.iter_mut().try_for_each(|log| append(log, n, n + 1))?;
    }
    Some((dir, logs))
}

/// Batches `from..to` of a log, written and flushed.
fn append(log: &mut Log, from: i64, to: i64) -> Option<()> {
    let writer: Writer<()> = Writer::new();
    for n in from..to {
        let leader_epoch = n as i32 / 3;
        let (header, bytes) = batch(Wanted { value_bytes: 150, timestamp: NOW_MS + n, ..Wanted::default() });
        let context =
            AppendContext { origin: AppendOrigin::Client, leader_epoch, now_ms: NOW_MS, sync: false };
        let Ok(Appended::New { op, .. }) = log.append(&header, bytes, &context) else { return None };
        writer.submit(op, ());
        // The flush of a roll comes one batch later, as when others are written meanwhile.
        let flushed: Vec<_> = std::iter::from_fn(|| writer.flush_turn()).collect();
        for done in writer.turn().into_iter().chain(flushed) {
            log.advance(&done.progress);
            done.progress.fault.is_none().then_some(())?;
        }
    }
    let rest: Vec<_> = std::iter::from_fn(|| writer.flush_turn()).collect();
    rest.iter().for_each(|done| log.advance(&done.progress));
    rest.iter().all(|done| done.progress.fault.is_none()).then_some(())
}

fn check_many(disk: &SimDisk, seed: u64, clean: bool, written: &[Written]) {
    disk.power_cut(seed);
    let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
    for found in dir.partition_dirs().unwrap() {
        let Written { bytes: all, recovery_point } = &written[found.topic_partition.partition as usize];
        let open = OpenLog { recovery_point: *recovery_point, ..open_params(&config(), clean) };
        let (log, recovery) = dir.open_log(&found, open).unwrap();
        let bytes = read_all(&log, 0);
        assert!(all.starts_with(&bytes), "{} has other bytes", found.name);
        assert!(log.ends().written.offset >= *recovery_point);
        if clean {
            assert_eq!((bytes.len(), recovery), (all.len(), Default::default()));
        }
        check_epochs(&log, &bytes);
        check_lookups(&log, &bytes);
    }
}

fn check_epochs(log: &Log, bytes: &[u8]) {
    let mut expected: Vec<(i32, i64)> = Vec::new();
    for header in headers(bytes) {
        if expected.last().is_none_or(|last| last.0 < header.partition_leader_epoch) {
            expected.push((header.partition_leader_epoch, header.base_offset));
        }
    }
    let found: Vec<(i32, i64)> = log.epochs().iter().map(|entry| (entry.epoch, entry.start_offset)).collect();
    assert_eq!(found, expected);
}

fn check_lookups(log: &Log, bytes: &[u8]) {
    let view = log.view();
    let headers = headers(bytes);
    for header in &headers {
        for offset in [header.base_offset, header.last_offset()] {
            let read = view.read(offset, 1, view.written(), true).unwrap();
            assert_eq!(read.start.offset, header.base_offset);
        }
    }
    for timestamp in (NOW_MS..NOW_MS + 1010).step_by(101) {
        let found = view.offset_for_timestamp(timestamp).unwrap();
        let first = headers.iter().find(|header| header.max_timestamp >= timestamp);
        assert_eq!(found.is_some(), first.is_some(), "at {}", timestamp - NOW_MS);
        if let (Some(found), Some(first)) = (found, first) {
            assert!((first.base_offset..=first.last_offset()).contains(&found.offset));
        }
    }
}
