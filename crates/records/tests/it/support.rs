//! What several tests need: rules, owned records, a dump of batches in words.

use std::fmt::Write;

use klamm_records::crc::crc32c;
use klamm_records::{
    AnyBatch, BatchBuilder, BatchOptions, BatchView, Batches, Header, Limits, ProduceRules, Record, Scratch,
    TimestampType,
};

/// The wall clock of all validations.
pub const NOW_MS: i64 = 1_700_000_001_000;

/// Kafka's defaults of a topic, for Produce 7 and later.
pub fn rules() -> ProduceRules {
    ProduceRules {
        max_message_bytes: 1_048_588,
        timestamp_type: TimestampType::CreateTime,
        timestamp_before_max_ms: i64::MAX,
        timestamp_after_max_ms: 3_600_000,
        now_ms: NOW_MS,
        compacted: false,
        zstd_allowed: true,
        limits: Limits::default(),
    }
}

/// A record that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Owned {
    pub fn new(timestamp: i64, key: Option<&str>, value: Option<&str>) -> Owned {
        let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
        Owned { timestamp, key: bytes(key), value: bytes(value), headers: Vec::new() }
    }

    pub fn header(mut self, key: &str, value: Option<&[u8]>) -> Owned {
        self.headers.push((key.as_bytes().to_vec(), value.map(<[u8]>::to_vec)));
        self
    }

    pub fn of(record: &Record<'_>) -> Owned {
        Owned {
            timestamp: record.timestamp,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers.iter().map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec))).collect(),
        }
    }
}

pub fn append(builder: &mut BatchBuilder, record: &Owned) {
    let headers: Vec<Header<'_>> =
        record.headers.iter().map(|(key, value)| Header { key, value: value.as_deref() }).collect();
    builder.append(record.timestamp, record.key.as_deref(), record.value.as_deref(), &headers).unwrap();
}

pub fn build(options: BatchOptions, records: &[Owned]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    records.iter().for_each(|record| append(&mut builder, record));
    builder.build(&mut Scratch::new()).to_vec()
}

pub fn read(batch: &[u8], scratch: &mut Scratch) -> Vec<Owned> {
    let view = BatchView::parse(batch).unwrap();
    let mut reader = view.records(scratch, &Limits::default()).unwrap();
    let mut records = Vec::new();
    while let Some(record) = reader.next() {
        records.push(Owned::of(&record.unwrap()));
    }
    records
}

/// Computes the CRC anew, as someone does who changes a batch on purpose.
pub fn seal(batch: &mut [u8]) {
    let crc = crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
}

/// All batches and records, in the words of `tests/data/README.md`.
pub fn dump(bytes: &[u8]) -> String {
    let mut out = String::new();
    for batch in Batches::new(bytes) {
        let batch = batch.unwrap();
        batch.check_crc().unwrap();
        match batch {
            AnyBatch::V2(batch) => dump_batch(&batch, &mut out),
            AnyBatch::Legacy(batch) => {
                let codec = batch.codec().unwrap().name();
                let (magic, last, size, time) =
                    (batch.magic(), batch.offset(), batch.bytes().len(), batch.timestamp());
                writeln!(
                    out,
                    "legacy magic={magic} last_offset={last} size={size} codec={codec} timestamp={time}"
                )
                .unwrap();
            }
        }
    }
    out
}

fn dump_batch(batch: &BatchView<'_>, out: &mut String) {
    let h = batch.header();
    let kind = match h.attributes.timestamp_type() {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
    write!(out, "batch base_offset={} last_offset={} ", h.base_offset, h.last_offset()).unwrap();
    write!(out, "next_offset={} size={} ", h.next_offset(), h.size_in_bytes()).unwrap();
    write!(out, "leader_epoch={} crc={:08x} ", h.partition_leader_epoch, h.crc).unwrap();
    write!(out, "codec={} timestamp_type={kind} ", h.codec().unwrap().name()).unwrap();
    write!(out, "transactional={} ", h.attributes.is_transactional()).unwrap();
    write!(out, "control={} ", h.attributes.is_control()).unwrap();
    let horizon = h.delete_horizon_ms().map_or("none".to_owned(), |ms| ms.to_string());
    write!(out, "delete_horizon={horizon} base_timestamp={} ", h.base_timestamp).unwrap();
    write!(out, "max_timestamp={} producer_id={} ", h.max_timestamp, h.producer_id).unwrap();
    write!(out, "producer_epoch={} base_sequence={} ", h.producer_epoch, h.base_sequence).unwrap();
    writeln!(out, "last_sequence={} count={}", h.last_sequence(), h.record_count).unwrap();
    dump_records(batch, out);
}

fn dump_records(batch: &BatchView<'_>, out: &mut String) {
    let sampled = batch.header().record_count > 20;
    let mut all = String::new();
    let mut scratch = Scratch::new();
    let mut reader = batch.records(&mut scratch, &Limits::default()).unwrap();
    let mut index = 0;
    while let Some(record) = reader.next() {
        let line = record_line(&record.unwrap());
        if !sampled || index % 100 == 99 {
            out.push_str(&line);
        }
        all.push_str(&line);
        index += 1;
    }
    if sampled {
        writeln!(out, "all records crc32c={:08x}", crc32c(all.as_bytes())).unwrap();
    }
}

fn record_line(r: &Record<'_>) -> String {
    let headers: Vec<String> = r
        .headers
        .iter()
        .map(|h| format!("{}:{}", hex(h.key), h.value.map_or("null".to_owned(), hex)))
        .collect();
    format!(
        "record offset={} timestamp={} sequence={} size={} key={} value={} headers={}\n",
        r.offset,
        r.timestamp,
        r.sequence,
        r.size_in_bytes,
        short(r.key),
        short(r.value),
        headers.join(",")
    )
}

fn short(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "null".to_owned(),
        Some(bytes) if bytes.len() > 100 => format!("crc32c:{:x}:{}", crc32c(bytes), bytes.len()),
        Some(bytes) => hex(bytes),
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
