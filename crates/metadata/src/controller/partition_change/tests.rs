//! One partition, what happens to its brokers, and what becomes of it.

use super::*;
use crate::MetadataVersion;
use crate::directory_id;
use crate::record::MetadataRecord;

/// A partition and its surroundings; each test changes what it is about.
struct Scene {
    partition: PartitionRegistration,
    alive: Vec<i32>,
    target_isr: Vec<i32>,
    min_isr: usize,
    election: Election,
    unclean_shutdown: Option<i32>,
    level: i16,
    elr_enabled: bool,
}

/// Replicas 1, 2, 3, all in sync and alive, led by 1, two of them needed; ELR is on.
fn scene() -> Scene {
    Scene {
        partition: PartitionRegistration {
            replicas: vec![1, 2, 3],
            directories: vec![directory(1), directory(2), directory(3)],
            isr: vec![1, 2, 3],
            removing_replicas: vec![],
            adding_replicas: vec![],
            elr: vec![],
            last_known_elr: vec![],
            leader: 1,
            leader_recovery_state: LeaderRecoveryState::Recovered,
            leader_epoch: 4,
            partition_epoch: 8,
        },
        alive: vec![1, 2, 3],
        target_isr: vec![1, 2, 3],
        min_isr: 2,
        election: Election::Online,
        unclean_shutdown: None,
        level: MetadataVersion::LATEST.level(),
        elr_enabled: true,
    }
}

fn directory(id: u8) -> Uuid {
    Uuid([id; 16])
}

impl Scene {
    fn record(&self) -> Option<PartitionChangeRecord> {
        let metadata_version = MetadataVersion::from_level(self.level).expect("known");
        let built = PartitionChange {
            partition: &self.partition,
            topic_id: Uuid([9; 16]),
            partition_id: 0,
            options: RecordOptions { metadata_version, elr_enabled: self.elr_enabled },
            min_isr: self.min_isr,
            election: self.election,
            target_isr: self.target_isr.clone(),
            unclean_shutdown: self.unclean_shutdown,
            assigned: None,
            target: None,
            is_acceptable_leader: &|id| self.alive.contains(&id),
            default_directory: &|_| directory_id::UNASSIGNED,
        }
        .build();
        built.map(|versioned| match versioned.record {
            MetadataRecord::PartitionChange(record) => record,
            other => panic!("{other:?}"),
        })
    }

    /// The partition after the change.
    fn after(&self) -> PartitionRegistration {
        let record = self.record().expect("something changes");
        self.partition.merge(&record).expect("sound")
    }
}

#[test]
fn nothing_happens_to_a_healthy_partition() {
    assert_eq!(scene().record(), None);
}

#[test]
fn a_follower_that_leaves_costs_neither_leader_nor_epoch() {
    let scene = Scene { target_isr: vec![1, 2], alive: vec![1, 2], ..scene() };
    let after = scene.after();
    assert_eq!((after.isr, after.leader, after.leader_epoch, after.partition_epoch), (vec![1, 2], 1, 4, 9));
    assert_eq!(after.elr, [] as [i32; 0], "the minimum holds");
}

#[test]
fn before_3_6_a_shrinking_isr_bumps_the_leader_epoch() {
    let shrinks = Scene { target_isr: vec![1, 2], level: 11, elr_enabled: false, ..scene() };
    let record = shrinks.record().expect("it shrinks");
    assert_eq!((record.leader, record.isr), (1, Some(vec![1, 2])));
    assert_eq!(shrinks.after().leader_epoch, 5);

    let mut grows = Scene { target_isr: vec![1, 2, 3], level: 11, elr_enabled: false, ..scene() };
    grows.partition.isr = vec![1, 2];
    assert_eq!(grows.record().expect("it grows").leader, NO_LEADER_CHANGE);

    let newer = Scene { target_isr: vec![1, 2], level: 12, elr_enabled: false, ..scene() };
    assert_eq!(newer.record().expect("it shrinks").leader, NO_LEADER_CHANGE);
}

#[test]
fn the_next_in_sync_replica_leads() {
    let scene = Scene { target_isr: vec![2, 3], alive: vec![2, 3], ..scene() };
    let after = scene.after();
    assert_eq!((after.leader, after.isr, after.leader_epoch), (2, vec![2, 3], 5));
}

#[test]
fn who_leaves_below_the_minimum_stays_eligible() {
    let mut scene = Scene { target_isr: vec![1], alive: vec![1], ..scene() };
    scene.partition.isr = vec![1, 2];
    let after = scene.after();
    assert_eq!((after.isr.clone(), after.elr.clone(), after.leader), (vec![1], vec![2], 1));

    // The last one goes: nobody leads, both are eligible, the last leader is remembered.
    scene.partition = after;
    scene.alive = vec![];
    scene.target_isr = vec![];
    let after = scene.after();
    assert_eq!((after.isr.clone(), after.elr.clone(), after.leader), (vec![], vec![1, 2], -1));
    assert_eq!(after.last_known_elr, [1]);

    // An eligible replica comes back: it leads without loss, the other stays eligible.
    scene.partition = after;
    scene.alive = vec![2];
    let record = scene.record().expect("elected");
    assert_eq!(record.leader_recovery_state, LeaderRecoveryState::NO_CHANGE);
    let after = scene.after();
    assert_eq!((after.leader, after.isr.clone(), after.elr.clone()), (2, vec![2], vec![1]));
    assert_eq!(after.last_known_elr, [] as [i32; 0]);

    // The ISR reaches the minimum: eligibility has no meaning any more.
    scene.partition = after;
    scene.alive = vec![1, 2];
    scene.target_isr = vec![2, 1];
    assert_eq!(scene.after().elr, [] as [i32; 0]);
}

#[test]
fn a_broker_that_lost_records_is_not_eligible() {
    let mut scene = Scene { target_isr: vec![], alive: vec![], unclean_shutdown: Some(1), ..scene() };
    scene.partition.isr = vec![1];
    scene.partition.elr = vec![2];
    let after = scene.after();
    assert_eq!((after.isr, after.elr, after.last_known_elr), (vec![], vec![2], vec![1]));
}

#[test]
fn the_last_known_leader_is_elected_when_nobody_is_left() {
    let mut scene = Scene { target_isr: vec![], alive: vec![1, 3], ..scene() };
    scene.partition =
        PartitionRegistration { isr: vec![], leader: NO_LEADER, last_known_elr: vec![3], ..scene.partition };
    let after = scene.after();
    assert_eq!((after.leader, after.isr), (3, vec![3]));
    assert_eq!(after.leader_recovery_state, LeaderRecoveryState::Recovering);

    scene.alive = vec![1];
    assert_eq!(scene.record(), None, "only the last leader may");
}

#[test]
fn an_unclean_election_takes_the_first_that_lives() {
    let mut scene = Scene { target_isr: vec![], alive: vec![3], elr_enabled: false, ..scene() };
    scene.partition.isr = vec![1];
    scene.target_isr = vec![1];
    scene.alive = vec![3];
    assert_eq!(scene.after().leader, NO_LEADER);
    assert_eq!(scene.after().isr, [1], "without ELR the last ISR is kept");

    scene.election = Election::Unclean;
    let after = scene.after();
    assert_eq!((after.leader, after.isr, after.leader_epoch), (3, vec![3], 5));
    assert_eq!(after.leader_recovery_state, LeaderRecoveryState::Recovering);
}

#[test]
fn without_elr_the_isr_never_becomes_empty() {
    let mut scene = Scene { target_isr: vec![], alive: vec![], elr_enabled: false, ..scene() };
    scene.partition.isr = vec![1];
    let after = scene.after();
    assert_eq!((after.leader, after.isr, after.elr), (NO_LEADER, vec![1], vec![]));
}

#[test]
fn elr_that_was_switched_off_is_cleared() {
    let mut scene = Scene { elr_enabled: false, ..scene() };
    scene.partition.elr = vec![3];
    scene.partition.isr = vec![1, 2];
    scene.target_isr = vec![1, 2];
    assert_eq!(scene.after().elr, [] as [i32; 0]);
}

#[test]
fn a_completed_reassignment_takes_replicas_and_epoch_along() {
    let mut scene = scene();
    scene.partition.removing_replicas = vec![1];
    scene.target_isr = vec![1, 2, 3];
    let after = scene.after();
    assert_eq!((after.replicas, after.isr, after.removing_replicas), (vec![2, 3], vec![2, 3], vec![]));
    assert_eq!(after.directories, [directory(2), directory(3)]);
    assert_eq!((after.leader, after.leader_epoch), (2, 5));

    // The leader stays, but a replica went: the epoch moves all the same.
    let mut scene = self::scene();
    scene.partition.removing_replicas = vec![3];
    let after = scene.after();
    assert_eq!((after.leader, after.leader_epoch, after.replicas), (1, 5, vec![1, 2]));
}

#[test]
fn an_added_replica_waits_until_it_is_in_sync() {
    let mut scene = scene();
    scene.partition.isr = vec![1, 2];
    scene.partition.adding_replicas = vec![3];
    scene.target_isr = vec![1, 2];
    assert_eq!(scene.record(), None);
    scene.target_isr = vec![1, 2, 3];
    let record = scene.record().expect("in sync");
    assert_eq!(
        (record.adding_replicas, record.isr, record.replicas),
        (Some(vec![]), Some(vec![1, 2, 3]), None)
    );
}
