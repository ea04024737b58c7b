//! `kafka-storage format`: makes log directories ready for their first start. Kafka: `Formatter`.
//!
//! Every directory gets a `meta.properties`; the metadata directory of a controller gets, before that,
//! the snapshot `__cluster_metadata-0/00000000000000000000-0000000000.checkpoint` with the first records
//! (KIP-1170). A directory without `meta.properties` is not formatted, whatever else it holds, so that a
//! format that broke off can be repeated.

use super::directories::{Directories, meta_properties_path, names};
use super::fault::{FlagFault, StorageFault};
use super::versions::release;
use super::{CONFIG, scram, voters};
use crate::World;
use crate::argparse::{Matches, Opt, Parser, Takes};
use klamm_base::Uuid;
use klamm_base::rng::{Rng, random_uuid};
use klamm_config::Settings;
use klamm_log::disk::Disk;
use klamm_log::fault::DiskOp;
use klamm_log::format::meta_properties::{self, MetaProperties};
use klamm_log::home::{replace_file, write_file};
use klamm_log::{DiskFault, SnapshotId};
use klamm_metadata::MetadataVersion;
use klamm_metadata::bootstrap::{BootstrapMetadata, Format, FormatQuorum, Formatted};
use klamm_metadata::record::{MetadataRecord, VersionedRecord};
use klamm_raft::{ReplicaKey, VoterEndpoint, VoterSet};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const PARSER: Parser = Parser {
    prog: "kafka-storage format",
    description: "",
    options: &[
        CONFIG,
        Opt::new("cluster-id", 't', Takes::Value, "The id of the cluster the node belongs to.").required(),
        Opt::new(
            "add-scram",
            'S',
            Takes::Values,
            "A SCRAM user to begin with, e.g. 'SCRAM-SHA-256=[name=alice,password=alice-secret]' or \
             'SCRAM-SHA-512=[name=alice,iterations=8192,salt=\"N3E=\",saltedpassword=\"YCE=\"]'.",
        ),
        Opt::new(
            "ignore-formatted",
            'g',
            Takes::Nothing,
            "Leave directories alone that are formatted already, instead of failing.",
        ),
        Opt::new(
            "release-version",
            'r',
            Takes::Value,
            "The release whose feature levels to begin with, from 3.3-IV3 on; by default the newest. Whatever \
             is chosen, a broker older than this tool must not be started on the directory.",
        ),
        Opt::new(
            "feature",
            'f',
            Takes::Values,
            "A feature and its level to begin with, e.g. group.version=1.",
        ),
        Opt::new(
            "standalone",
            's',
            Takes::Nothing,
            "This controller is the only voter of a quorum that may grow; controller.quorum.voters must not \
             be set.",
        )
        .exclusive(0),
        Opt::new(
            "no-initial-controllers",
            'N',
            Takes::Nothing,
            "This node will find the voters of its quorum later; controller.quorum.voters must not be set.",
        )
        .exclusive(0),
        Opt::new(
            "initial-controllers",
            'I',
            Takes::Value,
            "The first voters of the quorum as id@host:port:directory-id, comma-separated, the same on all \
             nodes; controller.quorum.voters must not be set.",
        )
        .exclusive(0),
    ],
    subcommands: &[],
};

/// What to format with.
pub struct Request<'a> {
    pub settings: &'a Settings,
    pub cluster_id: &'a str,
    pub format: Format,
    /// SCRAM users to begin with, as the values of `--add-scram`.
    pub users: &'a [String],
    pub ignore_formatted: bool,
}

/// The command: flags to a request.
pub(super) fn run(settings: &Settings, matches: &Matches, world: &mut World<'_>) -> Result<(), StorageFault> {
    let (metadata_version, feature_levels) = levels(matches)?;
    let quorum = quorum(settings, matches, world.rng)?;
    let request = Request {
        settings,
        cluster_id: matches.value("cluster-id").unwrap_or_default(),
        format: Format { metadata_version, feature_levels, quorum },
        users: matches.values("add-scram"),
        ignore_formatted: matches.is_given("ignore-formatted"),
    };
    format(&request, world)
}

fn levels(matches: &Matches) -> Result<(MetadataVersion, BTreeMap<String, i16>), StorageFault> {
    let mut chosen = matches.value("release-version").map(release).transpose()?;
    let mut levels = BTreeMap::new();
    for text in matches.values("feature") {
        let missing = || FlagFault::FeatureWithoutLevel { text: text.clone() };
        let (name, level) = text.split_once('=').ok_or_else(missing)?;
        let bad = || FlagFault::FeatureLevel { text: text.clone(), level: level.trim().to_string() };
        levels.insert(name.trim().to_string(), level.trim().parse::<i16>().map_err(|_| bad())?);
    }
    // Beside a release, a level of metadata.version stays among the features, which is refused there.
    if chosen.is_none()
        && let Some(level) = levels.remove(MetadataVersion::FEATURE_NAME)
    {
        let unknown = || FlagFault::UnknownMetadataLevel { level };
        chosen = Some(MetadataVersion::from_level(level).ok_or_else(unknown)?);
    }
    Ok((chosen.unwrap_or(MetadataVersion::LATEST), levels))
}

fn quorum(settings: &Settings, matches: &Matches, rng: &mut dyn Rng) -> Result<FormatQuorum, StorageFault> {
    let initial = matches.value("initial-controllers");
    let standalone = matches.is_given("standalone");
    if !settings.quorum.voters.is_empty() {
        return match initial.is_some() || standalone {
            true => Err(FlagFault::DynamicVotersBesideStatic.into()),
            false => Ok(FormatQuorum::Static),
        };
    }
    if standalone {
        return Ok(FormatQuorum::Dynamic(only_me(settings, random_uuid(rng))?));
    }
    if let Some(text) = initial {
        return Ok(FormatQuorum::Dynamic(voters::parse(text, listener(settings))?));
    }
    if settings.identity.is_controller && !matches.is_given("no-initial-controllers") {
        return Err(FlagFault::NoVoters.into());
    }
    Ok(FormatQuorum::Dynamic(VoterSet::default()))
}

/// Name of the listener the quorum speaks on.
fn listener(settings: &Settings) -> &str {
    settings.listeners.controller_names.first().map_or("", String::as_str)
}

pub(super) fn only_me(settings: &Settings, directory_id: Uuid) -> Result<VoterSet, FlagFault> {
    let Some(told) =
        settings.listeners.advertised_controller.first().filter(|_| settings.identity.is_controller)
    else {
        return Err(FlagFault::StandaloneOnBroker);
    };
    let host = if told.host.is_empty() { "localhost" } else { &told.host };
    let endpoint = VoterEndpoint { host: host.to_string(), port: told.port };
    let key = ReplicaKey::new(settings.identity.node_id, directory_id);
    Ok(VoterSet::new([voters::voter(key, listener(settings), endpoint)]))
}

/// Formats what is not formatted yet, telling on `world.out` what it does as the command does.
pub fn format(request: &Request<'_>, world: &mut World<'_>) -> Result<(), StorageFault> {
    let mut formatted = request.format.check()?;
    add_users(&mut formatted.bootstrap, request.users, world.rng)?;
    let settings = request.settings;
    let mut directories = Directories::load(world.disk.as_ref(), &names(settings));
    directories.check(request.cluster_id, settings.identity.node_id)?;
    if let Some(dir) = directories.formatted.keys().next().filter(|_| !request.ignore_formatted) {
        return Err(StorageFault::AlreadyFormatted { dir: dir.clone() });
    }
    for (dir, _) in &directories.broken {
        writeln!(world.out, "I/O error trying to read log directory {dir}. Ignoring...")?;
    }
    if directories.empty.is_empty() {
        if directories.formatted.is_empty() {
            return Err(StorageFault::NoDirectory);
        }
        writeln!(world.out, "All of the log directories are already formatted.")?;
        return Ok(());
    }
    writeln!(world.out, "Bootstrap metadata: {}", describe(&formatted.bootstrap))?;
    for dir in std::mem::take(&mut directories.empty) {
        let identity = identity_of(&dir, request, &formatted, &directories, world.rng);
        let (kind, version) = (kind_of(&dir, request, &formatted), formatted.bootstrap.metadata_version());
        writeln!(world.out, "Formatting {kind} {dir} with metadata.version {}.", version.name())?;
        write_directory(world, &dir, settings, &formatted, &identity)?;
        directories.formatted.insert(dir, identity);
    }
    Ok(())
}

fn add_users(
    bootstrap: &mut BootstrapMetadata,
    users: &[String],
    rng: &mut dyn Rng,
) -> Result<(), StorageFault> {
    if users.is_empty() {
        return Ok(());
    }
    if !bootstrap.metadata_version().is_scram_supported() {
        return Err(FlagFault::ScramUnsupported.into());
    }
    let mut records = bootstrap.records().to_vec();
    for text in users {
        records.push(VersionedRecord::new(scram::user(text, rng)?, 0));
    }
    *bootstrap = BootstrapMetadata::from_records(records).unwrap_or_else(|| bootstrap.clone());
    Ok(())
}

fn is_metadata_dir(dir: &str, settings: &Settings) -> bool {
    Path::new(dir) == settings.metadata.log_dir
}

/// A voter's metadata directory has the id by which the voters know it.
fn identity_of(
    dir: &str,
    request: &Request<'_>,
    formatted: &Formatted,
    others: &Directories,
    rng: &mut dyn Rng,
) -> MetaProperties {
    let node_id = request.settings.identity.node_id;
    let as_voter = formatted.voters.voters().find(|voter| voter.key.id == node_id);
    let voter_id = as_voter.and_then(|voter| voter.key.directory_id);
    let directory_id = voter_id.filter(|_| is_metadata_dir(dir, request.settings));
    MetaProperties {
        version: 1,
        cluster_id: Some(request.cluster_id.to_string()),
        node_id: Some(node_id),
        directory_id: Some(directory_id.unwrap_or_else(|| others.new_id(rng))),
    }
}

/// Kafka: `Formatter.DirectoryType`.
fn kind_of(dir: &str, request: &Request<'_>, formatted: &Formatted) -> &'static str {
    if !is_metadata_dir(dir, request.settings) {
        return "data directory";
    }
    let node_id = request.settings.identity.node_id;
    match formatted.voters.voter_ids().any(|id| id == node_id) {
        true => "dynamic metadata voter directory",
        false if formatted.voters.is_empty() => "metadata directory",
        false => "dynamic metadata directory",
    }
}

/// As Kafka prints the records.
fn describe(bootstrap: &BootstrapMetadata) -> String {
    let records: Vec<String> = bootstrap
        .records()
        .iter()
        .map(|versioned| {
            let record = match &versioned.record {
                MetadataRecord::FeatureLevel(record) => {
                    format!(
                        "FeatureLevelRecord(name='{}', featureLevel={})",
                        record.name, record.feature_level
                    )
                }
                // What a user is checked by is nobody's business; Kafka prints it.
                MetadataRecord::UserScramCredential(record) => format!(
                    "UserScramCredentialRecord(name='{}', mechanism={}, salt=(hidden), storedKey=(hidden), \
                     serverKey=(hidden), iterations={})",
                    record.name, record.mechanism, record.iterations
                ),
                other => format!("{other:?}"),
            };
            format!("ApiMessageAndVersion({record} at version {})", versioned.version)
        })
        .collect();
    let level = bootstrap.metadata_version().level();
    let records = records.join(", ");
    format!("BootstrapMetadata(records=[{records}], metadataVersionLevel={level}, source=format command)")
}

fn write_directory(
    world: &mut World<'_>,
    dir: &str,
    settings: &Settings,
    formatted: &Formatted,
    identity: &MetaProperties,
) -> Result<(), StorageFault> {
    let disk = world.disk.as_ref();
    create_dir(disk, Path::new(dir))?;
    if is_metadata_dir(dir, settings) && settings.identity.is_controller {
        let partition = Path::new(dir).join("__cluster_metadata-0");
        create_dir(disk, &partition)?;
        write_snapshot(disk, &partition, &formatted.snapshot(world.now_ms), world.rng.next_u64() >> 1)?;
    }
    let path = meta_properties_path(dir);
    Ok(replace_file(disk, &path, &meta_properties::encode(identity, world.now_ms))?)
}

fn create_dir(disk: &dyn Disk, dir: &Path) -> Result<(), DiskFault> {
    disk.create_dir(dir).map_err(|source| DiskFault::new(DiskOp::CreateDir, dir, source))
}

/// Under a partial name until it is whole, synced and read-only.
fn write_snapshot(disk: &dyn Disk, dir: &Path, bytes: &[u8], unique: u64) -> Result<(), DiskFault> {
    let id = SnapshotId { end_offset: 0, epoch: 0 };
    let (part, whole) = (dir.join(id.partial_name(unique)), dir.join(id.file_name()));
    write_file(disk, &part, bytes, true)?;
    disk.set_read_only(&part).map_err(|source| DiskFault::new(DiskOp::Create, &part, source))?;
    disk.rename(&part, &whole).map_err(|source| DiskFault::new(DiskOp::Rename, &whole, source))?;
    disk.sync_dir(dir).map_err(|source| DiskFault::new(DiskOp::SyncDir, dir, source))
}
