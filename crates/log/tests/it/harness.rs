//! One log on a simulated disk, with its writer, and batches to append.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use klamm_base::{TopicPartition, Uuid};
use klamm_log::disk::Disk;
use klamm_log::disk::sim::SimDisk;
use klamm_log::{
    AppendContext, AppendError, AppendOrigin, Appended, DirKind, Log, LogConfig, LogDir, LogFault, LogRead,
    OpenLog, PartitionDir, Recovery, WriteOp, Writer,
};
use klamm_records::{BatchBuilder, BatchHeader, BatchOptions, Compression, Scratch};

pub const DIR: &str = "/data";
pub const TOPIC_ID: Uuid = Uuid([7; 16]);
pub const NOW_MS: i64 = 1_700_000_000_000;

pub fn tp() -> TopicPartition {
    TopicPartition::new("t", 0)
}

pub fn small_config() -> LogConfig {
    LogConfig { segment_bytes: 800, index_interval_bytes: 200, ..LogConfig::default() }
}

pub fn open_params(config: &LogConfig, clean: bool) -> OpenLog {
    OpenLog {
        config: config.clone(),
        clean,
        recovery_point: 0,
        log_start: 0,
        now_ms: NOW_MS,
        seed: 1,
        sync_recovered: false,
    }
}

/// What a test wants of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub records: i32,
    pub value_bytes: usize,
    /// Timestamp of the first record; each next one is a millisecond later.
    pub timestamp: i64,
    pub compression: Compression,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub sequence: i32,
    pub transactional: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Wanted {
            records: 1,
            value_bytes: 50,
            timestamp: NOW_MS,
            compression: Compression::NONE,
            producer_id: -1,
            producer_epoch: -1,
            sequence: -1,
            transactional: false,
        }
    }
}

pub fn batch(wanted: Wanted) -> (BatchHeader, Bytes) {
    let mut builder = BatchBuilder::new(BatchOptions {
        compression: wanted.compression,
        producer_id: wanted.producer_id,
        producer_epoch: wanted.producer_epoch,
        base_sequence: wanted.sequence,
        transactional: wanted.transactional,
        ..BatchOptions::default()
    });
    for n in 0..wanted.records {
        let value = vec![b'a' + (n % 26) as u8; wanted.value_bytes];
        builder.append(wanted.timestamp + i64::from(n), Some(b"key"), Some(&value), &[]).unwrap();
    }
    let bytes = builder.build(&mut Scratch::default());
    (BatchHeader::parse(&bytes).unwrap(), bytes)
}

/// A transaction's end.
pub fn marker(producer_id: i64, producer_epoch: i16, commit: bool) -> (BatchHeader, Bytes) {
    use klamm_records::{ControlRecordType, EndTxnMarker};
    let mut builder = BatchBuilder::new(BatchOptions {
        producer_id,
        producer_epoch,
        transactional: true,
        control: true,
        ..BatchOptions::default()
    });
    let kind = if commit { ControlRecordType::Commit } else { ControlRecordType::Abort };
    let value = EndTxnMarker { coordinator_epoch: 0 }.to_value();
    builder.append(NOW_MS, Some(&kind.key()), Some(&value), &[]).unwrap();
    let bytes = builder.build(&mut Scratch::default());
    (BatchHeader::parse(&bytes).unwrap(), bytes)
}

pub struct Subject {
    pub disk: SimDisk,
    pub dir: LogDir,
    pub log: Log,
    pub writer: Writer<()>,
    pub epoch: i32,
    pub now_ms: i64,
}

impl Subject {
    pub fn create(config: &LogConfig) -> Subject {
        let disk = SimDisk::new();
        let dir = LogDir::open(Arc::new(disk.clone()), DIR).unwrap();
        let (log, _) = dir.create_log(tp(), TOPIC_ID, open_params(config, false)).unwrap();
        Subject { disk, dir, log, writer: Writer::new(), epoch: 0, now_ms: NOW_MS }
    }

    /// Drops everything in memory and opens the log again.
    pub fn reopen(self, open: OpenLog) -> (Subject, Recovery) {
        let Subject { disk, dir, log, epoch, now_ms, .. } = self;
        drop((dir, log));
        let (dir, log, recovery) = open_again(&disk, open).unwrap();
        (Subject { disk, dir, log, writer: Writer::new(), epoch, now_ms }, recovery)
    }

    pub fn append_op(&mut self, wanted: Wanted) -> Result<Appended, AppendError> {
        let (header, bytes) = batch(wanted);
        self.append_bytes(&header, bytes, AppendOrigin::Client, false)
    }

    pub fn append_bytes(
        &mut self,
        header: &BatchHeader,
        bytes: Bytes,
        origin: AppendOrigin,
        sync: bool,
    ) -> Result<Appended, AppendError> {
        let context = AppendContext { origin, leader_epoch: self.epoch, now_ms: self.now_ms, sync };
        self.log.append(header, bytes, &context)
    }

    /// Appends and submits, without a turn.
    pub fn submit(&mut self, wanted: Wanted) -> i64 {
        let appended = self.append_op(wanted).unwrap();
        self.submit_appended(appended)
    }

    pub fn submit_appended(&mut self, appended: Appended) -> i64 {
        match appended {
            Appended::New { base_offset, op, .. } => {
                self.writer.submit(op, ());
                base_offset
            }
            Appended::Duplicate { base_offset, .. } => base_offset,
        }
    }

    /// Appends and writes.
    pub fn append(&mut self, wanted: Wanted) -> i64 {
        let base_offset = self.submit(wanted);
        self.turn().unwrap();
        base_offset
    }

    pub fn append_marker(&mut self, producer_id: i64, producer_epoch: i16, commit: bool) -> i64 {
        let (header, bytes) = marker(producer_id, producer_epoch, commit);
        let appended = self.append_bytes(&header, bytes, AppendOrigin::Coordinator, false).unwrap();
        let base_offset = self.submit_appended(appended);
        self.turn().unwrap();
        base_offset
    }

    pub fn submit_op(&self, op: WriteOp) {
        self.writer.submit(op, ());
    }

    /// One turn of the writer, and the syncs that were asked for.
    pub fn turn(&mut self) -> Result<(), LogFault> {
        for done in self.writer.turn().into_iter().chain(self.writer.sync_turn()) {
            self.log.advance(&done.progress);
            if let Some(fault) = done.progress.fault {
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Finishes all rolled segments.
    pub fn flush_turns(&mut self) -> Result<(), LogFault> {
        while let Some(done) = self.writer.flush_turn() {
            self.log.advance(&done.progress);
            if let Some(fault) = done.progress.fault {
                return Err(fault);
            }
        }
        Ok(())
    }

    pub fn sync(&mut self) -> Result<(), LogFault> {
        if let Some(op) = self.log.flush() {
            self.writer.submit(op, ());
            self.turn()?;
        }
        Ok(())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        partition_path().join(name)
    }

    pub fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.disk.image(Path::new(DIR)).remove(&self.path(name))
    }

    pub fn file_names(&self) -> Vec<String> {
        let image = self.disk.image(&partition_path());
        image.keys().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    /// All bytes from `offset` to the written end.
    pub fn read_all(&self, offset: i64) -> Vec<u8> {
        read_all(&self.log, offset)
    }
}

pub fn partition_path() -> PathBuf {
    Path::new(DIR).join("t-0")
}

pub fn partition_dir() -> PartitionDir {
    PartitionDir {
        name: "t-0".to_owned(),
        topic_partition: tp(),
        kind: DirKind::Live,
        topic_id: Some(TOPIC_ID),
    }
}

pub fn open_again(disk: &SimDisk, open: OpenLog) -> Result<(LogDir, Log, Recovery), LogFault> {
    let dir = LogDir::open(Arc::new(disk.clone()), DIR)?;
    let found = dir.partition_dirs()?.into_iter().find(|dir| dir.topic_partition == tp());
    let (log, recovery) = match found {
        Some(found) => dir.open_log(&found, open)?,
        None => dir.create_log(tp(), TOPIC_ID, open)?,
    };
    Ok((dir, log, recovery))
}

pub fn read_all(log: &Log, offset: i64) -> Vec<u8> {
    let view = log.view();
    let mut offset = offset;
    let mut bytes = Vec::new();
    while offset < view.written().offset {
        let read = view.read(offset, u32::MAX >> 1, view.written(), true).unwrap();
        let piece = bytes_of(&read);
        let last = klamm_records::Batches::new(&piece).last().expect("a read has batches").unwrap();
        offset = last.last_offset() + 1;
        bytes.extend_from_slice(&piece);
    }
    bytes
}

pub fn bytes_of(read: &LogRead) -> Vec<u8> {
    let Some(slice) = &read.slice else { return Vec::new() };
    let mut bytes = vec![0; slice.len as usize];
    slice.file.read_exact_at(&mut bytes, slice.position).unwrap();
    bytes
}

/// Headers of concatenated batches.
pub fn headers(bytes: &[u8]) -> Vec<BatchHeader> {
    let mut headers = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let header = BatchHeader::parse(&bytes[at..]).unwrap();
        at += header.size_in_bytes();
        headers.push(header);
    }
    headers
}

pub fn disk_of(subject: &Subject) -> Arc<dyn Disk> {
    Arc::new(subject.disk.clone())
}
