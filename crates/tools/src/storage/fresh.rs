//! Formatting in process, before a node's first start: for development, and as Kafka's image does it.

use super::directories::{Directories, names};
use super::fault::{FlagFault, StorageFault};
use super::format::{Request, format, only_me};
use crate::World;
use klamm_base::rng::random_uuid;
use klamm_config::Settings;
use klamm_metadata::bootstrap::{Format, FormatQuorum};

/// Formats the directories of `settings` for a new cluster of the newest release, with the voters of the
/// settings or this node alone, and gives the cluster's id; None if a directory is formatted already.
/// On `world.out` it says what [`format`] says.
pub fn format_fresh(settings: &Settings, world: &mut World<'_>) -> Result<Option<String>, StorageFault> {
    let directories = Directories::load(world.disk.as_ref(), &names(settings));
    if !directories.formatted.is_empty() || !directories.broken.is_empty() {
        return Ok(None);
    }
    let quorum = match settings.quorum.voters.is_empty() {
        true => FormatQuorum::Dynamic(only_me(settings, random_uuid(world.rng))?),
        false => FormatQuorum::Static,
    };
    let cluster_id = random_uuid(world.rng).to_string();
    let request = Request {
        settings,
        cluster_id: &cluster_id,
        format: Format::latest(quorum),
        users: &[],
        ignore_formatted: false,
    };
    format(&request, world)?;
    Ok(Some(cluster_id))
}

/// Formats the directories of `settings` for the cluster `cluster_id` and the newest release, unless one of them is
/// formatted already; that one must be of that cluster if `is_expected`. True if it did. Only static voters: a quorum
/// that may grow is begun by hand. Kafka: its image, before each start.
pub fn format_first_start(
    settings: &Settings,
    cluster_id: &str,
    is_expected: bool,
    world: &mut World<'_>,
) -> Result<bool, StorageFault> {
    let directories = Directories::load(world.disk.as_ref(), &names(settings));
    if !directories.formatted.is_empty() {
        if is_expected {
            directories.check(cluster_id, settings.identity.node_id)?;
        }
        return Ok(false);
    }
    if settings.quorum.voters.is_empty() {
        return Err(FlagFault::NoStaticVoters.into());
    }
    let request = Request {
        settings,
        cluster_id,
        format: Format::latest(FormatQuorum::Static),
        users: &[],
        ignore_formatted: false,
    };
    format(&request, world)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::directories::meta_properties_path;
    use crate::storage::directories::read_identity;
    use klamm_base::rng::SeededRng;
    use klamm_log::disk::real::RealDisk;

    #[test]
    fn a_fresh_folder_is_formatted_once_and_again_after_a_break() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path().join("data");
        let settings = Settings::dev(&dir, 9092, 9093, &[]).expect("valid settings");
        let disk = RealDisk::shared();
        let (out, err, rng) = (&mut std::io::sink(), &mut std::io::sink(), &mut SeededRng::new(1));
        let mut world = World::new(out, err, disk.clone(), rng, 0);
        let name = dir.display().to_string();
        let first = format_fresh(&settings, &mut world).expect("writable").expect("empty");
        let identity = read_identity(disk.as_ref(), &name).expect("readable").expect("formatted");
        assert_eq!(identity.cluster_id.as_ref(), Some(&first));
        assert_eq!(identity.node_id, Some(1));
        assert_eq!(format_fresh(&settings, &mut world).expect("readable"), None);
        // Without its last file the format is not done, whatever was written before.
        std::fs::remove_file(meta_properties_path(&name)).expect("there is one");
        let second = format_fresh(&settings, &mut world).expect("writable").expect("not done");
        assert_ne!(first, second);
        let partition = dir.join("__cluster_metadata-0");
        let files: Vec<_> =
            std::fs::read_dir(partition).expect("there").map(|f| f.expect("listed").file_name()).collect();
        assert_eq!(files, ["00000000000000000000-0000000000.checkpoint"]);
    }
}
