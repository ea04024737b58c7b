//! Indexes are accelerators: present, absent, or wrong, the answers are the same (invariant 19).

use klamm_log::disk::OpenMode;
use klamm_log::{Disk, LogConfig, LogView, OpenLog, ReadError};
use proptest::prelude::*;

use crate::harness::{NOW_MS, Subject, Wanted, bytes_of, open_params};

/// One batch: records, value bytes, timestamp.
type Shape = (i32, usize, i64);

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    prop::collection::vec((1..5i32, 0..300usize, -1..2000i64), 1..60)
}

fn written(shapes: &[Shape], config: &LogConfig) -> Subject {
    let mut subject = Subject::create(config);
    for &(records, value_bytes, timestamp) in shapes {
        // A batch of one record may be without a timestamp.
        let records = if timestamp < 0 { 1 } else { records };
        let timestamp = if timestamp < 0 { -1 } else { NOW_MS + timestamp };
        subject.append(Wanted { records, value_bytes, timestamp, ..Wanted::default() });
    }
    subject.flush_turns().unwrap();
    subject.log.close().unwrap();
    subject
}

/// Everything a reader can ask.
fn answers(view: &LogView) -> Result<Vec<String>, ReadError> {
    let mut answers = Vec::new();
    for offset in view.log_start()..view.written().offset {
        let read = view.read(offset, 100, view.written(), true)?;
        let bytes = bytes_of(&read);
        answers.push(format!("{:?} {} {:08x}", read.start, bytes.len(), klamm_records::crc::crc32c(&bytes)));
    }
    for timestamp in (0..2010).step_by(67) {
        answers.push(format!("{:?}", view.offset_for_timestamp(NOW_MS + timestamp)?));
    }
    answers.push(format!("{:?}", view.max_timestamp()?));
    Ok(answers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn deleting_all_index_files_changes_no_answer(shapes in shapes(), interval in 0..600u32, clean: bool) {
        let config = LogConfig { segment_bytes: 3000, index_interval_bytes: interval, ..LogConfig::default() };
        let subject = written(&shapes, &config);
        let expected = answers(&subject.log.view()).unwrap();
        let (subject, _) = subject.reopen(open_params(&config, true));
        prop_assert_eq!(&answers(&subject.log.view()).unwrap(), &expected);
        let disk = crate::harness::disk_of(&subject);
        for name in subject.file_names().iter().filter(|name| name.ends_with("index")) {
            disk.remove_file(&subject.path(name)).unwrap();
        }
        let (mut subject, _) = subject.reopen(open_params(&config, clean));
        prop_assert_eq!(&answers(&subject.log.view()).unwrap(), &expected);
        // Closing writes them again, and now they serve as well as before.
        subject.log.close().unwrap();
        let (subject, _) = subject.reopen(open_params(&config, true));
        prop_assert_eq!(&answers(&subject.log.view()).unwrap(), &expected);
    }

    #[test]
    fn the_files_are_what_the_batches_demand(shapes in shapes(), interval in 0..600u32) {
        let config = LogConfig { segment_bytes: 3000, index_interval_bytes: interval, ..LogConfig::default() };
        let subject = written(&shapes, &config);
        let index_files = |subject: &Subject| {
            let mut image = subject.disk.image(std::path::Path::new("/"));
            image.retain(|path, _| path.to_str().unwrap().ends_with("index"));
            image
        };
        let expected = index_files(&subject);
        for base in subject.log.segment_base_offsets() {
            let log = subject.file(&format!("{base:020}.log")).unwrap();
            let (offset, time) = model(&log, base, interval);
            prop_assert_eq!(&subject.file(&format!("{base:020}.index")).unwrap(), &offset);
            prop_assert_eq!(&subject.file(&format!("{base:020}.timeindex")).unwrap(), &time);
        }
        // A scan after a crash makes the same files.
        let (mut subject, _) = subject.reopen(open_params(&config, false));
        subject.log.close().unwrap();
        prop_assert_eq!(index_files(&subject), expected);
    }

    #[test]
    fn damaged_offset_indexes_change_no_answer(
        shapes in shapes(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let config = LogConfig { segment_bytes: 3000, index_interval_bytes: 100, ..LogConfig::default() };
        let subject = written(&shapes, &config);
        let expected = answers(&subject.log.view()).unwrap();
        let names: Vec<String> =
            subject.file_names().into_iter().filter(|name| name.ends_with(".index")).collect();
        for (at, byte) in damage {
            let name = at.get(&names);
            subject.disk.corrupt(&subject.path(name), |bytes| {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            });
        }
        let (subject, _) = subject.reopen(open_params(&config, true));
        prop_assert_eq!(&answers(&subject.log.view()).unwrap(), &expected);
    }
}

/// Both index files by Kafka's rule, straight from the log's bytes.
fn model(log: &[u8], base: i64, interval: u32) -> (Vec<u8>, Vec<u8>) {
    let (mut offset, mut time) = (Vec::new(), Vec::new());
    let (mut max, mut max_at, mut last_time) = (-1, base, -1);
    let (mut position, mut since) = (0u32, 0u32);
    let mut put_time = |max: i64, max_at: i64, last_time: &mut i64| {
        if max > *last_time {
            time.extend_from_slice(&max.to_be_bytes());
            time.extend_from_slice(&((max_at - base) as i32).to_be_bytes());
            *last_time = max;
        }
    };
    for header in crate::harness::headers(log) {
        if header.max_timestamp > max {
            (max, max_at) = (header.max_timestamp, header.last_offset());
        }
        if since > interval {
            offset.extend_from_slice(&((header.last_offset() - base) as i32).to_be_bytes());
            offset.extend_from_slice(&position.to_be_bytes());
            put_time(max, max_at, &mut last_time);
            since = 0;
        }
        since += header.size_in_bytes() as u32;
        position += header.size_in_bytes() as u32;
    }
    put_time(max, max_at, &mut last_time);
    (offset, time)
}

#[test]
fn an_index_that_points_too_far_is_not_believed() {
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let subject = written(&[(3, 200, 5); 20], &config);
    let expected = answers(&subject.log.view()).unwrap();
    subject.disk.corrupt(&subject.path("00000000000000000000.index"), |bytes| {
        for entry in bytes.chunks_mut(8) {
            entry[3] -= 3;
        }
    });
    let (subject, _) = subject.reopen(open_params(&config, true));
    assert_eq!(answers(&subject.log.view()).unwrap(), expected);
}

#[test]
fn a_preallocated_index_is_not_believed() {
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let subject = written(&[(3, 200, 5); 20], &config);
    let expected = answers(&subject.log.view()).unwrap();
    for (name, len) in
        [("00000000000000000000.index", 10_485_760), ("00000000000000000000.timeindex", 10_485_756)]
    {
        subject.disk.corrupt(&subject.path(name), |bytes| bytes.resize(len, 0));
    }
    let (mut subject, _) = subject.reopen(open_params(&config, true));
    assert_eq!(answers(&subject.log.view()).unwrap(), expected);
    subject.append(Wanted::default());
    subject.log.close().unwrap();
    assert!(subject.file("00000000000000000000.index").unwrap().len() < 1000);
}

#[test]
fn a_log_that_ends_at_its_recovery_point_is_left_with_no_preallocated_index() {
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    for shapes in [&[][..], &[(3, 200, 5); 20]] {
        let subject = written(shapes, &config);
        let recovery_point = subject.log.ends().written.offset;
        let names = ["00000000000000000000.index", "00000000000000000000.timeindex"];
        let before = names.map(|name| subject.file(name).unwrap_or_default());
        let open = |name| subject.disk.open(&subject.path(name), OpenMode::CreateOrOpen).unwrap();
        open("00000000000000000000.log");
        for (name, len) in names.into_iter().zip([10_485_760, 10_485_756]) {
            open(name).set_len(len).unwrap();
        }
        let (mut subject, _) = subject.reopen(OpenLog { recovery_point, ..open_params(&config, false) });
        subject.log.close().unwrap();
        assert!(names.map(|name| subject.file(name).unwrap_or_default()) == before, "from {recovery_point}");
    }
}
