//! One log on a simulated disk with its writer, for the room's own tests.

use std::sync::Arc;

use bytes::Bytes;
use klamm_base::{TopicPartition, Uuid};
use klamm_records::{BatchBuilder, BatchHeader, BatchOptions, Scratch};

use crate::disk::sim::SimDisk;
use crate::view::read::LogRead;
use crate::{
    AppendContext, AppendOrigin, Appended, Checkpoint, Log, LogConfig, LogDir, LogFault, OpenLog, Recovery,
    Writer,
};

pub const NOW_MS: i64 = 1_700_000_000_000;

pub fn tp() -> TopicPartition {
    TopicPartition::new("t", 0)
}

pub struct Subject {
    pub disk: SimDisk,
    pub dir: LogDir,
    pub log: Log,
    pub writer: Writer<()>,
    pub epoch: i32,
    /// Timestamp of the next records.
    pub stamp: i64,
    pub config: LogConfig,
}

impl Subject {
    /// A new log whose segments hold about four batches.
    pub fn new() -> Subject {
        Subject::with(LogConfig { segment_bytes: 600, index_interval_bytes: 150, ..LogConfig::default() })
    }

    pub fn with(config: LogConfig) -> Subject {
        let disk = SimDisk::new();
        let dir = LogDir::open(Arc::new(disk.clone()), "/data").unwrap();
        let (log, _) = dir.create_log(tp(), Uuid([1; 16]), open(&config, false)).unwrap();
        Subject { disk, dir, log, writer: Writer::new(), epoch: 0, stamp: NOW_MS, config }
    }

    /// Ends this life and opens the log again, with what the checkpoints say.
    pub fn reopen(self, clean: bool) -> (Subject, Recovery) {
        let Subject { disk, dir, log, writer, epoch, stamp, config } = self;
        drop((dir, log, writer));
        let (subject, recovery) = Subject::opened(disk, config, clean);
        (Subject { epoch, stamp, ..subject }, recovery)
    }

    /// The log as a disk holds it after the power was cut.
    pub fn after_cut(disk: &SimDisk, config: &LogConfig, seed: u64) -> Subject {
        let (disk, config) = (disk.fork(), config.clone());
        disk.power_cut(seed);
        Subject::opened(disk, config, false).0
    }

    fn opened(disk: SimDisk, config: LogConfig, clean: bool) -> (Subject, Recovery) {
        let dir = LogDir::open(Arc::new(disk.clone()), "/data").unwrap();
        let of = |which| dir.read_checkpoint(which).unwrap().get(&tp()).copied().unwrap_or(0);
        let open = OpenLog {
            recovery_point: of(Checkpoint::RecoveryPoint),
            log_start: of(Checkpoint::LogStart),
            ..open(&config, clean)
        };
        let found = dir.partition_dirs().unwrap().remove(0);
        let (log, recovery) = dir.open_log(&found, open).unwrap();
        (Subject { disk, dir, log, writer: Writer::new(), epoch: 0, stamp: NOW_MS, config }, recovery)
    }

    /// A batch of one record, by producer 9 when a sequence is given.
    pub fn batch(&self, value: &str, sequence: Option<i32>) -> (BatchHeader, Bytes) {
        let mut builder = BatchBuilder::new(BatchOptions {
            producer_id: sequence.map_or(-1, |_| 9),
            producer_epoch: sequence.map_or(-1, |_| 0),
            base_sequence: sequence.unwrap_or(-1),
            ..BatchOptions::default()
        });
        let padded = format!("{value:-<60}");
        builder.append(self.stamp, None, Some(padded.as_bytes()), &[]).unwrap();
        let bytes = builder.build(&mut Scratch::default());
        (BatchHeader::parse(&bytes).unwrap(), bytes)
    }

    /// Appends without a turn of the writer.
    pub fn submit(&mut self, value: &str, sequence: Option<i32>, sync: bool) {
        let (header, bytes) = self.batch(value, sequence);
        let context =
            AppendContext { origin: AppendOrigin::Client, leader_epoch: self.epoch, now_ms: NOW_MS, sync };
        match self.log.append(&header, bytes, &context) {
            Ok(Appended::New { op, .. }) => self.writer.submit(op, ()),
            other => panic!("no append: {other:?}"),
        }
    }

    pub fn append(&mut self, value: &str) {
        self.submit(value, None, false);
        self.work().unwrap();
    }

    /// Everything that the writer has to do.
    pub fn work(&mut self) -> Result<(), LogFault> {
        let mut done = self.writer.turn();
        done.extend(self.writer.sync_turn());
        done.extend(std::iter::from_fn(|| self.writer.flush_turn()));
        for done in done {
            self.log.advance(&done.progress);
            done.progress.fault.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    pub fn checkpoint(&self, which: Checkpoint, offset: i64) {
        self.dir.write_checkpoint(which, [(&tp(), offset)]).unwrap();
    }

    /// The values of all records from the log start on.
    pub fn values(&self) -> Vec<String> {
        let view = self.log.view();
        let mut values = Vec::new();
        let mut offset = self.log.ends().log_start;
        while offset < view.written().offset {
            let read = view.read(offset, u32::MAX >> 1, view.written(), true).unwrap();
            for batch in klamm_records::Batches::new(&bytes_of(&read)) {
                let batch = batch.unwrap();
                offset = batch.last_offset() + 1;
                let klamm_records::AnyBatch::V2(batch) = batch else { panic!("an old batch") };
                batch.check_crc().unwrap();
                let mut scratch = Scratch::default();
                let mut records = batch.records(&mut scratch, &Default::default()).unwrap();
                while let Some(record) = records.next() {
                    let value = String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap();
                    values.push(value.trim_end_matches('-').to_owned());
                }
            }
        }
        values
    }

    pub fn file_names(&self) -> Vec<String> {
        let image = self.disk.image(std::path::Path::new("/data/t-0"));
        image.keys().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }
}

fn open(config: &LogConfig, clean: bool) -> OpenLog {
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

fn bytes_of(read: &LogRead) -> Vec<u8> {
    let slice = read.slice.as_ref().expect("the read found something");
    let mut bytes = vec![0; slice.len as usize];
    slice.file.read_exact_at(&mut bytes, slice.position).unwrap();
    bytes
}
