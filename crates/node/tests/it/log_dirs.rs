//! DescribeLogDirs: what lies where, how large it is, and what is said of directories that are no good.

use klamm_sim::{Client, World};
use klamm_wire::describe_log_dirs::{DescribableLogDirTopic, DescribeLogDirsResult};
use klamm_wire::{ApiKey, DescribeLogDirsRequest, DescribeLogDirsResponse};

use crate::directories::{THREE, three};
use crate::failing_disks::fail;
use crate::support::{batch, create_topic, produce};

const KAFKA_STORAGE_ERROR: i16 = 56;

fn ask(
    world: &mut World,
    client: &mut Client,
    topics: Option<&[(&str, &[i32])]>,
) -> Vec<DescribeLogDirsResult> {
    let topic = |(topic, partitions): &(&str, &[i32])| DescribableLogDirTopic {
        topic: (*topic).to_owned(),
        partitions: partitions.to_vec(),
    };
    let topics = topics.map(|topics| topics.iter().map(topic).collect());
    let request = DescribeLogDirsRequest { topics };
    let answer: DescribeLogDirsResponse = client.call(world, ApiKey::DescribeLogDirs, 5, &request);
    assert_eq!(answer.error_code, 0);
    answer.results
}

/// Partitions of a directory with their sizes.
fn partitions(result: &DescribeLogDirsResult) -> Vec<(&str, i32, i64)> {
    let topics = result.topics.iter();
    topics
        .flat_map(|topic| {
            topic.partitions.iter().map(|p| (&*topic.name, p.partition_index, p.partition_size))
        })
        .collect()
}

/// Partitions 0 and 3 of `t` in `/data`, 1 in `/two`, 2 in `/three`; a batch in 1.
fn filled() -> (World, Client, i64) {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 4, &[]);
    let batch = batch(&["a", "b"]);
    let size = batch.len() as i64;
    let _: klamm_wire::ProduceResponse =
        client.call(&mut world, ApiKey::Produce, 12, &produce("t", &[(1, batch)]));
    (world, client, size)
}

#[test]
fn every_directory_with_what_lies_in_it() {
    let (mut world, mut client, size) = filled();
    let results = ask(&mut world, &mut client, None);
    let dirs: Vec<_> = results.iter().map(|result| (&*result.log_dir, result.error_code)).collect();
    assert_eq!(dirs, [("/data", 0), ("/two", 0), ("/three", 0)], "in the order of log.dirs");
    assert_eq!(partitions(&results[0]), [("t", 0, 0), ("t", 3, 0)]);
    assert_eq!(partitions(&results[1]), [("t", 1, size)]);
    assert_eq!(partitions(&results[2]), [("t", 2, 0)]);
    for result in &results {
        assert!(0 < result.usable_bytes && result.usable_bytes <= result.total_bytes, "{result:?}");
        assert!(!result.is_cordoned);
    }
}

#[test]
fn a_filter_names_partitions() {
    let (mut world, mut client, size) = filled();
    let asked: [(&str, &[i32]); 4] = [("t", &[1, 7]), ("unknown", &[0]), ("t", &[3, 1]), ("t", &[])];
    let results = ask(&mut world, &mut client, Some(&asked));
    let found: Vec<_> = results.iter().map(partitions).collect();
    assert_eq!(found, [vec![("t", 3, 0)], vec![("t", 1, size)], vec![]]);
    let results = ask(&mut world, &mut client, Some(&[]));
    assert!(results.iter().all(|result| result.topics.is_empty() && result.error_code == 0));
}

#[test]
fn a_failed_directory_says_so_and_nothing_else() {
    let (mut world, mut client, _) = filled();
    fail(&mut world, &mut client, "/two", "t", 1);
    for _ in 0..2 {
        let results = ask(&mut world, &mut client, None);
        let expected = DescribeLogDirsResult {
            error_code: KAFKA_STORAGE_ERROR,
            log_dir: "/two".to_owned(),
            ..DescribeLogDirsResult::default()
        };
        assert_eq!((expected.total_bytes, expected.usable_bytes), (-1, -1));
        assert_eq!(results[1], expected);
        assert_eq!((results[0].error_code, results[2].error_code), (0, 0));
        // A start finds it unusable, too.
        world.stop();
        world.start().expect("starts on the other two");
    }
}

#[test]
fn cordoned_directories() {
    let mut world = three(1);
    world.set_overrides(&[THREE, ("cordoned.log.dirs", "/data,/three")]);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    let results = ask(&mut world, &mut client, None);
    assert_eq!(results.iter().map(|result| result.is_cordoned).collect::<Vec<_>>(), [true, false, true]);
}
