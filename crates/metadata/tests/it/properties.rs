//! What holds for any log: it replays to the state that wrote it, a snapshot loses nothing, and the
//! rules about replicas are never broken.

use std::collections::BTreeSet;

use klamm_metadata::image::{ConfigResourceType, MetadataImage, Provenance};
use klamm_metadata::{Controller, TopicRights, snapshot};
use klamm_wire::assign_replicas_to_dirs::request::{DirectoryData, PartitionData, TopicData};
use klamm_wire::create_partitions::CreatePartitionsTopic;
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicConfig};
use klamm_wire::update_features::FeatureUpdateKey;
use klamm_wire::{
    AllocateProducerIdsRequest, AssignReplicasToDirsRequest, BrokerHeartbeatRequest,
    BrokerRegistrationRequest, CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    UnregisterBrokerRequest, UpdateFeaturesRequest,
};
use proptest::prelude::*;

use crate::cluster::{self, Cluster, registration, replay};

/// One thing that happens to the cluster.
#[derive(Clone, Debug)]
enum Step {
    Register {
        broker: i32,
        incarnation: u8,
        clean: bool,
    },
    Heartbeat {
        broker: i32,
        want_fence: bool,
        want_shut_down: bool,
        offline: bool,
    },
    CreateTopic {
        name: u8,
        partitions: i32,
        replicas: i16,
        with_config: bool,
    },
    DeleteTopic {
        name: u8,
    },
    ProducerIds {
        broker: i32,
    },
    Grow {
        name: u8,
        count: i32,
    },
    Unregister {
        broker: i32,
    },
    /// A broker has put partition 0 of a topic into its directory, or into one that nobody knows.
    Assign {
        broker: i32,
        name: u8,
        known: bool,
    },
    Feature {
        name: u8,
        level: i16,
        kind: i8,
    },
    Wait {
        ms: i64,
    },
    Lead,
    /// Appended, not committed.
    CommitLater,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..4i32, 0..3u8, any::<bool>())
            .prop_map(|(broker, incarnation, clean)| Step::Register { broker, incarnation, clean }),
        8 => (1..4i32, prop::bool::weighted(0.1), prop::bool::weighted(0.15), prop::bool::weighted(0.05)).prop_map(
            |(broker, want_fence, want_shut_down, offline)| Step::Heartbeat {
                broker,
                want_fence,
                want_shut_down,
                offline
            }
        ),
        5 => (0..6u8, 1..4i32, 1..4i16, any::<bool>()).prop_map(|(name, partitions, replicas, with_config)| {
            Step::CreateTopic { name, partitions, replicas, with_config }
        }),
        2 => (0..6u8).prop_map(|name| Step::DeleteTopic { name }),
        1 => (1..4i32).prop_map(|broker| Step::ProducerIds { broker }),
        2 => (0..6u8, 1..6i32).prop_map(|(name, count)| Step::Grow { name, count }),
        1 => (1..4i32).prop_map(|broker| Step::Unregister { broker }),
        2 => (1..4i32, 0..6u8, any::<bool>()).prop_map(|(broker, name, known)| Step::Assign { broker, name, known }),
        2 => (0..4u8, 0..4i16, 1..4i8).prop_map(|(name, level, kind)| Step::Feature { name, level, kind }),
        2 => (0..12_000i64).prop_map(|ms| Step::Wait { ms }),
        1 => Just(Step::Lead),
        2 => Just(Step::CommitLater),
    ]
}

/// Names with and without characters that collide.
fn topic_name(name: u8) -> String {
    ["a", "b", "c.d", "c_d", "e", "f"][name as usize].to_owned()
}

fn take(cluster: &mut Cluster, step: &Step, commit: bool) {
    let now = cluster.now;
    macro_rules! apply {
        ($decision:expr) => {
            match $decision {
                Ok(decision) if commit => drop(cluster.apply(decision)),
                Ok(decision) => cluster.append_only(&decision),
                Err(_) => {}
            }
        };
    }
    match *step {
        Step::Register { broker, incarnation, clean } => {
            let epoch = cluster.image().cluster.broker(broker).map_or(-1, |registered| registered.epoch);
            let previous_broker_epoch = if clean { epoch } else { -1 };
            let request = BrokerRegistrationRequest {
                previous_broker_epoch,
                ..registration(broker, 10 * broker as u8 + incarnation)
            };
            apply!(cluster.controller.register_broker(&request, now));
        }
        Step::Heartbeat { broker, want_fence, want_shut_down, offline } => {
            let request = heartbeat(cluster, broker, want_fence, want_shut_down, offline);
            apply!(cluster.controller.heartbeat(&request, now));
        }
        Step::CreateTopic { name, partitions, replicas, with_config } => {
            let request = create(name, partitions, replicas, with_config);
            apply!(cluster.controller.create_topics(&TopicRights::ALL, &request, &mut cluster.rng));
        }
        Step::DeleteTopic { name } => {
            let request = DeleteTopicsRequest { topic_names: vec![topic_name(name)], ..Default::default() };
            apply!(cluster.controller.delete_topics(&TopicRights::ALL, &request, 5, &mut cluster.rng));
        }
        Step::ProducerIds { broker } => {
            let broker_epoch =
                cluster.image().cluster.broker(broker).map_or(-1, |registered| registered.epoch);
            let request = AllocateProducerIdsRequest { broker_id: broker, broker_epoch };
            apply!(cluster.controller.allocate_producer_ids(&request));
        }
        Step::Grow { name, count } => {
            let topic =
                CreatePartitionsTopic { name: topic_name(name), count, ..CreatePartitionsTopic::default() };
            let request = CreatePartitionsRequest { topics: vec![topic], ..Default::default() };
            apply!(cluster.controller.create_partitions(&TopicRights::ALL, &request, &mut cluster.rng));
        }
        Step::Unregister { broker } => {
            let request = UnregisterBrokerRequest { broker_id: broker };
            apply!(cluster.controller.unregister_broker(&request));
        }
        Step::Assign { broker, name, known } => {
            if let Some(request) = assignment(cluster, broker, name, known) {
                apply!(cluster.controller.assign_replicas_to_dirs(&request));
            }
        }
        Step::Feature { name, level, kind } => {
            apply!(cluster.controller.update_features(&feature(name, level, kind)));
        }
        Step::Wait { ms } => {
            cluster.after_ms(ms);
            cluster.advance();
        }
        Step::Lead => {
            cluster.lead();
        }
        Step::CommitLater => {}
    }
}

fn heartbeat(
    cluster: &Cluster,
    broker_id: i32,
    want_fence: bool,
    want_shut_down: bool,
    offline: bool,
) -> BrokerHeartbeatRequest {
    let registered = cluster.image().cluster.broker(broker_id);
    BrokerHeartbeatRequest {
        broker_id,
        broker_epoch: registered.map_or(-1, |broker| broker.epoch),
        current_metadata_offset: cluster.controller.images().next_offset() - 1,
        want_fence,
        want_shut_down,
        offline_log_dirs: match registered {
            Some(broker) if offline => broker.directories.clone(),
            _ => vec![],
        },
        ..Default::default()
    }
}

fn create(name: u8, num_partitions: i32, replication_factor: i16, with_config: bool) -> CreateTopicsRequest {
    let min_isr =
        CreatableTopicConfig { name: "min.insync.replicas".to_owned(), value: Some("2".to_owned()) };
    let topic = CreatableTopic {
        name: topic_name(name),
        num_partitions,
        replication_factor,
        configs: if with_config { vec![min_isr] } else { vec![] },
        ..Default::default()
    };
    CreateTopicsRequest { topics: vec![topic], ..Default::default() }
}

/// `None` while there is no such broker or topic.
fn assignment(
    cluster: &Cluster,
    broker_id: i32,
    name: u8,
    known: bool,
) -> Option<AssignReplicasToDirsRequest> {
    let registered = cluster.image().cluster.broker(broker_id)?;
    let topic_id = cluster.image().topics.id(&topic_name(name))?;
    let id = if known { *registered.directories.first()? } else { klamm_metadata::directory_id::LOST };
    let topic = TopicData { topic_id, partitions: vec![PartitionData { partition_index: 0 }] };
    Some(AssignReplicasToDirsRequest {
        broker_id,
        broker_epoch: registered.epoch,
        directories: vec![DirectoryData { id, topics: vec![topic] }],
    })
}

fn feature(name: u8, level: i16, upgrade_type: i8) -> UpdateFeaturesRequest {
    let name = ["eligible.leader.replicas.version", "share.version", "metadata.version", "nobody.knows"]
        [name as usize];
    let level = if name == "metadata.version" { 33 - level } else { level };
    let update = FeatureUpdateKey {
        feature: name.to_owned(),
        max_version_level: level,
        upgrade_type,
        ..Default::default()
    };
    UpdateFeaturesRequest { feature_updates: vec![update], ..Default::default() }
}

/// Rules of any image: who is in sync is a replica that is not fenced, who is eligible is not in sync, a leader
/// is in sync, epochs are not negative.
fn check(image: &MetadataImage) {
    for topic in image.topics.iter() {
        assert_eq!(image.topics.id(&topic.name), Some(topic.id));
        for (id, partition) in topic.partitions() {
            let what = format!("{}-{id}: {partition:?}", topic.name);
            let set = |list: &[i32]| list.iter().copied().collect::<BTreeSet<i32>>();
            let (replicas, isr, elr) = (set(&partition.replicas), set(&partition.isr), set(&partition.elr));
            assert!(isr.is_subset(&replicas) && elr.is_subset(&replicas), "{what}");
            assert!(isr.is_disjoint(&elr), "{what}");
            assert!(partition.leader == -1 || isr.contains(&partition.leader), "{what}");
            let fenced = |broker: &i32| image.cluster.broker(*broker).is_none_or(|broker| broker.fenced);
            // Without ELR the last in sync stays in the ISR when it goes: nobody else may lead.
            let waits = partition.leader == -1 && isr.len() == 1;
            assert!(waits || !isr.iter().any(fenced), "{what}");
            assert_eq!(partition.directories.len(), partition.replicas.len(), "{what}");
            assert!(
                partition.leader_epoch >= 0 && partition.partition_epoch >= partition.leader_epoch,
                "{what}"
            );
        }
    }
    let without = |name: &str| image.topics.by_name(name).is_none();
    let orphan = image
        .configs
        .iter()
        .find(|(resource, _)| resource.resource_type == ConfigResourceType::Topic && without(&resource.name));
    assert!(orphan.is_none(), "{orphan:?}");
}

fn fresh_controller() -> Controller {
    Cluster::formatted(&[], cluster::fresh_bootstrap()).controller
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_log_replays_to_the_state_that_wrote_it(steps in prop::collection::vec(step(), 1..60)) {
        let mut cluster = Cluster::active(&[]);
        let mut commit = true;
        for step in &steps {
            if matches!(step, Step::CommitLater) {
                commit = !commit;
            }
            take(&mut cluster, step, commit);
            check(cluster.image());
        }
        let live = cluster.image().clone();

        let mut replayed = fresh_controller();
        for batch in &cluster.log {
            replay(&mut replayed, batch);
        }
        prop_assert_eq!(&**replayed.images().latest(), &live);
        replayed.commit(replayed.images().next_offset());
        prop_assert_eq!(&**replayed.images().stable(), &live);

        let records = snapshot::records_of(&live).into_iter().map(|record| record.record);
        let mut restored = fresh_controller();
        restored.load_snapshot(live.provenance, records).expect("sound");
        prop_assert_eq!(&**restored.images().latest(), &live);
        prop_assert_ne!(live.provenance, Provenance::EMPTY);
    }
}
