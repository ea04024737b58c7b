//! New segments: when, and what is left of the old one.

use klamm_log::LogConfig;
use klamm_log::format::offset_index::OffsetEntry;
use klamm_log::format::producer_snapshot;
use klamm_log::format::time_index::TimeEntry;

use crate::harness::{NOW_MS, Subject, Wanted, batch, open_params, small_config};

fn bases(subject: &Subject) -> Vec<i64> {
    subject.log.segment_base_offsets().collect()
}

#[test]
fn by_size_to_the_byte() {
    let size = batch(Wanted::default()).1.len() as u32;
    for (segment_bytes, first_segment) in [(3 * size, 3), (3 * size - 1, 2)] {
        let mut subject = Subject::create(&LogConfig { segment_bytes, ..LogConfig::default() });
        for _ in 0..4 {
            subject.append(Wanted::default());
        }
        assert_eq!(bases(&subject)[..2], [0, first_segment]);
        assert_eq!(subject.read_all(0).len(), 4 * size as usize);
    }
}

#[test]
fn by_the_time_between_records() {
    let config = LogConfig { segment_ms: 1000, ..LogConfig::default() };
    let mut subject = Subject::create(&config);
    subject.append(Wanted { timestamp: 5000, ..Wanted::default() });
    subject.append(Wanted { timestamp: 6000, ..Wanted::default() });
    assert_eq!(bases(&subject), [0]);
    subject.append(Wanted { timestamp: 6001, ..Wanted::default() });
    assert_eq!(bases(&subject), [0, 2]);
    // Without timestamps the clock decides.
    let mut subject = Subject::create(&config);
    subject.append(Wanted { timestamp: -1, ..Wanted::default() });
    subject.now_ms = NOW_MS + 1000;
    subject.append(Wanted { timestamp: -1, ..Wanted::default() });
    assert_eq!(bases(&subject), [0]);
    subject.now_ms = NOW_MS + 1001;
    subject.append(Wanted { timestamp: -1, ..Wanted::default() });
    assert_eq!(bases(&subject), [0, 2]);
}

#[test]
fn by_jitter_some_time_earlier() {
    let config = LogConfig { segment_ms: 1000, segment_jitter_ms: 500, ..LogConfig::default() };
    let mut subject = Subject::create(&config);
    for timestamp in 0..2000 {
        subject.append(Wanted { timestamp, ..Wanted::default() });
    }
    let bases = bases(&subject);
    assert!(bases[1] > 500 && bases[1] <= 1001, "{bases:?}");
}

#[test]
fn by_a_full_index() {
    let config = LogConfig { index_interval_bytes: 1, segment_index_bytes: 80, ..LogConfig::default() };
    let mut subject = Subject::create(&config);
    for n in 0..40 {
        subject.append(Wanted { timestamp: NOW_MS + n, ..Wanted::default() });
    }
    // 80 bytes are 10 offset entries or 6 time entries, of which the last is kept for the roll.
    assert_eq!(bases(&subject)[1], 6);
    let flat = LogConfig { index_interval_bytes: 1, segment_index_bytes: 80, ..LogConfig::default() };
    let mut subject = Subject::create(&flat);
    for _ in 0..40 {
        subject.append(Wanted::default());
    }
    assert_eq!(bases(&subject)[1], 11);
}

#[test]
fn a_rolled_segment_has_its_index_files_and_a_producer_snapshot() {
    let config = small_config();
    let mut subject = Subject::create(&config);
    subject.log.begin_leader_epoch(0);
    for n in 0..10 {
        subject.append(Wanted {
            timestamp: NOW_MS + i64::from(n % 3),
            value_bytes: 100,
            producer_id: 9,
            producer_epoch: 1,
            sequence: n,
            ..Wanted::default()
        });
    }
    let size = subject.file("00000000000000000000.log").unwrap().len();
    let second = bases(&subject)[1];
    assert_eq!(subject.file("00000000000000000000.index"), None);
    subject.flush_turns().unwrap();
    let last = *bases(&subject).last().unwrap();
    assert_eq!((subject.log.ends().recovery_point, subject.log.ends().durable), (last, last));

    let index = subject.file("00000000000000000000.index").unwrap();
    let entries: Vec<OffsetEntry> = index.chunks(8).map(OffsetEntry::read).collect();
    let one = size / second as usize;
    // An entry before a batch when more than 200 bytes came since the last: every second batch.
    let every = 200 / one + 1;
    let expected: Vec<OffsetEntry> = (every..second as usize)
        .step_by(every)
        .map(|n| OffsetEntry { relative_offset: n as u32, position: (n * one) as u32 })
        .collect();
    assert_eq!(entries, expected);

    let time = subject.file("00000000000000000000.timeindex").unwrap();
    let entries: Vec<TimeEntry> = time.chunks(12).map(TimeEntry::read).collect();
    assert_eq!(entries, [TimeEntry { timestamp: NOW_MS + 2, relative_offset: 2 }]);

    let snapshot = subject.file(&format!("{second:020}.snapshot")).unwrap();
    let producers = producer_snapshot::decode(&snapshot).unwrap();
    assert_eq!(producers.len(), 1);
    assert_eq!((producers[0].producer_id, producers[0].last_sequence), (9, second as i32 - 1));
    assert_eq!(subject.file("leader-epoch-checkpoint").unwrap(), b"0\n1\n0 0\n");
}

#[test]
fn a_clean_close_leaves_every_file_as_it_should_be() {
    let config = small_config();
    let mut subject = Subject::create(&config);
    subject.log.begin_leader_epoch(0);
    for n in 0..10 {
        subject.append(Wanted { timestamp: NOW_MS + n, value_bytes: 100, ..Wanted::default() });
    }
    subject.flush_turns().unwrap();
    subject.log.close().unwrap();
    let ends = subject.log.ends();
    assert_eq!((ends.durable, ends.recovery_point), (10, 10));
    let last = *bases(&subject).last().unwrap();
    let time = subject.file(&format!("{last:020}.timeindex")).unwrap();
    let newest = TimeEntry::read(&time[time.len() - 12..]);
    assert_eq!(newest, TimeEntry { timestamp: NOW_MS + 9, relative_offset: (9 - last) as u32 });
    assert_eq!(subject.file("00000000000000000010.snapshot").unwrap().len(), 10);
    for base in bases(&subject) {
        for extension in ["log", "index", "timeindex"] {
            assert!(subject.file(&format!("{base:020}.{extension}")).is_some());
        }
    }
    // Nothing of it was only in memory.
    let before = subject.disk.image(std::path::Path::new("/"));
    subject.disk.power_cut(3);
    assert_eq!(subject.disk.image(std::path::Path::new("/")), before);
    // And opening it reads, but changes nothing.
    let (mut subject, recovery) = subject.reopen(open_params(&config, true));
    assert_eq!(recovery, Default::default());
    assert_eq!(subject.log.ends().written.offset, 10);
    let operations = subject.disk.operations();
    subject.log.close().unwrap();
    assert_eq!(subject.disk.operations(), operations);
}

#[test]
fn an_idle_partition_costs_nothing_to_open_and_close() {
    let config = LogConfig::default();
    let subject = Subject::create(&config);
    let (mut subject, _) = subject.reopen(open_params(&config, true));
    subject.log.begin_leader_epoch(4);
    let operations = subject.disk.operations();
    subject.log.close().unwrap();
    assert_eq!(subject.disk.operations(), operations);
    assert_eq!(subject.file_names(), ["partition.metadata"]);
}
