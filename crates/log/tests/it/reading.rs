//! What readers see.

use klamm_log::{LogConfig, LogOffset, ReadError, TimestampOffset};
use klamm_records::{Compression, CompressionType};

use crate::harness::{NOW_MS, Subject, Wanted, bytes_of, headers, small_config};

/// Twenty batches of three records in several segments.
fn filled() -> Subject {
    let mut subject = Subject::create(&small_config());
    for n in 0..20 {
        subject.append(Wanted { records: 3, timestamp: NOW_MS + 10 * n, ..Wanted::default() });
    }
    subject
}

#[test]
fn every_offset_is_read_from_the_start_of_its_batch() {
    let subject = filled();
    let view = subject.log.view();
    for offset in 0..60 {
        let read = view.read(offset, 1, view.written(), true).unwrap();
        let headers = headers(&bytes_of(&read));
        assert_eq!(headers.len(), 1);
        assert_eq!((read.start.offset, headers[0].base_offset), (offset / 3 * 3, offset / 3 * 3));
    }
}

#[test]
fn limits_are_kept() {
    let subject = filled();
    let view = subject.log.view();
    let batch = headers(&subject.read_all(0))[0].size_in_bytes() as u32;
    let read = |max, min_one| view.read(0, max, view.written(), min_one).unwrap();
    assert_eq!(bytes_of(&read(2 * batch + 7, true)).len() as u32, 2 * batch + 7);
    assert_eq!(bytes_of(&read(batch - 1, true)).len() as u32, batch);
    let none = read(batch - 1, false);
    assert!(none.slice.is_none() && none.first_batch_incomplete);
    // A read ends with its segment.
    let first_segment = subject.log.segment_base_offsets().nth(1).unwrap();
    assert_eq!(headers(&bytes_of(&read(1 << 20, true))).last().unwrap().next_offset(), first_segment);
}

#[test]
fn nothing_beyond_the_upper_bound_is_returned() {
    let subject = filled();
    let view = subject.log.view();
    for bound in (0..=60).step_by(3) {
        for upper in [view.locate(bound).unwrap(), LogOffset::offset_only(bound)] {
            for offset in 0..60 {
                let read = view.read(offset, 1 << 20, upper, true).unwrap();
                let last = headers(&bytes_of(&read)).last().map_or(offset, |header| header.next_offset());
                assert!(offset >= bound && read.slice.is_none() || last <= bound, "{offset} below {bound}");
                assert_eq!(read.slice.is_some(), offset < bound);
            }
        }
    }
}

#[test]
fn only_what_is_written_is_read() {
    let mut subject = filled();
    subject.submit(Wanted::default());
    let view = subject.log.view();
    assert_eq!(view.written().offset, 60);
    let end = subject.log.ends().assigned;
    let read = view.read(60, 1000, end, true).unwrap();
    assert_eq!((read.start, read.slice.is_none()), (view.written(), true));
    assert!(matches!(view.read(61, 1000, end, true), Err(ReadError::OutOfRange { log_end: 60, .. })));
    subject.turn().unwrap();
    // The old view stays what it was.
    assert!(view.read(60, 1000, end, true).unwrap().slice.is_none());
    assert!(subject.log.view().read(60, 1000, end, true).unwrap().slice.is_some());
}

#[test]
fn a_waiting_reader_goes_on_without_a_lookup() {
    let mut subject = filled();
    let waiting_at = subject.log.view().written();
    subject.append(Wanted::default());
    let view = subject.log.view();
    let known = view.read_from(waiting_at, 1 << 20, view.written()).unwrap();
    assert_eq!(bytes_of(&known), bytes_of(&view.read(60, 1 << 20, view.written(), true).unwrap()));
    assert!(view.read_from(view.written(), 1 << 20, view.written()).is_none());
}

#[test]
fn places_are_found_again() {
    let subject = filled();
    let view = subject.log.view();
    for offset in 0..60 {
        let place = view.locate(offset).unwrap();
        let read = view.read(offset, 1, view.written(), true).unwrap();
        assert_eq!(place.offset, offset);
        assert_eq!(
            (place.segment_base_offset, place.position),
            (read.start.segment_base_offset, read.start.position)
        );
    }
    assert_eq!(view.locate(60).unwrap(), view.written());
    assert!(matches!(view.locate(61), Err(ReadError::OutOfRange { .. })));
}

#[test]
fn deleted_segments_are_out_of_range_and_old_views_go_on() {
    let mut subject = filled();
    let old = subject.log.view();
    let all = subject.read_all(0);
    let third = subject.log.segment_base_offsets().nth(2).unwrap();
    let (deleted, roll) = subject.log.delete_below(third + 1, NOW_MS).unwrap();
    assert!(roll.is_none());
    assert_eq!(subject.log.ends().log_start, third);
    deleted.rename().unwrap();
    let error = subject.log.view().read(third - 1, 1, old.written(), true).unwrap_err();
    assert!(matches!(error, ReadError::OutOfRange { log_start, .. } if log_start == third));
    let read = old.read(0, 1 << 20, old.written(), true).unwrap();
    assert_eq!(bytes_of(&read), all[..bytes_of(&read).len()]);
    deleted.remove().unwrap();
    assert!(subject.file_names().iter().all(|name| !name.ends_with(".deleted")));
    let kept = subject.read_all(third);
    assert_eq!(headers(&kept)[0].base_offset, third);
}

#[test]
fn deleting_everything_leaves_an_empty_log_that_goes_on() {
    let config = small_config();
    let mut subject = filled();
    subject.flush_turns().unwrap();
    let (deleted, roll) = subject.log.delete_below(60, NOW_MS).unwrap();
    subject.submit_op(roll.unwrap());
    subject.turn().unwrap();
    deleted.rename().unwrap();
    deleted.remove().unwrap();
    subject.flush_turns().unwrap();
    let ends = subject.log.ends();
    assert_eq!((ends.log_start, ends.written.offset, subject.log.size_in_bytes()), (60, 60, 0));
    // Even after a crash the offsets go on where they were.
    let (mut subject, _) = subject.reopen(crate::harness::open_params(&config, false));
    assert_eq!(subject.log.ends().log_start, 60);
    assert_eq!(subject.append(Wanted::default()), 60);
}

#[test]
fn retention_takes_what_is_too_old_or_too_much() {
    let subject = filled();
    let view = subject.log.view();
    let bases: Vec<i64> = subject.log.segment_base_offsets().collect();
    let keep_all = LogConfig { retention_ms: -1, ..LogConfig::default() };
    assert_eq!(view.retention_point(&keep_all, NOW_MS, 60).unwrap(), None);
    // The newest record of a segment decides.
    let newest = |segment: usize| NOW_MS + 10 * (bases[segment + 1] / 3 - 1) + 2;
    let by_time = LogConfig { retention_ms: 100, ..LogConfig::default() };
    assert_eq!(view.retention_point(&by_time, newest(1) + 100, 60).unwrap(), Some(bases[1]));
    assert_eq!(view.retention_point(&by_time, newest(1) + 101, 60).unwrap(), Some(bases[2]));
    assert_eq!(view.retention_point(&by_time, NOW_MS + 100_000, 60).unwrap(), Some(60));
    // Never beyond the high watermark.
    assert_eq!(view.retention_point(&by_time, NOW_MS + 100_000, bases[1]).unwrap(), Some(bases[1]));
    assert_eq!(view.retention_point(&by_time, NOW_MS + 100_000, bases[1] - 1).unwrap(), None);
    let total = subject.log.size_in_bytes() as i64;
    let by_size = |retention_bytes| LogConfig { retention_bytes, retention_ms: -1, ..LogConfig::default() };
    assert_eq!(view.retention_point(&by_size(total), NOW_MS, 60).unwrap(), None);
    let first = view.read(0, 1 << 20, view.written(), true).unwrap().slice.unwrap().len;
    assert_eq!(view.retention_point(&by_size(total - i64::from(first) + 1), NOW_MS, 60).unwrap(), None);
    assert_eq!(view.retention_point(&by_size(total - i64::from(first)), NOW_MS, 60).unwrap(), Some(bases[1]));
    assert_eq!(view.retention_point(&by_size(0), NOW_MS, 60).unwrap(), Some(60));
}

#[test]
fn timestamps_are_found_to_the_record() {
    for codec in CompressionType::ALL {
        let mut subject = Subject::create(&small_config());
        // Timestamps that go back and forth; the first of at least t wins.
        let starts = [50, 20, 80, 80, 10, 120, 100, 200, 150, 300];
        let mut records = Vec::new();
        for start in starts {
            let base = subject.append(Wanted {
                records: 4,
                timestamp: NOW_MS + start,
                compression: Compression::of(codec),
                ..Wanted::default()
            });
            records.extend((0..4).map(|n| (NOW_MS + start + n, base + n)));
        }
        let view = subject.log.view();
        for timestamp in NOW_MS..NOW_MS + 310 {
            let expected = records.iter().find(|(at, _)| *at >= timestamp);
            let found = view.offset_for_timestamp(timestamp).unwrap();
            let expected = expected.map(|&(timestamp, offset)| TimestampOffset {
                timestamp,
                offset,
                leader_epoch: Some(0),
            });
            assert_eq!(found, expected, "{codec:?} {}", timestamp - NOW_MS);
        }
        let newest = TimestampOffset { timestamp: NOW_MS + 303, offset: 39, leader_epoch: Some(0) };
        assert_eq!(view.max_timestamp().unwrap(), Some(newest));
    }
}

#[test]
fn the_first_of_equal_maxima_is_found() {
    let mut subject = Subject::create(&LogConfig::default());
    for start in [5, 7, 7, 3] {
        subject.append(Wanted { records: 1, timestamp: start, ..Wanted::default() });
    }
    let view = subject.log.view();
    assert_eq!(view.max_timestamp().unwrap().map(|found| found.offset), Some(1));
    // A newer maximum that is not written yet does not count.
    subject.submit(Wanted { timestamp: 9, ..Wanted::default() });
    assert_eq!(subject.log.view().max_timestamp().unwrap().map(|found| found.offset), Some(1));
    assert_eq!(subject.log.view().offset_for_timestamp(8).unwrap(), None);
    let empty = Subject::create(&LogConfig::default());
    assert_eq!(empty.log.view().max_timestamp().unwrap(), None);
    assert_eq!(empty.log.view().offset_for_timestamp(0).unwrap(), None);
}

#[test]
fn records_below_the_log_start_are_not_found_by_time() {
    let mut subject = filled();
    subject.log.advance_log_start(31);
    let found = subject.log.view().offset_for_timestamp(0).unwrap().unwrap();
    assert_eq!(found.offset, 31);
}

#[test]
fn aborted_transactions_are_listed_and_the_stable_offset_waits() {
    let mut subject = Subject::create(&small_config());
    let from = |producer_id, sequence| Wanted {
        producer_id,
        producer_epoch: 0,
        sequence,
        transactional: true,
        ..Wanted::default()
    };
    assert_eq!(subject.append(from(1, 0)), 0);
    assert_eq!(subject.append(from(2, 0)), 1);
    assert_eq!(subject.append(from(1, 1)), 2);
    let end = subject.log.ends().written;
    assert_eq!(subject.log.last_stable_offset(end).offset, 0);
    assert_eq!(subject.append_marker(1, 0, false), 3);
    let end = subject.log.ends().written;
    subject.log.on_high_watermark(end.offset);
    // The place of the other transaction's first batch is known.
    let stable = subject.log.last_stable_offset(end);
    assert_eq!(stable, subject.log.view().locate(1).unwrap());
    assert_eq!(subject.append_marker(2, 0, true), 4);
    let end = subject.log.ends().written;
    subject.log.on_high_watermark(end.offset);
    assert_eq!(subject.log.last_stable_offset(end), end);

    let view = subject.log.view();
    let aborted = |offset, max| {
        let read = view.read(offset, max, view.written(), true).unwrap();
        let aborted = view.aborted_transactions(&read, view.written().offset).unwrap();
        aborted.iter().map(|txn| (txn.producer_id, txn.first_offset)).collect::<Vec<_>>()
    };
    assert_eq!(aborted(0, 1 << 20), [(1, 0)]);
    assert_eq!(aborted(2, 1 << 20), [(1, 0)]);
    assert_eq!(aborted(4, 1 << 20), []);
    assert_eq!(subject.file("00000000000000000000.txnindex").unwrap().len(), 34);
}

#[test]
fn few_descriptors_serve_many_segments() {
    let mut subject = Subject::create(&LogConfig { segment_bytes: 200, ..LogConfig::default() });
    subject.dir.set_open_files_max(4);
    for n in 0..200 {
        subject.append(Wanted { timestamp: n, ..Wanted::default() });
    }
    assert!(subject.log.segment_base_offsets().count() > 50);
    for _ in 0..2 {
        assert_eq!(headers(&subject.read_all(0)).len(), 200);
    }
}
