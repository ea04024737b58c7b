//! Any log at any metadata.version: what is kept, what a snapshot says of it, and which versions of
//! records there may be.

use klamm_base::Uuid;
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_metadata::image::MetadataImage;
use klamm_metadata::records::quota::EntityData;
use klamm_metadata::records::*;
use klamm_metadata::{
    Controller, Decision, MetadataRecord, MetadataVersion, RecordOptions, VersionedRecord, snapshot,
};
use klamm_wire::{BrokerHeartbeatRequest, CreateTopicsRequest, create_topics::CreatableTopic};
use proptest::prelude::*;

use crate::cluster::{Cluster, registration, replay};

/// A cluster formatted at `version` with a working broker.
fn working(version: MetadataVersion) -> Cluster {
    let format = Format { metadata_version: version, ..Format::latest(FormatQuorum::Static) };
    let bootstrap = format.check().expect("the defaults go together").bootstrap;
    let mut cluster = Cluster::formatted(&[], bootstrap);
    cluster.lead();
    cluster.start_broker(1);
    cluster
}

/// What is kept and not served: records that come from a JVM's log only.
fn kept(version: MetadataVersion) -> BoxedStrategy<MetadataRecord> {
    let config = (prop::sample::select(vec![2i8, 4, 16, 32, 64]), 0..3u8, 0..3u8, prop::option::of(0..9u8))
        .prop_map(|(resource_type, resource, name, value)| {
            let (resource_name, name) = (format!("r{resource}"), format!("name.{name}"));
            let value = value.map(|value| value.to_string());
            ConfigRecord { resource_type, resource_name, name, value }.into()
        });
    let quota = (0..3u8, 0..3u8, 0..3u8, any::<bool>()).prop_map(|(user, client, key, remove)| {
        let part = |kind: &str, name: u8| EntityData {
            entity_type: kind.to_owned(),
            entity_name: (name > 0).then(|| format!("n{name}")),
        };
        let entity = vec![part("user", user), part("client-id", client)];
        ClientQuotaRecord { entity, key: format!("key{key}"), value: f64::from(key) + 0.5, remove }.into()
    });
    let acl = (0..8u8, 0..4u8).prop_map(|(id, operation)| {
        AccessControlEntryRecord {
            id: Uuid([id; 16]),
            resource_type: 2,
            resource_name: format!("t{id}"),
            pattern_type: 3,
            principal: "User:a".to_owned(),
            host: "*".to_owned(),
            operation: operation as i8,
            permission_type: 3,
        }
        .into()
    });
    let mut kinds = vec![config.boxed(), quota.boxed(), acl.boxed(), Just(NoOpRecord {}.into()).boxed()];
    if version.is_scram_supported() {
        kinds.push(scram().boxed());
    }
    if version.is_delegation_token_supported() {
        kinds.push(token().boxed());
    }
    if version.is_controller_registration_supported() {
        kinds.push(controller().boxed());
    }
    prop::strategy::Union::new(kinds).boxed()
}

fn scram() -> impl Strategy<Value = MetadataRecord> {
    (1..3i8, 0..3u8, any::<bool>()).prop_map(|(mechanism, user, remove)| {
        let name = format!("user{user}");
        match remove {
            true => RemoveUserScramCredentialRecord { name, mechanism }.into(),
            false => {
                UserScramCredentialRecord { name, mechanism, iterations: 4096, ..Default::default() }.into()
            }
        }
    })
}

fn token() -> impl Strategy<Value = MetadataRecord> {
    (0..3u8, any::<bool>(), any::<i64>()).prop_map(|(id, remove, expiration_timestamp)| {
        let token_id = format!("token{id}");
        match remove {
            true => RemoveDelegationTokenRecord { token_id }.into(),
            false => {
                let renewers = vec!["User:a".to_owned()];
                DelegationTokenRecord { token_id, renewers, expiration_timestamp, ..Default::default() }
                    .into()
            }
        }
    })
}

fn controller() -> impl Strategy<Value = MetadataRecord> {
    (1..4i32, any::<u8>()).prop_map(|(controller_id, incarnation)| {
        let incarnation_id = Uuid([incarnation; 16]);
        RegisterControllerRecord { controller_id, incarnation_id, ..Default::default() }.into()
    })
}

/// Any level with a history of kept records.
fn history() -> impl Strategy<Value = (MetadataVersion, Vec<MetadataRecord>)> {
    let versions: Vec<_> = MetadataVersion::all().collect();
    prop::sample::select(versions)
        .prop_flat_map(|version| (Just(version), prop::collection::vec(kept(version), 0..60)))
}

/// What our own decisions lead to at `version`: topics, and a directory that fails.
fn live(cluster: &mut Cluster, num_partitions: i32) {
    let topic =
        CreatableTopic { name: "t".to_owned(), num_partitions, replication_factor: 1, ..Default::default() };
    let request = CreateTopicsRequest { topics: vec![topic], ..Default::default() };
    let all = klamm_metadata::TopicRights::ALL;
    let decision = cluster.controller.create_topics(&all, &request, &mut cluster.rng);
    cluster.apply(decision.expect("accepted"));
    let heartbeat = BrokerHeartbeatRequest {
        broker_id: 1,
        broker_epoch: cluster.image().cluster.broker(1).expect("registered").epoch,
        current_metadata_offset: i64::MAX,
        offline_log_dirs: registration(1, 1).log_dirs,
        cordoned_log_dirs: Some(vec![]),
        ..Default::default()
    };
    let decision = cluster.controller.heartbeat(&heartbeat, cluster.now).expect("accepted");
    cluster.apply(decision);
}

/// No record has a version that the level does not allow.
fn check_versions(records: &[VersionedRecord], options: RecordOptions) {
    for VersionedRecord { record, version } in records {
        let metadata_version = options.metadata_version;
        let partition = metadata_version.partition_record_version();
        let highest = match record {
            MetadataRecord::RegisterBroker(_) => metadata_version.register_broker_record_version(),
            MetadataRecord::Partition(_) | MetadataRecord::PartitionChange(_) => partition,
            MetadataRecord::BrokerRegistrationChange(_) => match metadata_version {
                version if version.is_cordoned_log_dirs_supported() => 3,
                version if version.is_directory_assignment_supported() => 2,
                _ => 1,
            },
            _ => 0,
        };
        assert!(*version <= highest, "{record:?} v{version} at {metadata_version}");
    }
}

fn restored(image: &MetadataImage, records: Vec<VersionedRecord>) -> Controller {
    let mut controller = Cluster::formatted(&[], crate::cluster::fresh_bootstrap()).controller;
    let records = records.into_iter().map(|record| record.record);
    controller.load_snapshot(image.provenance, records).expect("sound");
    controller
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_snapshot_loses_nothing_at_any_level((version, history) in history(), partitions in 1..4i32) {
        let mut cluster = working(version);
        for record in history {
            cluster.apply(Decision::atomic(vec![VersionedRecord::new(record, 0)], ()));
        }
        live(&mut cluster, partitions);
        let image = cluster.image().clone();
        prop_assert_eq!(image.features.metadata_version(), Some(version));
        for batch in &cluster.log {
            let (batch, _) = klamm_metadata::batch::decode(batch).expect("readable");
            check_versions(&batch.into_records(), image.record_options());
        }

        let records = snapshot::records_of(&image);
        check_versions(&records, image.record_options());
        let restored = restored(&image, records.clone());
        prop_assert_eq!(&**restored.images().latest(), &image);
        // And once more from the restored image: nothing drifts.
        prop_assert_eq!(snapshot::records_of(restored.images().latest()), records);

        let mut again = Cluster::formatted(&[], crate::cluster::fresh_bootstrap()).controller;
        cluster.log.iter().for_each(|batch| replay(&mut again, batch));
        prop_assert_eq!(&**again.images().latest(), &image);
    }
}
