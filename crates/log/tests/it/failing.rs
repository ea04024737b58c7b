//! A disk that refuses: the log goes offline, nothing is acknowledged, nothing is tried again.

use klamm_log::disk::sim::Faults;
use klamm_log::{AppendError, AppendOrigin, DiskOp, LogConfig, LogFault, ReadError};

use crate::harness::{Subject, Wanted, batch, small_config};

fn fail_next(subject: &Subject, after: u64) {
    let at = subject.disk.operations() + after;
    subject.disk.set_faults(Faults { fail_at: [at].into(), ..Faults::default() });
}

fn op_of(fault: &LogFault) -> DiskOp {
    match fault {
        LogFault::Disk(fault) => fault.op,
        other => panic!("not the disk's fault: {other}"),
    }
}

#[test]
fn a_failed_write_takes_the_log_offline() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.append(Wanted::default());
    fail_next(&subject, 1);
    subject.submit(Wanted::default());
    subject.submit(Wanted::default());
    let fault = subject.turn().unwrap_err();
    assert_eq!(op_of(&fault), DiskOp::Write);
    assert_eq!(fault.path(), subject.path("00000000000000000000.log"));
    assert_eq!(subject.log.ends().written.offset, 1);
    assert!(subject.log.is_offline());
    assert_eq!(subject.append_op(Wanted::default()).unwrap_err(), AppendError::Offline);
    // What was written is still there to read.
    assert_eq!(subject.read_all(0).len(), batch(Wanted::default()).1.len());
    assert!(subject.log.close().is_err());
}

#[test]
fn a_failed_sync_acknowledges_nothing_and_is_not_repeated() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.append(Wanted::default());
    let (header, bytes) = batch(Wanted::default());
    let appended = subject.append_bytes(&header, bytes, AppendOrigin::Client, true).unwrap();
    subject.submit_appended(appended);
    fail_next(&subject, 2);
    assert_eq!(op_of(&subject.turn().unwrap_err()), DiskOp::Sync);
    assert_eq!(subject.log.ends().durable, 0);
    let operations = subject.disk.operations();
    assert!(subject.log.flush().is_none());
    assert!(subject.turn().is_ok());
    assert_eq!(subject.disk.operations(), operations);
}

#[test]
fn ops_queued_behind_a_failure_fail_with_it() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.append(Wanted::default());
    subject.submit(Wanted::default());
    fail_next(&subject, 1);
    assert!(subject.turn().is_err());
    // An op that was assigned before the fault was known.
    let mut other = Subject::create(&LogConfig::default());
    other.submit(Wanted::default());
    other.writer.fail(LogFault::Offline { path: subject.path("").as_path().into() });
    let operations = other.disk.operations();
    assert!(other.turn().is_err());
    assert_eq!(other.disk.operations(), operations);
    assert!(other.log.is_offline());
}

#[test]
fn a_full_disk_is_a_failed_write() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.append(Wanted::default());
    subject.disk.set_faults(Faults { space_left: Some(10), ..Faults::default() });
    subject.submit(Wanted::default());
    let LogFault::Disk(fault) = subject.turn().unwrap_err() else { panic!("the disk's fault") };
    assert_eq!(fault.source.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(subject.log.ends().written.offset, 1);
}

#[test]
fn a_failed_flush_of_a_rolled_segment_takes_the_log_offline() {
    let mut subject = Subject::create(&small_config());
    for _ in 0..20 {
        subject.append(Wanted { value_bytes: 200, ..Wanted::default() });
    }
    assert!(subject.writer.has_flush_work());
    fail_next(&subject, 1);
    assert!(subject.flush_turns().is_err());
    assert_eq!(subject.log.ends().recovery_point, 0);
    assert!(subject.log.is_offline());
    // The other rolls of this log are not even tried.
    let operations = subject.disk.operations();
    assert!(subject.flush_turns().is_err());
    assert_eq!(subject.disk.operations(), operations);
}

#[test]
fn reads_of_files_that_cannot_be_read_are_faults() {
    let mut subject = Subject::create(&small_config());
    for _ in 0..20 {
        subject.append(Wanted { value_bytes: 200, ..Wanted::default() });
    }
    subject.disk.corrupt(&subject.path("00000000000000000000.log"), |bytes| bytes[8..12].fill(0xff));
    let view = subject.log.view();
    let error = view.read(0, 1000, view.written(), true).unwrap_err();
    assert!(matches!(error, ReadError::Fault(LogFault::Malformed { .. })), "{error:?}");
}
