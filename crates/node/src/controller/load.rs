//! What the controller starts from: bootstrap snapshot, newest snapshot, log, quorum-state
//! (Kafka: `KafkaRaftClient.initialize`, `MetadataLoader`).

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{Now, Uuid};
use klamm_config::Settings;
use klamm_log::format::file_name::{FileKind, FileName};
use klamm_log::{
    DiskFault, DiskOp, FileSlice, Log, LogConfig, LogFault, LogView, MetadataDir, OpenLog, PartitionDir,
    ReadError, SnapshotId, Truncation, metadata_dir::read_bootstrap_checkpoint,
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
use super::snapshots::{Known, Snapshots};
use crate::fault::LoadFault;
use crate::partitions::Directory;

/// Bytes read at once while the log is replayed.
const READ_BYTES: u32 = 1 << 20;

/// Everything read, nothing begun.
pub struct Loaded {
    pub quorum: Quorum,
    pub log: MetadataLog,
    pub controller: Controller,
    pub snapshots: Snapshots,
    /// What recovery had to cut off the log.
    pub cut: Option<Truncation>,
}

/// What loading needs to know.
pub struct Load<'a> {
    pub directory: &'a Arc<Directory>,
    pub settings: &'a Arc<Settings>,
    pub cluster_id: &'a str,
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
    let ids = files.snapshots()?;
    let newest = ids.iter().copied().rfind(|id| !is_bootstrap(*id));
    let newest = newest.map(|id| Ok::<_, LoadFault>((id, read_snapshot(&files, id)?))).transpose()?;
    let bootstrap = ids.iter().copied().find(|id| is_bootstrap(*id));
    let bootstrap = bootstrap.map(|id| read_snapshot(&files, id)).transpose()?;
    if let Some(content) = &bootstrap {
        load_control_records(&mut quorum, -1, &content.control)?;
    }
    if let Some((id, content)) = &newest {
        load_control_records(&mut quorum, id.end_offset - 1, &content.control)?;
    }
    let mut controller = Controller::new(ControllerOptions {
        cluster_id: load.cluster_id.to_owned(),
        settings: load.settings.clone(),
        bootstrap: bootstrap_metadata(load, bootstrap)?,
        kraft_version: quorum.kraft_version(),
    });
    let (log, cut) = open_log(load, newest.as_ref().map_or(0, |(id, _)| id.end_offset))?;
    let known = known_snapshots(&files, &ids, &log)?;
    let mut from = log.ends().log_start;
    if let Some((id, content)) = newest {
        from = id.end_offset;
        load_snapshot(&mut controller, id, content)?;
    }
    let bytes = replay(&log.view(), from, &mut quorum, &mut controller)?;
    controller.set_kraft_version(quorum.kraft_version());
    let epoch = log.latest_epoch().unwrap_or(0);
    let log_end = OffsetAndEpoch { offset: log.ends().assigned.offset, epoch };
    let start = Event::Start { election: quorum_state_file::read(&files)?, log_end };
    let snapshots = Snapshots::new(&load.settings.metadata, known, bytes);
    let log = MetadataLog::new(log, files, load.directory.clone());
    Ok((Loaded { quorum, log, controller, snapshots, cut }, start))
}

/// The snapshots that go with the log; those below its start are leftovers of an interrupted cleaning and go.
fn known_snapshots(
    files: &MetadataDir,
    ids: &[SnapshotId],
    log: &Log,
) -> Result<BTreeMap<SnapshotId, Known>, LoadFault> {
    let log_start = log.ends().log_start;
    if log_start > ids.last().map_or(0, |id| id.end_offset) {
        return Err(LoadFault::NoSnapshot { log_start });
    }
    let mut known = BTreeMap::new();
    for &id in ids {
        if id.end_offset < log_start {
            files.delete_snapshot(id)?;
        } else {
            known.insert(id, Known { bytes: files.snapshot_len(id)?, log_time_ms: None });
        }
    }
    Ok(known)
}

/// What an empty log begins with: from the snapshot of release 4.4, else from the file of releases before.
fn bootstrap_metadata(
    load: &Load<'_>,
    snapshot: Option<SnapshotContent>,
) -> Result<BootstrapMetadata, LoadFault> {
    if let Some(metadata) = snapshot.and_then(|content| BootstrapMetadata::from_records(content.records)) {
        return Ok(metadata);
    }
    let log_dir = &load.directory.log_dir;
    let Some(bytes) = read_bootstrap_checkpoint(&**log_dir.disk(), log_dir.path())? else {
        return Ok(BootstrapMetadata::default());
    };
    let content = snapshot::read(&bytes).map_err(LoadFault::BootstrapCheckpoint)?;
    BootstrapMetadata::from_records(content.records).ok_or(LoadFault::NoMetadataVersion)
}

fn load_snapshot(
    controller: &mut Controller,
    id: SnapshotId,
    content: SnapshotContent,
) -> Result<(), LoadFault> {
    let provenance = Provenance {
        last_contained_offset: id.end_offset - 1,
        last_contained_epoch: id.epoch,
        last_contained_log_time_ms: log_time_of(&content),
    };
    let records = content.records.into_iter().map(|versioned| versioned.record);
    controller
        .load_snapshot(provenance, records)
        .map_err(|fault| LoadFault::Replay { base_offset: id.end_offset, fault })
}

fn is_bootstrap(id: SnapshotId) -> bool {
    id.end_offset == 0 && id.epoch == 0
}

fn read_snapshot(files: &MetadataDir, id: SnapshotId) -> Result<SnapshotContent, LoadFault> {
    let bytes = files.read_snapshot(id)?;
    snapshot::read(&bytes).map_err(|fault| LoadFault::Snapshot { id, fault })
}

/// Append time of the last record that went into a snapshot, as its header says.
pub fn log_time_of(content: &SnapshotContent) -> i64 {
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

/// Opens the log, or makes it when the directory was only formatted. A marker of a clean stop says nothing about it: it
/// goes on being written before the markers are looked at. What lies before the newest snapshot was synced before that
/// was made, and is not read any more; everything behind it is checked.
fn open_log(load: &Load<'_>, snapshot_end: i64) -> Result<(Log, Option<Truncation>), LoadFault> {
    let log_dir = &load.directory.log_dir;
    let open = OpenLog {
        config: log_config(load.settings),
        clean: false,
        recovery_point: snapshot_end,
        log_start: 0,
        now_ms: load.now.wall_ms,
        seed: 0,
        sync_recovered: true,
    };
    let found = log_dir.partition_dir(&metadata_partition())?;
    let existing = found.filter(|dir| dir.topic_id == Some(Uuid::METADATA_TOPIC_ID));
    let Some(dir) = existing else {
        let open = OpenLog { log_start: snapshot_end, ..open };
        let (log, _) = log_dir.create_log(metadata_partition(), Uuid::METADATA_TOPIC_ID, open)?;
        return Ok((log, None));
    };
    let promised = promised_end(load, &dir)?;
    // Up to the snapshot nothing is needed.
    let promised = if promised > snapshot_end { promised } else { 0 };
    let (log, recovery) = log_dir.open_promised_log(&dir, open.clone(), promised)?;
    if log.ends().assigned.offset >= snapshot_end {
        return Ok((log, recovery.truncated));
    }
    // The snapshot has more than the log: begin anew behind it, as Kafka does.
    let (log, _) = log_dir.open_log(&dir, OpenLog { log_start: snapshot_end, ..open })?;
    Ok((log, recovery.truncated))
}

/// Up to where the log is known to have been on the disk: a producer snapshot is written when everything before it has
/// been synced, at each roll and at a clean stop. What is missing below it was damaged, and is not what a power cut takes.
fn promised_end(load: &Load<'_>, dir: &PartitionDir) -> Result<i64, LoadFault> {
    let log_dir = &load.directory.log_dir;
    let path = log_dir.path().join(&dir.name);
    let entries = log_dir.disk().list(&path);
    let entries = entries.map_err(|source| LogFault::from(DiskFault::new(DiskOp::List, path, source)))?;
    let files = entries.iter().filter_map(|entry| FileName::parse(&entry.name));
    let snapshots = files.filter(|file| file.kind == FileKind::ProducerSnapshot && file.suffix.is_none());
    Ok(snapshots.map(|file| file.base_offset).max().unwrap_or(0))
}

/// Applies everything the log holds from `from` on; returns the bytes of it.
fn replay(
    view: &LogView,
    from: i64,
    quorum: &mut Quorum,
    controller: &mut Controller,
) -> Result<u64, LoadFault> {
    let mut offset = from;
    let mut replayed = 0;
    while offset < view.written().offset {
        let read = view.read(offset, READ_BYTES, view.written(), true).map_err(read_fault)?;
        let Some(slice) = read.slice else { break };
        let mut bytes = vec![0; slice.len as usize];
        read_exact(&slice, &mut bytes)?;
        let mut rest = &bytes[..];
        while let Some((batch, len)) = next_batch(rest)? {
            rest = &rest[len..];
            replayed += len as u64;
            offset = batch.last_offset + 1;
            replay_batch(batch, quorum, controller)?;
        }
    }
    Ok(replayed)
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
