//! What survives what.

use klamm_sim::{Client, World};

use crate::support::{Script, batch, create_topic, fetch, produce, records};

/// A topic whose acknowledgements mean "on the disk".
fn synced(seed: u64) -> Script {
    let mut world = World::started(seed, &[]);
    let mut client = Client::new(&world);
    let topic_id = create_topic(&mut world, &mut client, "t", 1, &[("flush.messages", "1")]);
    Script { world, client, topic_id }
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
