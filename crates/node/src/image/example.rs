//! A small cluster in which not everything is well, for tests.
//!
//! | broker | listeners | state |
//! |---|---|---|
//! | 1 | PLAINTEXT, INTERNAL | alive, rack a, directory 1 |
//! | 2 | INTERNAL | alive, directory 2 |
//! | 3 | PLAINTEXT | fenced, directory 3 |
//! | 4 | – | not registered |
//!
//! | partition | replicas | ISR | leader |
//! |---|---|---|---|
//! | `well`-0 | 1 | 1 | 1 |
//! | `mixed`-0 | 1 2 3 | 1 2 3 | 1 |
//! | `mixed`-1 | 2 1 | 2 | 2, which is not on PLAINTEXT |
//! | `mixed`-2 | 3 | 3 | 3, which is fenced |
//! | `mixed`-3 | 4 1 | | 4, which is not there |
//! | `mixed`-4 | 3 | | nobody; 3 is eligible, 4 was the last |
//! | `mixed`-5 | 1 | 1 | 1, in a directory that it does not have |
//! | `__consumer_offsets`-0 | 1 | 1 | 1 |
//!
//! Controller 3000 listens on CONTROLLER.

use klamm_base::Uuid;
use klamm_metadata::records::{
    BrokerEndpoint, ControllerEndpoint, FeatureLevelRecord, PartitionRecord, RegisterBrokerRecord,
    RegisterControllerRecord, TopicRecord,
};
use klamm_metadata::{ImageHistory, LogBatch, MetadataRecord, MetadataVersion};

use super::ImageView;

pub const WELL: Uuid = Uuid([7; 16]);
pub const MIXED: Uuid = Uuid([8; 16]);
pub const OFFSETS: Uuid = Uuid([9; 16]);

/// The cluster at `metadata_version`.
pub fn cluster_at(metadata_version: MetadataVersion) -> ImageView {
    let mut records: Vec<MetadataRecord> = vec![
        FeatureLevelRecord { name: "metadata.version".to_owned(), feature_level: metadata_version.level() }
            .into(),
        broker(1, &[("PLAINTEXT", 9092), ("INTERNAL", 9093)], Some("a"), false),
        broker(2, &[("INTERNAL", 9193)], None, false),
        broker(3, &[("PLAINTEXT", 9292)], Some("c"), true),
        controller(3000),
    ];
    for (name, topic_id) in [("well", WELL), ("mixed", MIXED), ("__consumer_offsets", OFFSETS)] {
        records.push(TopicRecord { name: name.to_owned(), topic_id }.into());
    }
    records.extend([
        partition(WELL, 0, &[1], &[1], 1),
        partition(OFFSETS, 0, &[1], &[1], 1),
        partition(MIXED, 0, &[1, 2, 3], &[1, 2, 3], 1),
        partition(MIXED, 1, &[2, 1], &[2], 2),
        partition(MIXED, 2, &[3], &[3], 3),
        partition(MIXED, 3, &[4, 1], &[], 4),
    ]);
    records.extend(odd_partitions().map(MetadataRecord::from));
    let mut history = ImageHistory::default();
    let last_offset = records.len() as i64 - 1;
    let batch = LogBatch { base_offset: 0, last_offset, epoch: 1, append_time_ms: 0, records: &records };
    history.append(&batch).expect("the records go together");
    let published = history.commit(last_offset + 1).expect("something was committed");
    ImageView(published.image)
}

pub fn cluster() -> ImageView {
    cluster_at(MetadataVersion::LATEST)
}

fn odd_partitions() -> [PartitionRecord; 2] {
    let base = |partition_id| PartitionRecord {
        partition_id,
        topic_id: MIXED,
        leader_epoch: 10 + partition_id,
        partition_epoch: 0,
        ..PartitionRecord::default()
    };
    let leaderless = PartitionRecord {
        replicas: vec![3],
        directories: vec![directory(3)],
        leader: -1,
        eligible_leader_replicas: Some(vec![3]),
        last_known_elr: Some(vec![4]),
        ..base(4)
    };
    let elsewhere = PartitionRecord {
        replicas: vec![1],
        isr: vec![1],
        directories: vec![Uuid([0x77; 16])],
        leader: 1,
        ..base(5)
    };
    [leaderless, elsewhere]
}

fn partition(
    topic_id: Uuid,
    partition_id: i32,
    replicas: &[i32],
    isr: &[i32],
    leader: i32,
) -> MetadataRecord {
    let record = PartitionRecord {
        partition_id,
        topic_id,
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
        leader,
        leader_epoch: 10 + partition_id,
        partition_epoch: 0,
        directories: replicas.iter().map(|id| directory(*id)).collect(),
        ..PartitionRecord::default()
    };
    record.into()
}

fn directory(broker: i32) -> Uuid {
    Uuid([0x40 + broker as u8; 16])
}

fn broker(id: i32, listeners: &[(&str, u16)], rack: Option<&str>, fenced: bool) -> MetadataRecord {
    let endpoint = |&(name, port): &(&str, u16)| BrokerEndpoint {
        name: name.to_owned(),
        host: format!("host{id}"),
        port,
        security_protocol: 0,
    };
    let record = RegisterBrokerRecord {
        broker_id: id,
        end_points: listeners.iter().map(endpoint).collect(),
        rack: rack.map(str::to_owned),
        fenced,
        log_dirs: vec![directory(id)],
        ..RegisterBrokerRecord::default()
    };
    record.into()
}

fn controller(id: i32) -> MetadataRecord {
    let endpoint = ControllerEndpoint {
        name: "CONTROLLER".to_owned(),
        host: format!("host{id}"),
        port: 9094,
        security_protocol: 0,
    };
    RegisterControllerRecord { controller_id: id, end_points: vec![endpoint], ..Default::default() }.into()
}
