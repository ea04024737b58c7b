//! The node in numbers: what was done, and what is, also when things go.

use klamm_node::Answer;
use klamm_sim::Client;
use klamm_wire::ApiKey;

use crate::directories::three;
use crate::failing_disks::fail;
use crate::support::{Script, batch, create_topic, fetch, produce};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;

#[test]
fn what_was_counted_of_a_topic_outlives_it() {
    let mut script = Script::with_topic("t", 2);
    let bytes = batch(&["a", "b"]);
    let size = bytes.len() as u64;
    script.produce(&produce("t", &[(0, bytes.clone()), (1, bytes)]));
    script.fetch(&fetch("t", &[(0, 0)]));
    let figures = script.world.node().figures(10);
    let topic = figures.topics.iter().find(|topic| &*topic.name == "t").expect("it is there");
    assert_eq!(
        (topic.counts.messages_in, topic.counts.bytes_in, topic.counts.bytes_out),
        (4, 2 * size, size)
    );
    assert_eq!((topic.counts.produce_requests, topic.counts.failed_produce_requests), (2, 0));
    let log = topic.partitions[1].log.expect("it is here");
    assert_eq!(
        (log.log_start, log.log_end, log.high_watermark, log.size_bytes, log.segments),
        (0, 2, 2, size, 1)
    );
    assert!(log.is_leader && !log.is_offline);
    assert_eq!(figures.cluster.active_brokers, 1);
    let before = figures.counts;
    script.delete_topic("t");
    let figures = script.world.node().figures(10);
    assert!(figures.topics.iter().all(|topic| &*topic.name != "t"));
    assert_eq!(figures.counts, before, "counters never go back");
}

#[test]
fn a_failed_directory_is_seen() {
    let mut world = three(1);
    world.start().expect("starts");
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 3, &[]);
    let fine = world.node().condition();
    assert!(!fine.is_fenced && !fine.has_failed && fine.offline_directories.is_empty(), "{fine:?}");
    fail(&mut world, &mut client, "/two", "t", 1);
    let condition = world.node().condition();
    assert_eq!(condition.offline_directories, [std::path::Path::new("/two")]);
    let figures = world.node().figures(10);
    let offline = figures.topics.iter().flat_map(|topic| &topic.partitions);
    assert_eq!(offline.filter(|partition| partition.log.is_some_and(|log| log.is_offline)).count(), 1);
}

#[test]
fn an_answer_names_the_errors_in_it() {
    let mut script = Script::with_topic("t", 1);
    let mut errors = |topic: &str, partitions: &[i32]| {
        let batches: Vec<_> = partitions.iter().map(|partition| (*partition, batch(&["a"]))).collect();
        let pending = script.client.send(&mut script.world, ApiKey::Produce, 12, &produce(topic, &batches));
        script.world.run();
        match script.client.outcome(&mut script.world, pending) {
            Some(Answer::Reply(reply)) => reply.errors,
            other => panic!("{other:?} instead of an answer"),
        }
    };
    assert_eq!(errors("t", &[0]), []);
    assert_eq!(errors("t", &[0, 1, 2]), [(UNKNOWN_TOPIC_OR_PARTITION, 2)]);
}
