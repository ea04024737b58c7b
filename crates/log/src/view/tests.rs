//! Views of logs that have been cut at their start, and what a reader is told about transactions.

use klamm_records::{BatchBuilder, BatchHeader, BatchOptions, ControlRecordType, EndTxnMarker, Scratch};

use super::read::LogRead;
use crate::testing::{NOW_MS, Subject};
use crate::{AppendContext, AppendOrigin, Appended, LogConfig};

fn submit(subject: &mut Subject, options: BatchOptions, records: &[(i64, &[u8])]) {
    let is_control = options.control;
    let mut builder = BatchBuilder::new(options);
    for (timestamp, value) in records {
        let key = is_control.then(|| ControlRecordType::Abort.key());
        builder.append(*timestamp, key.as_ref().map(|key| &key[..]), Some(value), &[]).unwrap();
    }
    let bytes = builder.build(&mut Scratch::default());
    let header = BatchHeader::parse(&bytes).unwrap();
    let origin = if is_control { AppendOrigin::Coordinator } else { AppendOrigin::Client };
    let context = AppendContext { origin, leader_epoch: 0, now_ms: NOW_MS, sync: false };
    match subject.log.append(&header, bytes, &context) {
        Ok(Appended::New { op, .. }) => subject.writer.submit(op, ()),
        other => panic!("no append: {other:?}"),
    }
    subject.work().unwrap();
}

#[test]
fn the_newest_record_is_a_retained_one() {
    let mut subject = Subject::with(LogConfig::default());
    for timestamps in [&[6000][..], &[2000], &[1500, 3000, 9000], &[100]] {
        let records: Vec<(i64, &[u8])> = timestamps.iter().map(|at| (*at, &b"v"[..])).collect();
        submit(&mut subject, BatchOptions::default(), &records);
    }
    for (log_start, expected) in
        [(0, (9000, 4)), (1, (9000, 4)), (3, (9000, 4)), (4, (9000, 4)), (5, (100, 5)), (6, (-1, -1))]
    {
        subject.log.advance_log_start(log_start);
        let found = subject.log.view().max_timestamp().unwrap();
        let found = found.map_or((-1, -1), |found| (found.timestamp, found.offset));
        assert_eq!(found, expected, "log start {log_start}");
    }
}

#[test]
fn a_batch_that_the_log_start_cuts_counts_with_what_is_left() {
    let mut subject = Subject::with(LogConfig::default());
    submit(&mut subject, BatchOptions::default(), &[(9000, b"v"), (1500, b"v"), (3000, b"v")]);
    submit(&mut subject, BatchOptions::default(), &[(2000, b"v")]);
    subject.log.advance_log_start(1);
    let found = subject.log.view().max_timestamp().unwrap().unwrap();
    assert_eq!((found.timestamp, found.offset), (3000, 2));
}

#[test]
fn aborted_transactions_are_those_that_begin_near_the_bytes_read() {
    let mut subject = Subject::with(LogConfig { index_interval_bytes: 200, ..LogConfig::default() });
    for n in 0..100_i32 {
        let options = BatchOptions {
            producer_id: 9,
            producer_epoch: 0,
            base_sequence: n,
            transactional: true,
            ..BatchOptions::default()
        };
        submit(&mut subject, options, &[(NOW_MS, &[b'v'; 50])]);
        let marker = EndTxnMarker { coordinator_epoch: 0 }.to_value();
        submit(
            &mut subject,
            BatchOptions { base_sequence: -1, control: true, ..options },
            &[(NOW_MS, &marker)],
        );
    }
    subject.log.on_high_watermark(200);
    let look = |subject: &Subject| {
        let view = subject.log.view();
        for offset in 0..200 {
            let read: LogRead = view.read(offset, 1, view.written(), true).unwrap();
            let aborted = view.aborted_transactions(&read, 200).unwrap();
            assert_eq!(aborted.first().map(|txn| txn.first_offset), Some(offset & !1));
            // An index entry lies a few batches behind at most; behind the last one all is listed.
            assert!(aborted.len() <= 6, "{} at {offset}", aborted.len());
        }
        let read = view.read(0, u32::MAX >> 1, view.written(), true).unwrap();
        assert_eq!(view.aborted_transactions(&read, 200).unwrap().len(), 100);
    };
    look(&subject);
    subject.log.close().unwrap();
    let (mut subject, _) = subject.reopen(true);
    subject.log.on_high_watermark(200);
    look(&subject);
}
