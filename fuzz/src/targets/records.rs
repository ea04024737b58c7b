//! Sets of record batches, as a produce request or a segment has them: what validation says is the same each
//! time, what it lets through can be read, and a codec changes nothing about either.

use crate::Target;
use crate::allocation::bounded;
use crate::input::Input;
use crate::seeds::files;
use crate::targets::compression::{CODECS, with_used};
use bytes::BytesMut;
use klamm_records::codec::compress;
use klamm_records::crc::crc32c;
use klamm_records::header::position;
use klamm_records::{
    AnyBatch, BatchHeader, BatchPrefix, BatchView, Batches, Compression, CompressionType, ControlRecordType,
    EndTxnMarker, Limits, ProduceRules, Record, Refusal, Scratch, TimestampType, Validated, recompress,
    validate,
};

pub const PACKED_TARGET: Target = Target {
    name: "packed-records",
    meaning: "any bytes as records, behind each codec: the same verdict and records as without one",
    run: run_packed,
    seeds: packed_seeds,
};

pub const TARGET: Target = Target {
    name: "records",
    meaning: "sets of record batches: validated twice the same, what is valid can be read",
    run: run,
    seeds,
};

const NOW_MS: i64 = 1_700_000_001_000;
/// Most output of a compressed batch here.
const OUTPUT_MAX: u64 = 1 << 20;
/// The window holds a record and what came with it; a codec's states and blocks come on top.
const MEMORY_MAX: usize = 2 * OUTPUT_MAX as usize + (10 << 20);

fn limits() -> Limits {
    Limits { decompressed_bytes_max: OUTPUT_MAX, ..Limits::default() }
}

fn rules(choice: u8) -> ProduceRules {
    ProduceRules {
        max_message_bytes: 1_048_588,
        timestamp_type: TimestampType::CreateTime,
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: if choice & 2 == 0 { i64::MAX } else { 3_600_000 },
        now_ms: NOW_MS,
        compacted: choice & 4 != 0,
        zstd_allowed: choice & 8 == 0,
        limits: limits(),
    }
}

/// Choices, then the set. The first choice is whether batches get the checksums that their bytes should have.
pub fn run(input: &[u8]) {
    let [choice, ref set @ ..] = *input else { return };
    let mut set = set.to_vec();
    if choice & 1 != 0 {
        seal_all(&mut set);
    }
    let verdict = judge(&set, &rules(choice));
    if let Ok(validated) = verdict {
        let (batch, count) = (&set[..validated.header.size_in_bytes()], validated.record_count);
        let view = BatchView::parse(batch).expect("it was validated");
        let read = read(&view).expect("what is valid can be read");
        assert_eq!(read.len(), count as usize, "another number of records than was validated");
        if choice & 16 != 0 {
            in_every_codec(&view, &read);
        }
    }
    walk(&set);
}

/// The verdict, with used states and with new ones.
fn judge(set: &[u8], rules: &ProduceRules) -> Result<Validated, Refusal> {
    let verdict = with_used(|scratch| bounded(MEMORY_MAX, || validate(set, rules, scratch)));
    let again = validate(set, rules, &mut Scratch::new());
    // Of two things that are wrong, the one is found first that fits into the buffers.
    assert_eq!(verdict.as_ref().ok(), again.as_ref().ok(), "{verdict:?}, and {again:?} with new states");
    verdict
}

/// A record with its bytes.
#[derive(Debug, PartialEq)]
struct Owned {
    timestamp: i64,
    sequence: i32,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Owned {
    fn of(record: &Record<'_>) -> Owned {
        let headers =
            record.headers.iter().map(|header| (header.key.to_vec(), header.value.map(<[u8]>::to_vec)));
        let headers: Vec<_> = headers.collect();
        assert_eq!(headers.len(), record.headers.len(), "a record has as many headers as it says");
        let [key, value] = [record.key, record.value].map(|bytes| bytes.map(<[u8]>::to_vec));
        Owned { timestamp: record.timestamp, sequence: record.sequence, key, value, headers }
    }
}

fn read(view: &BatchView<'_>) -> Option<Vec<Owned>> {
    let mut records = Vec::new();
    with_used(|scratch| {
        let mut reader = view.records(scratch, &limits()).ok()?;
        while let Some(record) = reader.next() {
            records.push(Owned::of(&record.ok()?));
        }
        Some(records)
    })
}

/// What a reader of segments does: every batch, every record, whatever the checksums say.
fn walk(set: &[u8]) {
    let mut batches = Batches::new(set);
    while let Some(Ok(batch)) = batches.next() {
        let _ = (batch.check_crc(), batch.last_offset(), batch.max_timestamp());
        match batch {
            AnyBatch::Legacy(old) => {
                let _ = (old.magic(), old.codec(), old.timestamp_type(), old.timestamp());
            }
            AnyBatch::V2(view) => {
                let header = view.header();
                let _ = (header.next_offset(), header.last_sequence(), header.delete_horizon_ms());
                walk_records(&view);
            }
        }
    }
    assert!(batches.position() <= set.len());
}

fn walk_records(view: &BatchView<'_>) {
    with_used(|scratch| {
        bounded(MEMORY_MAX, || {
            let Ok(mut reader) = view.records(scratch, &limits()) else { return };
            while let Some(Ok(record)) = reader.next() {
                assert_eq!(record.headers.iter().count(), record.headers.len());
                let _ = (ControlRecordType::from_key(record.key), EndTxnMarker::from_value(record.value));
            }
            assert!(reader.next().is_none(), "an end and a fault are final");
        });
    });
}

/// The same records come out of the batch in each codec.
fn in_every_codec(view: &BatchView<'_>, records: &[Owned]) {
    for codec in CODECS.into_iter().chain([CompressionType::None]) {
        let again = with_used(|scratch| recompress(view, Compression::of(codec), &limits(), scratch));
        let again = again.expect("what can be read can be compressed");
        let view = BatchView::parse(&again).expect("a batch of ours");
        view.check_crc().expect("a batch of ours");
        assert_eq!(read(&view).as_deref(), Some(records), "{codec:?}");
    }
}

/// Gives every whole batch the checksum that its bytes should have.
pub fn seal_all(set: &mut [u8]) {
    let mut at = 0;
    while let Ok(prefix) = BatchPrefix::parse(&set[at..]) {
        let Some(batch) = set[at..].get_mut(..prefix.size_in_bytes) else { return };
        if prefix.magic == 2 && batch.len() >= BatchHeader::SIZE {
            seal(batch);
        } else if prefix.magic < 2 && batch.len() > position::MAGIC {
            let mut crc = flate2::Crc::new();
            crc.update(&batch[position::MAGIC..]);
            batch[position::PARTITION_LEADER_EPOCH..position::MAGIC]
                .copy_from_slice(&crc.sum().to_be_bytes());
        }
        at += prefix.size_in_bytes;
    }
}

fn seal(batch: &mut [u8]) {
    let crc = crc32c(&batch[position::ATTRIBUTES..]);
    batch[position::CRC..position::ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
}

/// Choices, how many records there should be, then their bytes. The batch is judged as it is and behind each
/// codec: always the same.
pub fn run_packed(input: &[u8]) {
    let mut input = Input::new(input);
    let (choice, count) = (input.byte(), input.short());
    let records = input.rest();
    let rules = ProduceRules { zstd_allowed: true, ..rules(choice) };
    let plain = batch(CompressionType::None, choice, count, records);
    let expected = judge(&plain, &rules);
    let codec = CODECS[usize::from(choice >> 6)];
    let mut packed = BytesMut::new();
    with_used(|scratch| compress(Compression::of(codec), records, scratch, &mut packed));
    let packed = batch(codec, choice, count, &packed);
    let verdict = judge(&packed, &rules);
    let essence = |verdict: &Result<Validated, Refusal>| {
        let valid = verdict.as_ref().ok()?;
        Some((valid.record_count, valid.max_timestamp, valid.max_timestamp_index, valid.uncompressed_bytes))
    };
    assert_eq!(essence(&verdict), essence(&expected), "{codec:?}: {verdict:?} instead of {expected:?}");
    let [plain, packed] = [&plain, &packed].map(|batch| BatchView::parse(batch).expect("built right"));
    let records = read(&plain);
    assert_eq!(read(&packed), records, "{codec:?}");
    assert!(expected.is_err() || records.is_some(), "what is valid can be read");
}

fn batch(codec: CompressionType, choice: u8, count: u16, payload: &[u8]) -> Vec<u8> {
    let header = BatchHeader {
        base_offset: 0,
        length: (BatchHeader::SIZE - BatchHeader::LOG_OVERHEAD + payload.len()) as i32,
        partition_leader_epoch: -1,
        magic: 2,
        crc: 0,
        attributes: klamm_records::Attributes(i16::from(codec.id()) | i16::from(choice & 0x30)),
        last_offset_delta: i32::from(count) - 1,
        base_timestamp: NOW_MS,
        max_timestamp: NOW_MS,
        producer_id: if choice & 1 == 0 { -1 } else { 9 },
        producer_epoch: -i16::from(choice & 1 == 0),
        base_sequence: if choice & 1 == 0 { -1 } else { i32::MAX - 2 },
        record_count: i32::from(count),
    };
    let mut head = [0; BatchHeader::SIZE];
    header.write(&mut head);
    let mut batch = [&head, payload].concat();
    seal(&mut batch);
    batch
}

fn golden() -> impl Iterator<Item = Vec<u8>> {
    let files = files::folder("crates/records/tests/data/golden").into_iter();
    files.filter(|(name, batch)| name.ends_with(".bin") && batch.len() < 16_000).map(|(_, batch)| batch)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let with = |choice: u8| golden().map(move |batch| [&[choice][..], &batch].concat());
    let mut seeds: Vec<Vec<u8>> = with(1).chain(with(17)).collect();
    // What a produce request has begins at offset 0.
    for mut batch in golden() {
        batch[..8].fill(0);
        seeds.push([&[17][..], &batch].concat());
        seeds.push([&[0][..], &batch, &batch].concat());
    }
    seeds
}

pub fn packed_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for batch in golden() {
        let Ok(view) = BatchView::parse(&batch) else { continue };
        let mut scratch = Scratch::new();
        let Ok(plain) = recompress(&view, Compression::NONE, &limits(), &mut scratch) else { continue };
        let view = BatchView::parse(&plain).expect("a batch of ours");
        let count = (view.header().record_count as u16).to_be_bytes();
        for choice in [0, 0x40, 0x80, 0xc1] {
            seeds.push([&[choice][..], &count, view.payload()].concat());
        }
    }
    seeds
}
