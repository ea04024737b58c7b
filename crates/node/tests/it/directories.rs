//! Several log directories: what lies where, what the metadata says about it, what does not belong there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use klamm_base::Uuid;
use klamm_log::disk::OpenMode;
use klamm_log::{Disk, LogDir, MetaProperties};
use klamm_node::StartFault;
use klamm_sim::{Client, World};

use crate::failing_disks::{fail, leaders};
use crate::lives::fault_of;
use crate::support::{create_topic, delete_topic, produce_to, read_all};

/// Settings of a node with its metadata in `/data` and partitions in all three.
pub const THREE: (&str, &str) = ("log.dirs", "/data,/two,/three");

/// A formatted disk with three directories.
pub fn three(seed: u64) -> World {
    let world = World::new(seed, &[THREE]);
    format(&world, "/two", Uuid([2; 16]));
    format(&world, "/three", Uuid([3; 16]));
    world
}

pub fn format(world: &World, dir: &str, id: Uuid) {
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    let properties = MetaProperties {
        version: 1,
        cluster_id: Some(world.cluster_id.clone()),
        node_id: Some(1),
        directory_id: (!id.is_zero()).then_some(id),
    };
    let dir = LogDir::open(disk.clone(), dir).expect("free");
    dir.write_meta_properties(&properties, 0).expect("written");
    disk.sync_dir(Path::new("/")).expect("synced");
}

/// Names of the folders in a log directory that hold files.
pub fn folders(world: &World, dir: &str) -> Vec<String> {
    let image = world.disk.image(Path::new(dir));
    let folder = |path: &PathBuf| {
        let inside = path.strip_prefix(dir).expect("an image holds what lies below");
        let mut parts = inside.components();
        let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
        parts.next().map(|_| first)
    };
    let mut folders: Vec<String> = image.keys().filter_map(folder).collect();
    folders.dedup();
    folders
}

fn places(world: &World) -> Vec<Vec<String>> {
    let live = |dir| {
        let all = folders(world, dir).into_iter();
        all.filter(|name| !name.starts_with("__cluster_metadata")).collect()
    };
    ["/data", "/two", "/three"].map(live).into()
}

#[test]
fn new_partitions_go_where_there_are_fewest_and_stay_there() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 4, &[]);
    create_topic(&mut world, &mut client, "u", 2, &[]);
    let expected = [vec!["t-0", "t-3"], vec!["t-1", "u-0"], vec!["t-2", "u-1"]];
    assert_eq!(places(&world), expected);
    for partition in 0..4 {
        assert_eq!(produce_to(&mut world, &mut client, "t", partition, &["a"]), 0);
    }
    world.stop();
    world.start().expect("starts");
    assert_eq!(places(&world), expected);
    world.kill();
    world.start().expect("starts after a kill");
    for partition in 0..4 {
        assert_eq!(read_all(&mut world, &mut client, "t", partition), (0, vec![(0, "a".to_owned())]));
    }
}

#[test]
fn the_metadata_learns_where_a_replica_lies() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 3, &[]);
    // Somebody moves a folder by hand while nothing runs.
    world.stop();
    copy_folder(&world, "/two/t-1", "/three/t-1");
    remove_folder(&world, "/two/t-1");
    world.start().expect("starts");
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
    // Only who knows that both lie there takes both leaders away when the directory fails.
    fail(&mut world, &mut client, "/three", "t", 2);
    assert_eq!(leaders(&mut world, &mut client, "t"), [1, -1, -1]);
}

/// Copies the files of a folder, durably.
fn copy_folder(world: &World, from: &str, to: &str) {
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    disk.create_dir(Path::new(to)).expect("made");
    for (path, bytes) in world.disk.image(Path::new(from)) {
        let path = Path::new(to).join(path.file_name().expect("a file has a name"));
        let file = disk.open(&path, OpenMode::CreateOrTruncate).expect("made");
        file.write_at(&bytes, 0).expect("written");
    }
    disk.sync_file_system(Path::new("/")).expect("synced");
}

fn remove_folder(world: &World, dir: &str) {
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    for path in world.disk.image(Path::new(dir)).keys() {
        disk.remove_file(path).expect("there");
    }
    disk.remove_dir(Path::new(dir)).expect("empty");
    disk.sync_file_system(Path::new("/")).expect("synced");
}

#[test]
fn a_partition_in_two_directories_is_for_the_operator_to_decide() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 3, &[]);
    world.stop();
    copy_folder(&world, "/two/t-1", "/three/t-1");
    let fault = fault_of(&world);
    assert!(matches!(&fault, StartFault::PartitionTwice { partition, .. } if partition.partition == 1));
    assert_eq!(fault.to_string(), "partition t-1 lies in /two and in /three");
}

#[test]
fn folders_of_topics_that_went_meanwhile_are_set_aside() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 3, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["a"]), 0);
    world.stop();
    // The second disk is away while the topic is deleted and made anew.
    world.set_overrides(&[("log.dirs", "/data,/three")]);
    world.start().expect("starts without the directory");
    delete_topic(&mut world, &mut client, "t");
    create_topic(&mut world, &mut client, "t", 2, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 1, &["b"]), 0);
    world.stop();
    world.set_overrides(&[THREE]);
    world.start().expect("starts with it again");
    assert_eq!(read_all(&mut world, &mut client, "t", 1), (0, vec![(0, "b".to_owned())]));
    let strays = folders(&world, "/two");
    assert_eq!(strays.len(), 1, "{strays:?}");
    assert!(strays[0].starts_with("t-1.") && strays[0].ends_with("-stray"), "{strays:?}");
    let news: Vec<String> = world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(news.iter().any(|line| line.starts_with("/two/t-1 is not known to the metadata")), "{news:?}");
    // A further start leaves it alone.
    world.stop();
    world.start().expect("starts");
    assert_eq!(folders(&world, "/two"), strays);
}

#[test]
fn a_folder_without_its_topic_id_is_set_aside() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &["a"]), 0);
    world.stop();
    let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
    disk.remove_file(Path::new("/data/t-0/partition.metadata")).expect("there");
    world.start().expect("starts");
    assert!(folders(&world, "/data").iter().any(|name| name.ends_with("-stray")));
}

#[test]
fn a_folder_whose_topic_id_has_rotted_stops_the_start_with_the_name_of_the_file() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &["a"]), 0);
    world.stop();
    let path = Path::new("/data/t-0/partition.metadata");
    let whole = world.disk.image(Path::new("/data"))[path].clone();
    world.disk.corrupt(path, |bytes| bytes[20] ^= 0x80);
    let fault = fault_of(&world);
    assert!(fault.to_string().contains("/data/t-0/partition.metadata"), "{fault}");
    world.disk.corrupt(path, |bytes| *bytes = whole);
    world.start().expect("starts");
    assert_eq!(read_all(&mut world, &mut client, "t", 0), (0, vec![(0, "a".to_owned())]));
}

#[test]
fn a_directory_without_an_id_is_given_one_and_keeps_it() {
    let mut world = World::new(1, &[("log.dirs", "/data,/two")]);
    format(&world, "/two", Uuid::ZERO);
    let id = |world: &World| {
        let image = world.disk.image(Path::new("/two"));
        let text = String::from_utf8_lossy(&image[Path::new("/two/meta.properties")]).into_owned();
        text.lines().find(|line| line.starts_with("directory.id=")).map(str::to_owned)
    };
    world.start().expect("starts");
    let given = id(&world);
    assert!(given.is_some());
    world.power_cut();
    world.start().expect("starts");
    assert_eq!(id(&world), given);
}

#[test]
fn what_does_not_go_together_is_refused_and_nothing_is_written() {
    let refused = |dirs: &str, prepare: fn(&World)| {
        let world = World::new(1, &[("log.dirs", dirs)]);
        prepare(&world);
        let before = world.disk.image(Path::new("/"));
        let fault = fault_of(&world);
        let mut after = world.disk.image(Path::new("/"));
        after.retain(|path, _| !path.ends_with(".lock") || before.contains_key(path));
        assert_eq!(after, before, "{fault}");
        fault
    };
    let fault = refused("/data,/absent", |_| {});
    assert!(matches!(fault, StartFault::Unformatted { .. }), "{fault}");
    let fault = refused("/data,/data/", |_| {});
    assert!(matches!(fault, StartFault::NamedTwice { .. }), "{fault}");
    let fault = refused("/data,/two", |world| {
        format(world, "/two", Uuid([2; 16]));
        let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
        disk.create_dir(Path::new("/two/__cluster_metadata-0")).expect("made");
    });
    assert!(matches!(fault, StartFault::MetadataElsewhere { .. }), "{fault}");
    let fault = refused("/data,/two,/three", |world| {
        format(world, "/two", Uuid([2; 16]));
        format(world, "/three", Uuid([2; 16]));
    });
    assert!(matches!(fault, StartFault::DuplicateDirectoryId { .. }), "{fault}");
}

#[test]
fn metadata_may_have_a_directory_of_its_own() {
    let mut world = World::new(1, &[("metadata.log.dir", "/data"), ("log.dirs", "/two")]);
    format(&world, "/two", Uuid([2; 16]));
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    world.stop();
    let has_marker = |dir: &str| {
        let marker = Path::new(dir).join(".kafka_cleanshutdown");
        world.disk.image(Path::new(dir)).contains_key(&marker)
    };
    assert!(has_marker("/two") && !has_marker("/data"));
    assert_eq!(folders(&world, "/two"), ["t-0"]);
}

#[test]
fn a_cordoned_directory_gets_no_new_partitions() {
    let mut world = three(1);
    world.set_overrides(&[THREE, ("cordoned.log.dirs", "/data,/three")]);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 2, &[]);
    assert_eq!(places(&world), [vec![], vec!["t-0", "t-1"], vec![]] as [Vec<&str>; 3]);
}
