//! A controller with a log in memory: decisions are appended, encoded, decoded, replayed, committed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use klamm_base::rng::SeededRng;
use klamm_base::{Mono, Uuid};
use klamm_config::Settings;
use klamm_metadata::batch::{self, Content, Stamp};
use klamm_metadata::bootstrap::{BootstrapMetadata, Format, FormatQuorum};
use klamm_metadata::{
    Controller, ControllerOptions, Decision, LogBatch, MetadataImage, MetadataRecord, Published,
    VersionedRecord,
};
use klamm_raft::ControlRecord;
use klamm_raft::records::LeaderChangeMessage;
use klamm_wire::broker_registration::{Feature, Listener};
use klamm_wire::{BrokerHeartbeatRequest, BrokerRegistrationRequest};

pub const CLUSTER_ID: &str = "5L6g3nShT-eMCtK--X86sw";

pub struct Cluster {
    pub controller: Controller,
    pub now: Mono,
    pub rng: SeededRng,
    /// The batches of the log as bytes.
    pub log: Vec<bytes::Bytes>,
    pub epoch: i32,
}

/// What `klamm dev` would run with, plus `overrides`.
pub fn settings(overrides: &[(&str, &str)]) -> Arc<Settings> {
    let overrides: Vec<_> =
        overrides.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Arc::new(Settings::dev(Path::new("/nowhere"), 9092, 9093, &overrides).expect("valid settings"))
}

/// The bootstrap of a fresh format.
pub fn fresh_bootstrap() -> BootstrapMetadata {
    Format::latest(FormatQuorum::Static).check().expect("the defaults go together").bootstrap
}

impl Cluster {
    /// A formatted node whose controller has not begun.
    pub fn formatted(overrides: &[(&str, &str)], bootstrap: BootstrapMetadata) -> Cluster {
        let controller = Controller::new(ControllerOptions {
            cluster_id: CLUSTER_ID.to_owned(),
            settings: settings(overrides),
            bootstrap,
            kraft_version: 0,
        });
        Cluster { controller, now: Mono(0), rng: SeededRng::new(1), log: Vec::new(), epoch: 0 }
    }

    /// A node whose controller is active; nobody is registered.
    pub fn active(overrides: &[(&str, &str)]) -> Cluster {
        let mut cluster = Cluster::formatted(overrides, fresh_bootstrap());
        cluster.lead();
        cluster
    }

    /// Broker 1 is registered and unfenced.
    pub fn working(overrides: &[(&str, &str)]) -> Cluster {
        let mut cluster = Cluster::active(overrides);
        cluster.start_broker(1);
        cluster
    }

    /// Registers and unfences a broker with one log directory.
    pub fn start_broker(&mut self, id: i32) {
        let request = registration(id, id as u8);
        let decision = self.controller.register_broker(&request, self.now).expect("accepted");
        let (response, _) = self.apply(decision);
        let heartbeat = BrokerHeartbeatRequest {
            broker_id: id,
            broker_epoch: response.broker_epoch,
            current_metadata_offset: i64::MAX,
            want_fence: false,
            ..Default::default()
        };
        let decision = self.controller.heartbeat(&heartbeat, self.now).expect("accepted");
        self.apply(decision);
    }

    /// The quorum makes this controller the active one of the next epoch; returns its records.
    pub fn lead(&mut self) -> Vec<String> {
        self.epoch += 1;
        let message = LeaderChangeMessage { leader_id: 1, ..Default::default() };
        let stamp = self.stamp();
        self.append(batch::encode_control(stamp, &[ControlRecord::LeaderChange(message)]));
        self.commit();
        let decision = self.controller.activate(self.epoch, self.now).expect("the log is sound");
        self.apply(decision).1
    }

    /// Appends, replays and commits; returns the answer and the records as lines.
    pub fn apply<R>(&mut self, decision: Decision<R>) -> (R, Vec<String>) {
        self.append_only(&decision);
        self.commit();
        let lines = self.lines(&decision.records);
        (decision.response, lines)
    }

    pub fn append_only<R>(&mut self, decision: &Decision<R>) {
        for records in decision.batches() {
            self.append(batch::encode_data(self.stamp(), records));
        }
    }

    pub fn commit(&mut self) -> Option<Published> {
        self.controller.commit(self.controller.images().next_offset())
    }

    /// One batch, as it would come back from the disk.
    pub fn append(&mut self, bytes: bytes::Bytes) {
        replay(&mut self.controller, &bytes);
        self.log.push(bytes);
    }

    /// What is due by itself.
    pub fn advance(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(decision) = self.controller.advance(self.now) {
            lines.extend(self.apply(decision).1);
        }
        lines
    }

    pub fn after_ms(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
    }

    pub fn image(&self) -> &MetadataImage {
        self.controller.images().latest()
    }

    /// A record to a line, as Kafka's dump tool words it; ids of topics stand as `<name>`.
    pub fn lines(&self, records: &[VersionedRecord]) -> Vec<String> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for topic in self.image().topics.iter() {
            names.insert(topic.id.to_string(), format!("<{}>", topic.name));
        }
        for record in records {
            if let MetadataRecord::Topic(topic) = &record.record {
                names.insert(topic.topic_id.to_string(), format!("<{}>", topic.name));
            }
        }
        let with_names = |line: String| names.iter().fold(line, |line, (id, name)| line.replace(id, name));
        records.iter().map(line).map(with_names).collect()
    }

    fn stamp(&self) -> Stamp {
        let base_offset = self.controller.images().next_offset();
        Stamp { base_offset, epoch: self.epoch, append_time_ms: 1_700_000_000_000 }
    }
}

/// Feeds one batch of the log to a controller.
pub fn replay(controller: &mut Controller, bytes: &[u8]) {
    let (batch, length) = batch::decode(bytes).expect("readable");
    assert_eq!(length, bytes.len());
    let records: Vec<MetadataRecord> = match batch.content {
        Content::Data(records) => records.into_iter().map(|record| record.record).collect(),
        Content::Control(_) => Vec::new(),
    };
    let batch = LogBatch {
        base_offset: batch.stamp.base_offset,
        last_offset: batch.last_offset,
        epoch: batch.stamp.epoch,
        append_time_ms: batch.stamp.append_time_ms,
        records: &records,
    };
    controller.replay(&batch).expect("sound");
}

/// `PARTITION_CHANGE_RECORD v2 {...}` without the defaults that say nothing.
pub fn line(record: &VersionedRecord) -> String {
    let message = record.record.message();
    let json = message.to_json(record.version).expect("the version has all fields");
    let name = format!("{message:?}");
    let name = name.split([' ', '{']).next().expect("a struct begins with its name");
    format!("{} v{} {json}", name.trim_end_matches("Record"), record.version)
}

/// What broker `id` with one directory says when it registers; `incarnation` tells its lives apart.
pub fn registration(id: i32, incarnation: u8) -> BrokerRegistrationRequest {
    let feature = |(&name, &(min_supported_version, max_supported_version)): (&&str, &(i16, i16))| Feature {
        name: name.to_owned(),
        min_supported_version,
        max_supported_version,
    };
    BrokerRegistrationRequest {
        broker_id: id,
        cluster_id: CLUSTER_ID.to_owned(),
        incarnation_id: Uuid([incarnation; 16]),
        listeners: vec![Listener {
            name: "PLAINTEXT".to_owned(),
            host: "localhost".to_owned(),
            port: 9092,
            security_protocol: 0,
        }],
        features: klamm_metadata::feature::supported_features().iter().map(feature).collect(),
        log_dirs: vec![Uuid([0x10 + id as u8; 16])],
        rack: None,
        previous_broker_epoch: -1,
        ..Default::default()
    }
}
