//! What the controller starts from: bootstrap snapshot, newest snapshot, log, quorum-state
//! (Kafka: `KafkaRaftClient.initialize`, `MetadataLoader`).

use std::sync::Arc;

use klamm_base::{Now, Uuid};
use klamm_config::Settings;
use klamm_log::{
    DiskFault, DiskOp, FileSlice, Log, LogConfig, LogView, MetadataDir, OpenLog, ReadError, SnapshotId,
};
use klamm_metadata::batch::{self, Content, MetadataBatch, MetadataBatchFault};
use klamm_metadata::bootstrap::BootstrapMetadata;
use klamm_metadata::image::Provenance;
use klamm_metadata::snapshot::{self, SnapshotContent};
use klamm_metadata::{Controller, ControllerOptions, LogBatch, MetadataRecord, VersionedRecord};
use klamm_raft::{
    ControlRecord, Event, OffsetAndEpoch, Quorum, ReplicaKey, VoterEndpoint, VoterNode, VoterSet,
};

use super::metadata_log::{METADATA_TOPIC, MetadataLog, metadata_partition};
use super::quorum_state_file;
use crate::fault::LoadFault;
use crate::partitions::Directory;

/// Bytes read at once while the log is replayed.
const READ_BYTES: u32 = 1 << 20;

/// Everything read, nothing begun.
pub struct Loaded {
    pub quorum: Quorum,
    pub log: MetadataLog,
    pub controller: Controller,
}

/// What loading needs to know.
pub struct Load<'a> {
    pub directory: &'a Arc<Directory>,
    pub settings: &'a Arc<Settings>,
    pub cluster_id: &'a str,
    /// The directory was left in good order. Otherwise the whole log is checked: it is in no checkpoint.
    pub clean: bool,
    pub now: Now,
}

/// Reads it all; returns what was found, and the event that starts the quorum.
///
/// # Errors
/// [`LoadFault`]: what cannot be read is never skipped (invariant 62).
pub fn load(load: &Load<'_>) -> Result<(Loaded, Event), LoadFault> {
    let log_dir = &load.directory.log_dir;
    let files = MetadataDir::open(log_dir.disk().clone(), log_dir.path())?;
    let mut quorum = Quorum::new(local_voter(load), static_voters(load.settings));
    let snapshots = files.snapshots()?;
    let find = |wanted: fn(SnapshotId) -> bool| snapshots.iter().copied().rev().find(|id| wanted(*id));
    let bootstrap = find(is_bootstrap).map(|id| read_snapshot(&files, id)).transpose()?;
    let newest = match find(|id| !is_bootstrap(id)) {
        Some(id) => Some((id, read_snapshot(&files, id)?)),
        None => None,
    };
    if let Some(content) = &bootstrap {
        load_control_records(&mut quorum, -1, &content.control)?;
    }
    if let Some((id, content)) = &newest {
        load_control_records(&mut quorum, id.end_offset - 1, &content.control)?;
    }
    let bootstrap = bootstrap.and_then(|content| BootstrapMetadata::from_records(content.records));
    let mut controller = Controller::new(ControllerOptions {
        cluster_id: load.cluster_id.to_owned(),
        settings: load.settings.clone(),
        bootstrap: bootstrap.unwrap_or_default(),
        kraft_version: quorum.kraft_version(),
    });
    let log = open_log(load)?;
    let mut from = log.ends().log_start;
    if let Some((id, content)) = newest {
        from = id.end_offset;
        let provenance = Provenance {
            last_contained_offset: id.end_offset - 1,
            last_contained_epoch: id.epoch,
            last_contained_log_time_ms: log_time_of(&content),
        };
        let records = content.records.into_iter().map(|versioned| versioned.record);
        controller
            .load_snapshot(provenance, records)
            .map_err(|fault| LoadFault::Replay { base_offset: from, fault })?;
    }
    replay(&log.view(), from, &mut quorum, &mut controller)?;
    controller.set_kraft_version(quorum.kraft_version());
    let epoch = log.latest_epoch().unwrap_or(0);
    let log_end = OffsetAndEpoch { offset: log.ends().assigned.offset, epoch };
    let start = Event::Start { election: quorum_state_file::read(&files)?, log_end };
    let log = MetadataLog::new(log, files, load.directory.clone());
    Ok((Loaded { quorum, log, controller }, start))
}

fn is_bootstrap(id: SnapshotId) -> bool {
    id.end_offset == 0 && id.epoch == 0
}

fn read_snapshot(files: &MetadataDir, id: SnapshotId) -> Result<SnapshotContent, LoadFault> {
    let bytes = files.read_snapshot(id)?;
    snapshot::read(&bytes).map_err(|fault| LoadFault::Snapshot { id, fault })
}

/// Append time of the last record that went into a snapshot, as its header says.
fn log_time_of(content: &SnapshotContent) -> i64 {
    let header = content.control.iter().find_map(|record| match record {
        ControlRecord::SnapshotHeader(header) => Some(header.last_contained_log_timestamp),
        _ => None,
    });
    header.unwrap_or(-1)
}

fn load_control_records(
    quorum: &mut Quorum,
    offset: i64,
    records: &[ControlRecord],
) -> Result<(), LoadFault> {
    for record in records {
        quorum.step(Event::Loaded { offset, record: record.clone() }).map_err(LoadFault::Quorum)?;
    }
    Ok(())
}

/// Opens the log, or makes it when the directory was only formatted.
fn open_log(load: &Load<'_>) -> Result<Log, LoadFault> {
    let log_dir = &load.directory.log_dir;
    let open = OpenLog {
        config: log_config(load.settings),
        clean: load.clean,
        recovery_point: 0,
        log_start: 0,
        now_ms: load.now.wall_ms,
        seed: 0,
        sync_recovered: true,
    };
    let existing = log_dir.partition_dirs()?.into_iter().find(|dir| {
        dir.topic_partition == metadata_partition() && dir.topic_id == Some(Uuid::METADATA_TOPIC_ID)
    });
    let (log, _recovery) = match existing {
        Some(dir) => log_dir.open_log(&dir, open)?,
        None => log_dir.create_log(metadata_partition(), Uuid::METADATA_TOPIC_ID, open)?,
    };
    Ok(log)
}

/// Applies everything the log holds from `from` on.
fn replay(
    view: &LogView,
    from: i64,
    quorum: &mut Quorum,
    controller: &mut Controller,
) -> Result<(), LoadFault> {
    let mut offset = from;
    while offset < view.written().offset {
        let read = view.read(offset, READ_BYTES, view.written(), true).map_err(read_fault)?;
        let Some(slice) = read.slice else { break };
        let mut bytes = vec![0; slice.len as usize];
        read_exact(&slice, &mut bytes)?;
        let mut rest = &bytes[..];
        while let Some((batch, len)) = next_batch(rest)? {
            rest = &rest[len..];
            offset = batch.last_offset + 1;
            replay_batch(batch, quorum, controller)?;
        }
    }
    Ok(())
}

fn read_exact(slice: &FileSlice, bytes: &mut [u8]) -> Result<(), LoadFault> {
    slice.file.read_exact_at(bytes, slice.position).map_err(|source| {
        let path = std::path::Path::new(METADATA_TOPIC);
        LoadFault::Log(DiskFault::new(DiskOp::Read, path, source).into())
    })
}

/// The next whole batch; `None` when the rest was cut by the size of the read.
fn next_batch(bytes: &[u8]) -> Result<Option<(MetadataBatch, usize)>, LoadFault> {
    match batch::decode(bytes) {
        Ok(found) => Ok(Some(found)),
        Err(MetadataBatchFault::Batch(klamm_records::BatchFault::Truncated { .. })) => Ok(None),
        Err(fault) => Err(LoadFault::Batch(fault)),
    }
}

fn replay_batch(
    batch: MetadataBatch,
    quorum: &mut Quorum,
    controller: &mut Controller,
) -> Result<(), LoadFault> {
    let MetadataBatch { stamp, last_offset, content } = batch;
    let records: Vec<MetadataRecord> = match content {
        Content::Data(records) => records.into_iter().map(|VersionedRecord { record, .. }| record).collect(),
        Content::Control(records) => {
            for (offset, record) in (stamp.base_offset..).zip(records) {
                quorum.step(Event::Loaded { offset, record }).map_err(LoadFault::Quorum)?;
            }
            Vec::new()
        }
    };
    let batch = LogBatch {
        base_offset: stamp.base_offset,
        last_offset,
        epoch: stamp.epoch,
        append_time_ms: stamp.append_time_ms,
        records: &records,
    };
    controller.replay(&batch).map_err(|fault| LoadFault::Replay { base_offset: stamp.base_offset, fault })
}

fn read_fault(error: ReadError) -> LoadFault {
    match error {
        ReadError::Fault(fault) => LoadFault::Log(fault),
        ReadError::OutOfRange { offset, log_start, log_end } => {
            panic!("replay at {offset} outside the log from {log_start} to {log_end}")
        }
        ReadError::Outdated => panic!("a segment of the metadata log went away while it was replayed"),
    }
}

fn log_config(settings: &Settings) -> LogConfig {
    LogConfig {
        segment_bytes: settings.metadata.segment_bytes.max(0) as u32,
        segment_ms: settings.metadata.segment_ms,
        // Segments go when a snapshot has made them superfluous, not by age or size.
        retention_ms: -1,
        retention_bytes: -1,
        ..LogConfig::default()
    }
}

fn local_voter(load: &Load<'_>) -> VoterNode {
    let listeners = load.settings.listeners.advertised_controller.iter();
    let endpoint = |host: &str, port| VoterEndpoint { host: host.to_owned(), port };
    VoterNode {
        key: ReplicaKey::new(load.settings.identity.node_id, load.directory.id),
        listeners: listeners.map(|e| (e.name.clone(), endpoint(&e.host, e.port))).collect(),
        supported_kraft_versions: (klamm_raft::KRAFT_VERSION_0, klamm_raft::KRAFT_VERSION_1),
    }
}

fn static_voters(settings: &Settings) -> VoterSet {
    let listener = settings.listeners.controller.first().map_or("", |endpoint| &endpoint.name);
    let voters = settings.quorum.voters.iter();
    VoterSet::from_static(
        listener,
        voters.map(|voter| (voter.id, VoterEndpoint { host: voter.host.clone(), port: voter.port })),
    )
}
