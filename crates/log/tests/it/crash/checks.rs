//! What must be true of an opened directory, one function for each invariant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use klamm_base::TopicPartition;
use klamm_log::disk::Disk;
use klamm_log::disk::sim::SimDisk;
use klamm_log::epochs::EpochEntry;
use klamm_log::{AbortedTransaction, Log, ReadError};
use klamm_records::{BatchHeader, Batches};

use super::house::House;
use super::memory::{Fold, Line, Memory, MetadataMemory, PartitionMemory, below};
use crate::harness::{DIR, NOW_MS, bytes_of, headers, read_all};

/// Timestamps lie within so many milliseconds from the start.
pub const TIMES: i64 = 1000;

/// What a log says about itself, for comparing two openings of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answers {
    pub start: i64,
    pub end: i64,
    bytes: Vec<u8>,
    epochs: Vec<(i32, i64)>,
    /// Id, epoch, last sequence, last offset, open transaction; of producers with a batch that is left.
    producers: Vec<(i64, i16, i32, i64, Option<i64>)>,
    /// Start and length of what a read from each offset gives, and whether a reader is told to skip it as aborted.
    reads: Vec<(i64, u32, bool)>,
    /// First offset at or after each timestamp.
    times: Vec<Option<i64>>,
    newest: Option<i64>,
}

pub type AllAnswers = BTreeMap<TopicPartition, Answers>;

/// Asks a log everything.
pub fn answers(log: &Log) -> Answers {
    let view = log.view();
    let (start, end) = (view.log_start(), view.written().offset);
    let reads = (start..end).map(|offset| {
        let read = view.read(offset, 1, view.written(), true).expect("a read inside the log");
        let aborted = view.aborted_transactions(&read, end).expect("aborts can be read");
        let header = headers(&bytes_of(&read))[0];
        let is_told = |txn: &AbortedTransaction| {
            txn.producer_id == header.producer_id && txn.first_offset <= header.base_offset
        };
        let is_data = header.attributes.is_transactional() && !header.attributes.is_control();
        let skips = is_data && aborted.iter().any(is_told);
        (header.base_offset, header.size_in_bytes() as u32, skips)
    });
    let time = |at| view.offset_for_timestamp(at).expect("a time can be looked up").map(|found| found.offset);
    let bytes = read_all(log, start);
    let producers = log.producers().map(|(id, entry)| {
        let last_offset = entry.last_batch().map_or(-1, |batch| batch.last_offset);
        let open = entry.current_txn_first_offset.and_then(|first| open_from(&bytes, id, first, start));
        (id, entry.epoch, entry.last_sequence(), last_offset, open)
    });
    let epoch = |entry: &EpochEntry| (entry.epoch, entry.start_offset);
    Answers {
        start,
        end,
        // Of an empty log the last epoch may be remembered or not.
        epochs: log.epochs().iter().filter(|_| !bytes.is_empty()).map(epoch).collect(),
        producers: producers.filter(|producer| producer.3 >= start).collect(),
        reads: reads.collect(),
        times: (NOW_MS..=NOW_MS + TIMES + 10).step_by(101).map(time).collect(),
        newest: view.max_timestamp().expect("times can be compared").map(|found| found.timestamp),
        bytes,
    }
}

/// Where an open transaction begins as far as the log is left: what lies below its start may be remembered or not.
fn open_from(bytes: &[u8], producer: i64, first: i64, start: i64) -> Option<i64> {
    let is_part = |header: &BatchHeader| header.producer_id == producer && header.last_offset() >= start;
    let headers = headers(bytes);
    let mut left = headers.iter().filter(|header| header.base_offset >= first && is_part(header));
    if first >= start { Some(first) } else { left.next().map(|header| header.base_offset) }
}

pub fn all_answers(house: &House) -> AllAnswers {
    house.logs.iter().map(|(name, log)| (name.clone(), answers(log))).collect()
}

/// Panics with what differs between two openings.
pub fn assert_same(what: &str, found: &AllAnswers, expected: &AllAnswers) {
    for (name, expected) in expected {
        let found = &found[name];
        assert_eq!((found.start, found.end), (expected.start, expected.end), "{what}: start, end of {name}");
        assert!(found.bytes == expected.bytes, "{what}: the batches of {name} differ");
        assert_eq!(found.epochs, expected.epochs, "{what}: epochs of {name}");
        assert_eq!(found.producers, expected.producers, "{what}: producers of {name}");
        assert_eq!(found.reads, expected.reads, "{what}: reads of {name}");
        assert_eq!(found.times, expected.times, "{what}: times of {name}");
        assert_eq!(found.newest, expected.newest, "{what}: the newest record of {name}");
    }
}

/// Holds everything that was opened against what the world remembers.
pub fn check(house: &House, memory: &Memory, lost_nothing: bool) -> AllAnswers {
    metadata_is_whole(house, &memory.metadata);
    let mut all = AllAnswers::new();
    for (name, known) in &memory.partitions {
        let log = &house.logs[name];
        let found = answers(log);
        let line = line_of(&found, known);
        nothing_promised_is_lost(&found, known, lost_nothing);
        one_value_per_offset(&found, line);
        offsets_grow(&found);
        no_gap(&found);
        logs_match(log, &found, known);
        epochs_are_those_of_the_batches(log, &found, line);
        checksums_hold(&found);
        log_start_stays(log, &found, known);
        lookups_are_exact(&found, line);
        one_copy_of_a_sequence(&found);
        producers_are_those_of_the_batches(log, &found, line);
        all.insert(name.clone(), found);
    }
    all
}

/// Which line the log follows: the present one, or that before a truncation nobody has reported as done.
fn line_of<'a>(found: &Answers, known: &'a PartitionMemory) -> &'a Line {
    let follows = |line: &Line| one_line(found, line).is_ok();
    match &known.before_cut {
        Some(before) if !follows(&known.line) && follows(before) => before,
        _ => &known.line,
    }
}

fn one_line(found: &Answers, line: &Line) -> Result<(), i64> {
    for (header, batch) in batches(&found.bytes) {
        if line.get(&header.base_offset).map(|batch| &batch[..]) != Some(batch) {
            return Err(header.base_offset);
        }
    }
    Ok(())
}

fn batches(bytes: &[u8]) -> impl Iterator<Item = (BatchHeader, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let header = (!rest.is_empty()).then(|| BatchHeader::parse(rest).expect("a batch"))?;
        let (batch, behind) = rest.split_at(header.size_in_bytes());
        rest = behind;
        Some((header, batch))
    })
}

/// Invariant 6 under budgets B3 (durable) and B0 (written): what was promised is there.
fn nothing_promised_is_lost(found: &Answers, known: &PartitionMemory, lost_nothing: bool) {
    let promised = if lost_nothing { known.written } else { known.durable };
    assert!(found.end >= promised, "6: the log ends at {}, {promised} was promised", found.end);
}

/// Invariant 1: an offset holds the batch that was appended there, to the byte.
fn one_value_per_offset(found: &Answers, line: &Line) {
    if let Err(at) = one_line(found, line) {
        panic!("1: the batch at {at} is not the one appended");
    }
}

/// Invariant 3: offsets increase inside an answer and from one to the next.
fn offsets_grow(found: &Answers) {
    let mut last = -1;
    for header in headers(&found.bytes) {
        assert!(header.base_offset > last && header.last_offset() >= header.base_offset, "3: after {last}");
        last = header.last_offset();
    }
}

/// Invariant 8: each batch begins where the one before ends, and the log ends with the last one.
fn no_gap(found: &Answers) {
    let headers = headers(&found.bytes);
    for pair in headers.windows(2) {
        assert_eq!(pair[1].base_offset, pair[0].next_offset(), "8: a gap");
    }
    let end = headers.last().map_or(found.start, BatchHeader::next_offset);
    assert_eq!(end, found.end, "8: the log's end is not that of its last batch");
    let first = headers.first().map_or(found.start, |header| header.base_offset);
    assert!(first <= found.start, "8: the log starts at {} without a batch", found.start);
}

/// Invariant 12: batches at equal offset and epoch are equal, here and at a replica that has never crashed; and both
/// agree up to the end of their last common epoch.
fn logs_match(log: &Log, found: &Answers, known: &PartitionMemory) {
    for (header, batch) in batches(&found.bytes) {
        let place = (header.base_offset, header.partition_leader_epoch);
        assert_eq!(known.ever.get(&place).map(|batch| &batch[..]), Some(batch), "12: at {place:?}");
    }
    let Some(epoch) = log.latest_epoch() else { return };
    let (_, common) = log.end_offset_for_epoch(epoch);
    for (base_offset, batch) in known.line.range(found.start..common.min(found.end)) {
        let theirs = BatchHeader::parse(batch).expect("an own batch");
        if theirs.partition_leader_epoch <= epoch && known.before_cut.is_none() {
            let place = (*base_offset, theirs.partition_leader_epoch);
            assert!(known.ever.contains_key(&place), "12: {place:?} is nowhere");
        }
    }
}

/// Invariant 13: epochs never decrease along the log, the cache is what the batches say, and so are its answers.
fn epochs_are_those_of_the_batches(log: &Log, found: &Answers, line: &Line) {
    let mut latest = -1;
    for header in headers(&found.bytes) {
        assert!(header.partition_leader_epoch >= latest, "13: epoch {latest} falls");
        latest = header.partition_leader_epoch;
    }
    let expected = derived_epochs(line, found.start, found.end);
    if found.bytes.is_empty() {
        return;
    }
    assert_eq!(found.epochs, expected, "13: the epochs of a log from {} to {}", found.start, found.end);
    for (index, (epoch, _)) in expected.iter().enumerate() {
        let end = expected.get(index + 1).map_or(found.end, |next| next.1);
        assert_eq!(log.end_offset_for_epoch(*epoch), (*epoch, end), "13: where epoch {epoch} ends");
    }
}

/// First offsets of the epochs between two offsets, as the batches say.
pub fn derived_epochs(line: &Line, start: i64, end: i64) -> Vec<(i32, i64)> {
    let mut epochs: Vec<(i32, i64)> = Vec::new();
    for batch in below(line, end) {
        let header = BatchHeader::parse(batch).expect("an own batch");
        if epochs.last().is_none_or(|last| last.0 < header.partition_leader_epoch) {
            epochs.push((header.partition_leader_epoch, header.base_offset));
        }
    }
    let covering = epochs.partition_point(|(_, first)| *first <= start);
    if let Some(covering) = covering.checked_sub(1) {
        epochs.drain(..covering);
        epochs[0].1 = start;
    }
    epochs
}

/// Invariant 17: no batch with a wrong checksum is served.
fn checksums_hold(found: &Answers) {
    for batch in Batches::new(&found.bytes) {
        let batch = batch.expect("17: a whole batch");
        assert!(batch.check_crc().is_ok(), "17: a wrong checksum below {}", batch.last_offset());
    }
}

/// Invariant 18: the log start goes forward only, and below it nothing is read.
fn log_start_stays(log: &Log, found: &Answers, known: &PartitionMemory) {
    // Of a log that was never synced the folder itself may be gone.
    let is_gone = known.durable == 0 && found.end == 0;
    let (promised, asked) = (if is_gone { 0 } else { known.log_start }, known.log_start_asked);
    assert!((promised..=asked).contains(&found.start), "18: start {}, {promised}..={asked}", found.start);
    let view = log.view();
    for below in [0, found.start - 1].into_iter().filter(|offset| (0..found.start).contains(offset)) {
        let read = view.read(below, 1, view.written(), true);
        assert!(matches!(read, Err(ReadError::OutOfRange { .. })), "18: {below} is read below the start");
    }
}

/// Invariant 19, the half that needs no second opening: what lookups find is what a scan finds.
fn lookups_are_exact(found: &Answers, line: &Line) {
    let headers = headers(&found.bytes);
    let holder = |offset: i64| headers.iter().find(|header| header.last_offset() >= offset);
    for (offset, (start, len, _)) in (found.start..).zip(&found.reads) {
        let header = holder(offset).expect("a batch holds every offset");
        let expected = (header.base_offset, header.size_in_bytes() as u32);
        assert_eq!((*start, *len), expected, "19: offset {offset}");
    }
    for (at, offset) in (NOW_MS..).step_by(101).zip(&found.times) {
        let fits = |header: &&BatchHeader| header.max_timestamp >= at && header.last_offset() >= found.start;
        let first = headers.iter().find(fits);
        let range = first.map(|header| header.base_offset..=header.last_offset());
        let is_right = match (range, offset) {
            (Some(range), Some(offset)) => range.contains(offset),
            (None, None) => true,
            // A batch that the log start cuts may have its newest record below it.
            (Some(range), None) => *range.start() < found.start,
            (None, Some(_)) => false,
        };
        assert!(is_right, "19: time {} is found at {offset:?}", at - NOW_MS);
    }
    aborts_are_exact(found, line);
}

/// Invariants 29 and 31: a reader is told to skip exactly what was aborted.
fn aborts_are_exact(found: &Answers, line: &Line) {
    let fold = Fold::over(below(line, found.end));
    let headers = headers(&found.bytes);
    for (start, _, skips) in &found.reads {
        let at = headers.binary_search_by_key(start, |header| header.base_offset);
        let header = &headers[at.expect("a read begins with a batch")];
        let is_part = |(producer, first, marker): &(i64, i64, i64)| {
            *producer == header.producer_id && (*first..*marker).contains(start)
        };
        let is_data = header.attributes.is_transactional() && !header.attributes.is_control();
        let was_aborted = is_data && fold.aborts.iter().any(is_part);
        assert_eq!(*skips, was_aborted, "31: whether the batch at {start} was aborted");
    }
}

/// Invariant 22: a producer's sequence number is in the log once at most.
fn one_copy_of_a_sequence(found: &Answers) {
    let mut seen = BTreeSet::new();
    for header in headers(&found.bytes) {
        if header.producer_id >= 0 && !header.attributes.is_control() {
            let sequence = (header.producer_id, header.producer_epoch, header.base_sequence);
            assert!(seen.insert(sequence), "22: {sequence:?} twice");
        }
    }
}

/// Invariant 24: producers and open transactions are those of the batches that are left. What a producer did below
/// the log start only may be remembered or not.
fn producers_are_those_of_the_batches(log: &Log, found: &Answers, line: &Line) {
    let fold = Fold::over(below(line, found.end));
    let known: BTreeMap<i64, _> = log.producers().collect();
    for id in known.keys() {
        assert!(fold.producers.contains_key(id), "24: producer {id} comes from nowhere");
    }
    for (id, expected) in &fold.producers {
        if expected.last_seen < found.start {
            continue;
        }
        let entry = known.get(id).unwrap_or_else(|| panic!("24: producer {id} is forgotten"));
        assert_eq!(entry.epoch, expected.epoch, "24: epoch of producer {id}");
        let last = (entry.last_sequence(), entry.last_batch().map_or(-1, |batch| batch.last_offset));
        if expected.last().1 >= found.start || expected.batches.is_empty() {
            assert_eq!(last, expected.last(), "24: last batch of producer {id}");
        }
        for batch in entry.batches() {
            let is_own = expected.batches.contains(&(batch.last_sequence, batch.last_offset));
            assert!(is_own, "24: producer {id} never wrote {batch:?}");
        }
        if expected.open.is_none_or(|first| first >= found.start) {
            assert_eq!(entry.current_txn_first_offset, expected.open, "24: transaction of producer {id}");
        }
    }
}

/// Metadata snapshots are whole or absent, the vote is the last one or the next (invariant 54).
fn metadata_is_whole(house: &House, known: &MetadataMemory) {
    let found = house.metadata.snapshots().expect("snapshots can be listed");
    for id in &found {
        let bytes = house.metadata.read_snapshot(*id).expect("a listed snapshot can be read");
        let expected = known.snapshots.get(id).or(known.uncertain.get(id));
        assert_eq!(
            expected.map(|bytes| &bytes[..]),
            Some(&bytes[..]),
            "snapshot {id} is not what was written"
        );
    }
    for id in known.snapshots.keys() {
        assert!(found.contains(id), "snapshot {id} is gone");
    }
    let vote = house.metadata.quorum_state().expect("the vote can be read");
    assert!(vote == known.vote || vote == known.next_vote, "54: the vote is {vote:?}");
}

/// Invariant 19, the other half: without any index file all answers are the same.
pub fn indexes_only_accelerate(disk: &SimDisk, memory: &Memory, before: &AllAnswers) {
    let names: Vec<_> = disk.image(Path::new(DIR)).into_keys().collect();
    let is_index = |name: &&std::path::PathBuf| {
        let extension = name.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("index" | "timeindex" | "txnindex"))
    };
    for name in names.iter().filter(is_index) {
        disk.remove_file(name).expect("a file of the disk can be removed");
    }
    let house = House::start(disk, memory).expect("a directory without indexes opens");
    assert_same("19: without indexes", &all_answers(&house), before);
}

/// Invariant 13 once more, on the disk: after a clean end the checkpoint file is what the batches say.
pub fn epoch_files_are_those_of_the_batches(disk: &SimDisk, memory: &Memory, all: &AllAnswers) {
    for (name, found) in all.iter().filter(|(_, found)| !found.bytes.is_empty()) {
        let known = &memory.partitions[name];
        let path = Path::new(DIR).join(format!("{}-{}", name.topic, name.partition));
        let file = disk.image(&path).remove(&path.join("leader-epoch-checkpoint"));
        let text = String::from_utf8(file.unwrap_or_default()).expect("13: a text file");
        let expected = derived_epochs(line_of(found, known), found.start, found.end);
        let lines = expected.iter().map(|(epoch, first)| format!("{epoch} {first}\n")).collect::<String>();
        assert_eq!(text, format!("0\n{}\n{lines}", expected.len()), "13: the checkpoint of {name}");
    }
}
