//! What appending writes, and what it refuses.

use klamm_log::{AppendError, AppendOrigin, Appended, LogConfig};
use klamm_records::patch;

use crate::harness::{Subject, Wanted, batch, headers, small_config};

#[test]
fn a_new_partition_has_its_metadata_file_and_nothing_else() {
    let subject = Subject::create(&LogConfig::default());
    assert_eq!(subject.file_names(), ["partition.metadata"]);
    assert_eq!(subject.log.ends().assigned.offset, 0);
}

#[test]
fn bytes_are_stamped_and_otherwise_the_clients() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.epoch = 3;
    let mut expected = Vec::new();
    for n in 0..3 {
        let wanted = Wanted { records: n + 1, ..Wanted::default() };
        let base_offset = subject.submit(wanted);
        let mut bytes = batch(wanted).1.to_vec();
        patch::set_base_offset(&mut bytes, base_offset);
        patch::set_partition_leader_epoch(&mut bytes, 3);
        expected.extend_from_slice(&bytes);
    }
    assert_eq!(subject.log.ends().assigned.offset, 6);
    assert_eq!(subject.log.ends().written.offset, 0);
    subject.turn().unwrap();
    assert_eq!(subject.log.ends().written, subject.log.ends().assigned);
    assert_eq!(subject.file("00000000000000000000.log").unwrap(), expected);
    assert_eq!(subject.read_all(0), expected);
}

#[test]
fn one_turn_is_one_write() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.append(Wanted::default());
    for _ in 0..100 {
        subject.submit(Wanted::default());
    }
    let before = subject.disk.operations();
    subject.turn().unwrap();
    assert_eq!(subject.disk.operations() - before, 1);
    assert_eq!(headers(&subject.read_all(0)).len(), 101);
}

#[test]
fn a_sync_makes_the_name_durable_too() {
    let mut subject = Subject::create(&LogConfig::default());
    let (header, bytes) = batch(Wanted::default());
    let appended = subject.append_bytes(&header, bytes, AppendOrigin::Client, true).unwrap();
    subject.submit_appended(appended);
    subject.turn().unwrap();
    assert_eq!(subject.log.ends().durable, 1);
    assert_eq!(subject.log.ends().recovery_point, 0);
    for seed in 0..20 {
        subject.disk.power_cut(seed);
        let mut names = subject.file_names();
        names.sort();
        assert_eq!(names, ["00000000000000000000.log", "partition.metadata"]);
    }
}

#[test]
fn flush_messages_asks_for_syncs() {
    let config = LogConfig { flush_messages: 3, ..LogConfig::default() };
    let mut subject = Subject::create(&config);
    subject.append(Wanted { records: 2, ..Wanted::default() });
    assert_eq!(subject.log.ends().durable, 0);
    subject.append(Wanted { records: 1, ..Wanted::default() });
    assert_eq!(subject.log.ends().durable, 3);
    subject.append(Wanted { records: 1, ..Wanted::default() });
    assert_eq!(subject.log.ends().durable, 3);
    subject.sync().unwrap();
    assert_eq!(subject.log.ends().durable, 4);
    assert!(subject.log.flush().is_none());
}

#[test]
fn repeats_are_answered_with_their_offsets_and_not_written() {
    let mut subject = Subject::create(&small_config());
    let from = |sequence| Wanted {
        producer_id: 5,
        producer_epoch: 0,
        sequence,
        records: 2,
        timestamp: 77,
        value_bytes: 300,
        ..Wanted::default()
    };
    for n in 0..4 {
        assert_eq!(subject.append(from(2 * n)), i64::from(2 * n));
    }
    let before = (subject.log.ends(), subject.log.segment_base_offsets().count());
    let Ok(Appended::Duplicate { base_offset, last_offset, timestamp_ms }) = subject.append_op(from(2))
    else {
        panic!("a repeat")
    };
    assert_eq!((base_offset, last_offset, timestamp_ms), (2, 3, 78));
    let gap = subject.append_op(from(10)).unwrap_err();
    assert_eq!(gap, AppendError::OutOfOrderSequence { producer_id: 5, sequence: 10, last_sequence: 7 });
    assert_eq!(gap.code(), klamm_base::ErrorCode::OutOfOrderSequenceNumber);
    assert_eq!((subject.log.ends(), subject.log.segment_base_offsets().count()), before);
}

#[test]
fn a_batch_larger_than_a_segment_is_for_followers_only() {
    let mut subject = Subject::create(&small_config());
    let (header, bytes) = batch(Wanted { value_bytes: 2000, ..Wanted::default() });
    let refused = subject.append_bytes(&header, bytes.clone(), AppendOrigin::Client, false).unwrap_err();
    assert!(matches!(refused, AppendError::BatchTooLarge { segment_bytes: 800, .. }));
    let taken = subject.append_bytes(&header, bytes, AppendOrigin::Replication, false).unwrap();
    subject.submit_appended(taken);
    subject.turn().unwrap();
    assert_eq!(subject.log.ends().written.offset, 1);
}

#[test]
fn replicated_batches_keep_offsets_and_epochs() {
    let mut subject = Subject::create(&LogConfig::default());
    let (_, bytes) = batch(Wanted { records: 2, ..Wanted::default() });
    let mut bytes = bytes.to_vec();
    patch::set_base_offset(&mut bytes, 10);
    patch::set_partition_leader_epoch(&mut bytes, 4);
    let header = klamm_records::BatchHeader::parse(&bytes).unwrap();
    let append = |subject: &mut Subject| {
        subject.append_bytes(&header, bytes.clone().into(), AppendOrigin::Replication, false)
    };
    let appended = append(&mut subject).unwrap();
    subject.submit_appended(appended);
    subject.turn().unwrap();
    assert_eq!(subject.log.ends().written.offset, 12);
    assert_eq!(subject.log.end_offset_for_epoch(4), (4, 12));
    let again = append(&mut subject).unwrap_err();
    assert_eq!(again, AppendError::UnexpectedOffset { base_offset: 10, expected: 12 });
}

#[test]
fn an_epoch_begins_at_the_assigned_end() {
    let mut subject = Subject::create(&LogConfig::default());
    subject.log.begin_leader_epoch(0);
    subject.append(Wanted { records: 5, ..Wanted::default() });
    subject.log.begin_leader_epoch(2);
    assert_eq!(subject.log.latest_epoch(), Some(2));
    assert_eq!(subject.log.end_offset_for_epoch(0), (0, 5));
    assert_eq!(subject.log.end_offset_for_epoch(1), (0, 5));
    assert_eq!(subject.log.end_offset_for_epoch(2), (2, 5));
    assert_eq!(subject.log.end_offset_for_epoch(3), (-1, -1));
    assert_eq!(subject.log.epoch_for_offset(4), Some(0));
}

#[test]
fn a_flush_that_is_reported_before_its_turn_is_no_surprise() {
    let mut subject = Subject::create(&small_config());
    for _ in 0..6 {
        subject.submit(Wanted { value_bytes: 200, ..Wanted::default() });
    }
    // Two threads: one has done the turn, the other the flush, and the flush is reported first.
    let turn = subject.writer.turn();
    let second = subject.log.segment_base_offsets().nth(1).unwrap();
    subject.flush_turns().unwrap();
    assert!(subject.log.ends().written.offset >= second && subject.log.ends().recovery_point >= second);
    for done in turn {
        subject.log.advance(&done.progress);
    }
    assert_eq!(subject.log.ends().written, subject.log.ends().assigned);
}
