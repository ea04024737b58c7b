//! What survives what.

use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};
use klamm_wire::{ApiKey, CreateTopicsRequest, CreateTopicsResponse};

use klamm_sim::{Client, World};

use crate::support::{Script, batch, fetch, produce, records};

/// A topic whose acknowledgements mean "on the disk".
fn synced(seed: u64) -> Script {
    let mut world = World::started(seed, &[]);
    let mut client = Client::new(&world);
    let sync = CreatableTopicConfig { name: "flush.messages".to_owned(), value: Some("1".to_owned()) };
    let topic = CreatableTopic {
        name: "t".to_owned(),
        num_partitions: 1,
        replication_factor: 1,
        configs: vec![sync],
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 1000, ..Default::default() };
    let response: CreateTopicsResponse = client.call(&mut world, ApiKey::CreateTopics, 7, &request);
    Script { topic_id: response.topics[0].topic_id, world, client }
}

#[test]
fn with_flush_messages_1_an_acknowledged_record_survives_a_power_cut() {
    for seed in 0..50 {
        let mut script = synced(seed);
        script.produce(&produce("t", &[(0, batch(&["a"]))]));
        script.produce(&produce("t", &[(0, batch(&["b"]))]));
        script.world.power_cut();
        script.world.start().expect("starts after a power cut");
        let answer = script.fetch(&fetch("t", &[(0, 0)]));
        let found = records(&answer.responses[0].partitions[0].records);
        assert_eq!(found, [(0, "a".into()), (1, "b".into())], "seed {seed}");
    }
}
