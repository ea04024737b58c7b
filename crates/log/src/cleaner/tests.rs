//! Rounds on logs of a simulated disk.

use std::collections::BTreeMap;

use bytes::Bytes;
use klamm_records::{
    AnyBatch, BatchBuilder, BatchHeader, BatchOptions, Batches, EndTxnMarker, Limits, Scratch, end_txn_batch,
};

use super::CleanRules;
use crate::testing::{NOW_MS, Subject};
use crate::{AppendContext, AppendOrigin, Appended, LogConfig, LogView};

const DAY_MS: i64 = 86_400_000;

fn rules() -> CleanRules {
    CleanRules {
        min_cleanable_dirty_ratio: 0.0,
        min_compaction_lag_ms: 0,
        max_compaction_lag_ms: i64::MAX,
        delete_retention_ms: DAY_MS,
        map_bytes_max: 1 << 20,
    }
}

/// A compacted log of small segments.
fn compacted() -> Subject {
    Subject::with(LogConfig {
        segment_bytes: 600,
        index_interval_bytes: 100,
        delete: false,
        compact: true,
        ..LogConfig::default()
    })
}

/// Who writes a batch, and in what.
#[derive(Clone, Copy, Default)]
struct By {
    producer: Option<(i64, i32)>,
    transactional: bool,
}

fn append(subject: &mut Subject, by: By, records: &[(&str, Option<&str>)]) {
    let (producer_id, base_sequence) = by.producer.unwrap_or((-1, -1));
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id,
        producer_epoch: if producer_id < 0 { -1 } else { 0 },
        base_sequence,
        transactional: by.transactional,
        ..BatchOptions::default()
    });
    for (key, value) in records {
        let padded = value.map(|value| format!("{value:-<40}"));
        builder.append(NOW_MS, Some(key.as_bytes()), padded.as_deref().map(str::as_bytes), &[]).unwrap();
    }
    submit(subject, builder.build(&mut Scratch::default()), AppendOrigin::Client);
}

fn end_transaction(subject: &mut Subject, producer_id: i64, commit: bool) {
    let marker = EndTxnMarker { coordinator_epoch: 0 };
    submit(subject, end_txn_batch(producer_id, 0, NOW_MS, commit, marker), AppendOrigin::Coordinator);
}

fn submit(subject: &mut Subject, bytes: Bytes, origin: AppendOrigin) {
    let header = BatchHeader::parse(&bytes).unwrap();
    let context = AppendContext { origin, leader_epoch: 0, now_ms: NOW_MS, sync: false };
    match subject.log.append(&header, bytes, &context) {
        Ok(Appended::New { op, .. }) => subject.writer.submit(op, ()),
        other => panic!("no append: {other:?}"),
    }
    subject.work().unwrap();
    subject.log.on_high_watermark(subject.log.ends().written.offset);
}

/// One round with all its steps; says where it ended.
fn clean(subject: &mut Subject, rules: &CleanRules, checkpoint: Option<i64>, now_ms: i64) -> Option<i64> {
    let end = subject.log.ends().written;
    let last_stable = subject.log.last_stable_offset(end).offset;
    let cleanable = subject.log.view().cleanable(rules, checkpoint, last_stable, now_ms).unwrap()?;
    let cleaned = subject.log.cleaning(cleanable, end.offset).run(rules, now_ms).unwrap();
    cleaned.rename().unwrap();
    let removed = subject.log.exchange(&cleaned).expect("the log is there");
    removed.remove().unwrap();
    Some(cleaned.end())
}

/// `offset:key=value` of all records, tombstones without a value.
fn read(view: &LogView) -> Vec<String> {
    let mut all = Vec::new();
    let mut offset = view.log_start();
    while offset < view.written().offset {
        let read = view.read(offset, u32::MAX >> 1, view.written(), true).unwrap();
        let Some(slice) = read.slice else { break };
        let mut bytes = vec![0; slice.len as usize];
        slice.file.read_exact_at(&mut bytes, slice.position).unwrap();
        for batch in Batches::new(&bytes) {
            let AnyBatch::V2(batch) = batch.unwrap() else { panic!("an old batch") };
            batch.check_crc().unwrap();
            offset = batch.header().last_offset() + 1;
            let (mut scratch, limits) = (Scratch::default(), Limits::default());
            if batch.header().record_count == 0 || batch.header().attributes.is_control() {
                all.push(format!("{}:({})", batch.header().last_offset(), batch.header().record_count));
                continue;
            }
            let mut records = batch.records(&mut scratch, &limits).unwrap();
            while let Some(record) = records.next() {
                let record = record.unwrap();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('-').to_owned();
                let value = record.value.map(|value| format!("={}", text(value))).unwrap_or_default();
                all.push(format!("{}:{}{value}", record.offset, text(record.key.unwrap())));
            }
        }
    }
    all
}

/// The last value of each key, tombstones left out.
fn last_values(view: &LogView) -> BTreeMap<String, String> {
    let mut last = BTreeMap::new();
    for record in read(view).iter().filter(|record| !record.contains('(')) {
        let (_, record) = record.split_once(':').unwrap();
        match record.split_once('=') {
            Some((key, value)) => drop(last.insert(key.to_owned(), value.to_owned())),
            None => drop(last.remove(record)),
        }
    }
    last
}

fn filled() -> Subject {
    let mut subject = compacted();
    for n in 0..24 {
        let (key, value) = (format!("k{}", n % 5), format!("v{n}"));
        append(&mut subject, By::default(), &[(&key, Some(&value)), ("all", Some(&value))]);
    }
    subject
}

#[test]
fn the_newest_of_each_key_stays_where_it_was() {
    let mut subject = filled();
    let (before, size) = (last_values(&subject.log.view()), subject.log.size_in_bytes());
    let old_view = subject.log.view();
    let old = read(&old_view);
    let end = clean(&mut subject, &rules(), None, NOW_MS).unwrap();
    let active = subject.log.segment_base_offsets().last().unwrap();
    assert_eq!(end, active);
    assert_eq!(last_values(&subject.log.view()), before);
    let kept: Vec<String> = read(&subject.log.view());
    let cleaned: Vec<&String> = kept.iter().filter(|record| offset_of(record) < end).collect();
    assert_eq!(cleaned.len(), 6, "one record for each key: {kept:?}");
    assert!(cleaned.iter().all(|record| old.contains(record)), "{kept:?}");
    assert!(subject.log.size_in_bytes() < size / 2);
    assert_eq!(read(&old_view), old, "a view from before reads on");
    // Nothing is dirty now but what comes.
    assert_eq!(clean(&mut subject, &rules(), Some(end), NOW_MS), None);
    append(&mut subject, By::default(), &[("k0", Some("new"))]);
    assert_eq!(last_values(&subject.log.view())["k0"], "new");
    // A clean stop has nothing to repair.
    subject.log.close().unwrap();
    let expected = read(&subject.log.view());
    let (subject, recovery) = subject.reopen(true);
    assert_eq!(recovery, Default::default());
    assert_eq!(read(&subject.log.view()), expected);
}

fn offset_of(record: &str) -> i64 {
    record.split_once(':').unwrap().0.parse().unwrap()
}

#[test]
fn enough_must_be_dirty_and_old_enough() {
    let subject = filled();
    let view = subject.log.view();
    let end = subject.log.ends().written.offset;
    let third = subject.log.segment_base_offsets().nth(2).unwrap();
    let look = |rules: &CleanRules, checkpoint, last_stable, now_ms| {
        view.cleanable(rules, checkpoint, last_stable, now_ms).unwrap()
    };
    let all = look(&rules(), None, end, NOW_MS).unwrap();
    assert_eq!((all.first_dirty, all.dirty_ratio), (0, 1.0));
    let half = CleanRules { min_cleanable_dirty_ratio: 0.5, ..rules() };
    assert!(look(&half, Some(third), end, NOW_MS).is_some());
    let active = subject.log.segment_base_offsets().last().unwrap();
    let last_closed = subject.log.segment_base_offsets().rev_nth(1);
    assert!(look(&half, Some(last_closed), end, NOW_MS).is_none());
    let due = CleanRules { max_compaction_lag_ms: DAY_MS, ..half };
    assert!(look(&due, Some(last_closed), end, NOW_MS + DAY_MS).is_none());
    assert!(look(&due, Some(last_closed), end, NOW_MS + DAY_MS + 1).is_some());
    // An open transaction, young records.
    assert_eq!(look(&rules(), None, third, NOW_MS).unwrap().first_uncleanable, third);
    let late = CleanRules { min_compaction_lag_ms: DAY_MS, ..rules() };
    assert!(look(&late, None, end, NOW_MS + DAY_MS - 1).is_none());
    assert_eq!(look(&late, None, end, NOW_MS + DAY_MS + 1).unwrap().first_uncleanable, active);
    // A checkpoint from another life.
    assert_eq!(look(&rules(), Some(end + 100), end, NOW_MS).unwrap().first_dirty, 0);
}

trait FromEnd {
    fn rev_nth(self, n: usize) -> i64;
}

impl<I: Iterator<Item = i64>> FromEnd for I {
    fn rev_nth(self, n: usize) -> i64 {
        let all: Vec<i64> = self.collect();
        all[all.len() - 1 - n]
    }
}

#[test]
fn tombstones_stay_for_their_time() {
    let mut subject = filled();
    append(&mut subject, By::default(), &[("k1", None)]);
    for n in 0..8 {
        append(&mut subject, By::default(), &[("other", Some(&format!("{n}")))]);
    }
    let tombstone =
        |subject: &Subject| read(&subject.log.view()).iter().any(|record| record.ends_with(":k1"));
    let mut end = clean(&mut subject, &rules(), None, NOW_MS);
    assert!(tombstone(&subject) && !last_values(&subject.log.view()).contains_key("k1"));
    for (now_ms, is_there) in [(NOW_MS + DAY_MS - 1, true), (NOW_MS + DAY_MS, false)] {
        for n in 0..8 {
            append(&mut subject, By::default(), &[("other", Some(&format!("later {n}")))]);
        }
        end = clean(&mut subject, &rules(), end, now_ms);
        assert_eq!(tombstone(&subject), is_there, "{}", now_ms - NOW_MS);
    }
    assert!(!last_values(&subject.log.view()).contains_key("k1"));
}

#[test]
fn what_was_aborted_goes_and_its_marker_follows() {
    let mut subject = compacted();
    let in_transaction =
        |producer, sequence| By { producer: Some((producer, sequence)), transactional: true };
    append(&mut subject, By::default(), &[("a", Some("old"))]);
    append(&mut subject, in_transaction(7, 0), &[("a", Some("aborted"))]);
    end_transaction(&mut subject, 7, false);
    append(&mut subject, in_transaction(8, 0), &[("b", Some("committed"))]);
    end_transaction(&mut subject, 8, true);
    // Both producers go on, so that nothing has to be kept for their sake.
    append(&mut subject, By { producer: Some((7, 1)), ..By::default() }, &[("c", Some("7"))]);
    append(&mut subject, By { producer: Some((8, 1)), ..By::default() }, &[("c", Some("8"))]);
    let fill = |subject: &mut Subject, by: &str| {
        (0..10).for_each(|n| append(subject, By::default(), &[("fill", Some(&format!("{by}{n}")))]));
    };
    fill(&mut subject, "x");
    let end = clean(&mut subject, &rules(), None, NOW_MS);
    let kept = read(&subject.log.view());
    assert!(kept.contains(&"0:a=old".to_owned()), "the aborted record replaces nothing: {kept:?}");
    assert!(!kept.iter().any(|record| record.contains("aborted")), "{kept:?}");
    assert_eq!(markers(&kept), [2, 4], "{kept:?}");
    // Its records are gone: the marker of the abort has its time from now on.
    fill(&mut subject, "y");
    let end = clean(&mut subject, &rules(), end, NOW_MS);
    assert_eq!(markers(&read(&subject.log.view())), [2, 4]);
    fill(&mut subject, "z");
    clean(&mut subject, &rules(), end, NOW_MS + DAY_MS);
    assert_eq!(markers(&read(&subject.log.view())), [4], "the other one has a record left");
}

fn markers(records: &[String]) -> Vec<i64> {
    let markers = records.iter().filter(|record| record.ends_with("(1)"));
    markers.map(|record| offset_of(record)).collect()
}

#[test]
fn an_open_transaction_stops_the_cleaner() {
    let mut subject = filled();
    let first = subject.log.ends().assigned.offset;
    append(&mut subject, By { producer: Some((7, 0)), transactional: true }, &[("k0", Some("open"))]);
    (0..20).for_each(|n| append(&mut subject, By::default(), &[("k0", Some(&format!("{n}")))]));
    let end = clean(&mut subject, &rules(), None, NOW_MS).unwrap();
    assert!(end <= first, "{end} beyond {first}");
    assert!(read(&subject.log.view()).iter().any(|record| record.ends_with("=open")));
}

#[test]
fn producers_are_known_afterwards() {
    let mut subject = compacted();
    append(
        &mut subject,
        By { producer: Some((7, 0)), ..By::default() },
        &[("a", Some("1")), ("b", Some("1"))],
    );
    append(&mut subject, By { producer: Some((7, 2)), ..By::default() }, &[("a", Some("2"))]);
    (0..12).for_each(|n| append(&mut subject, By::default(), &[("a", Some(&format!("n{n}")))]));
    let before: Vec<_> = subject.log.producers().map(|(id, entry)| (id, entry.last_sequence())).collect();
    assert_eq!(before, [(7, 2)]);
    clean(&mut subject, &rules(), None, NOW_MS).unwrap();
    let kept = read(&subject.log.view());
    assert!(kept.contains(&"2:(0)".to_owned()), "an empty batch keeps the last sequence: {kept:?}");
    // Nothing but the batches is believed after a cut.
    let subject = Subject::after_cut(&subject.disk, subject.log.config(), 1);
    let after: Vec<_> = subject.log.producers().map(|(id, entry)| (id, entry.last_sequence())).collect();
    assert_eq!(after, before);
}

#[test]
fn a_small_map_cleans_what_it_can() {
    let mut subject = compacted();
    for n in 0..60 {
        append(&mut subject, By::default(), &[(&format!("key-{}", n % 20), Some(&format!("{n}")))]);
    }
    let before = last_values(&subject.log.view());
    let small = CleanRules { map_bytes_max: 500, ..rules() };
    let (mut end, mut rounds) = (None, 0);
    while let Some(next) = clean(&mut subject, &small, end, NOW_MS) {
        assert!(Some(next) > end, "a round comes further than {end:?}");
        assert_eq!(last_values(&subject.log.view()), before);
        (end, rounds) = (Some(next), rounds + 1);
    }
    assert!(rounds > 3, "{rounds} rounds");
    let records = read(&subject.log.view()).len();
    assert!(records < 40, "{records} records are left");
}

#[test]
fn a_crash_at_any_operation_leaves_the_old_or_the_new() {
    let mut subject = filled();
    subject.work().unwrap();
    subject.log.flush().into_iter().for_each(|op| subject.writer.submit(op, ()));
    subject.work().unwrap();
    let before = last_values(&subject.log.view());
    let old = read(&subject.log.view());
    subject.disk.record_crashes();
    clean(&mut subject, &rules(), None, NOW_MS).unwrap();
    let new = read(&subject.log.view());
    let (mut points, mut changed) = (0, 0);
    for disk in subject.disk.take_crashes() {
        for seed in 0..8 {
            let mut subject = Subject::after_cut(&disk, subject.log.config(), seed);
            let found = read(&subject.log.view());
            assert_eq!(last_values(&subject.log.view()), before);
            assert!(found.iter().all(|record| old.contains(record)), "{found:?}");
            assert!(new.iter().all(|record| found.contains(record)), "{found:?}");
            assert!(
                subject
                    .file_names()
                    .iter()
                    .all(|name| !name.ends_with(".swap") && !name.ends_with(".cleaned"))
            );
            changed += usize::from(found.len() < old.len());
            points += 1;
            append(&mut subject, By::default(), &[("k0", Some("after"))]);
            assert_eq!(last_values(&subject.log.view())["k0"], "after");
        }
    }
    assert!(points > 200 && changed > 20 && changed < points, "{changed} of {points}");
}
