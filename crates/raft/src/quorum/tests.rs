//! Conversations with the quorum of one: what is told, what is asked for.

use std::collections::BTreeMap;

use klamm_base::Uuid;

use super::*;
use crate::{KRAFT_VERSION_0, ReplicaKey, VoterEndpoint};

const DIRECTORY: Uuid = Uuid([7; 16]);

fn endpoint(port: u16) -> VoterEndpoint {
    VoterEndpoint { host: "localhost".to_owned(), port }
}

fn node(directory: Uuid, port: u16) -> VoterNode {
    VoterNode {
        key: ReplicaKey::new(1, directory),
        listeners: BTreeMap::from([("CONTROLLER".to_owned(), endpoint(port))]),
        supported_kraft_versions: (0, 1),
    }
}

fn static_quorum() -> Quorum {
    Quorum::new(node(DIRECTORY, 9093), VoterSet::from_static("CONTROLLER", [(1, endpoint(9093))]))
}

/// A quorum at kraft.version 1 whose voters were read at `offset`.
fn dynamic_quorum(local: VoterNode, voters: VoterSet, offset: i64) -> Quorum {
    let mut quorum = Quorum::new(local, VoterSet::default());
    let version = KRaftVersionRecord { version: 0, k_raft_version: KRAFT_VERSION_1 };
    for record in [ControlRecord::KRaftVersion(version), ControlRecord::KRaftVoters(voters.to_record())] {
        assert_eq!(quorum.step(Event::Loaded { offset, record }), Ok(vec![]));
    }
    quorum
}

fn start(election: Option<ElectionState>, offset: i64, epoch: i32) -> Event {
    Event::Start { election, log_end: OffsetAndEpoch { offset, epoch } }
}

fn election(epoch: i32, leader_id: Option<i32>, voted: Option<ReplicaKey>) -> ElectionState {
    ElectionState { epoch, leader_id, voted, voter_ids: vec![1] }
}

fn own_vote() -> Option<ReplicaKey> {
    Some(ReplicaKey::new(1, DIRECTORY))
}

fn leader_change() -> ControlRecord {
    let voter = leader_change_message::Voter { voter_id: 1, ..Default::default() };
    ControlRecord::LeaderChange(LeaderChangeMessage {
        version: 0,
        leader_id: 1,
        voters: vec![voter.clone()],
        granting_voters: vec![voter],
    })
}

/// What an election of `epoch` asks for at kraft.version 0.
fn elected(epoch: i32) -> Vec<Action> {
    vec![
        Action::PersistElection { election: election(epoch, None, own_vote()), version: 0 },
        Action::PersistElection { election: election(epoch, Some(1), None), version: 0 },
        Action::AppendControl { epoch, records: vec![leader_change()] },
    ]
}

#[test]
fn a_fresh_node_votes_leads_and_commits() {
    let mut quorum = static_quorum();
    assert_eq!(quorum.step(start(None, 0, 0)), Ok(elected(1)));
    assert_eq!(quorum.leader_id(), Some(1));
    assert_eq!(quorum.high_watermark(), None);

    assert_eq!(quorum.step(Event::Appended { end_offset: 1 }), Ok(vec![]));
    assert_eq!(
        quorum.step(Event::Durable { end_offset: 1 }),
        Ok(vec![Action::HighWatermark { offset: 1 }, Action::BecomeLeader { epoch: 1 }])
    );
    assert_eq!(quorum.step(Event::Appended { end_offset: 10 }), Ok(vec![]));
    assert_eq!(quorum.step(Event::Durable { end_offset: 7 }), Ok(vec![Action::HighWatermark { offset: 7 }]));
    assert_eq!(quorum.step(Event::Durable { end_offset: 7 }), Ok(vec![]));
    assert_eq!(
        quorum.step(Event::Durable { end_offset: 10 }),
        Ok(vec![Action::HighWatermark { offset: 10 }])
    );
    assert_eq!(quorum.high_watermark(), Some(10));

    assert_eq!(quorum.step(Event::Shutdown), Ok(vec![Action::Resign { epoch: 1 }]));
    assert_eq!(quorum.role(), Role::Resigned { epoch: 1 });
    assert_eq!(quorum.step(Event::Durable { end_offset: 10 }), Ok(vec![]));
    assert_eq!(quorum.step(Event::Shutdown), Ok(vec![]));
}

#[test]
fn who_led_an_epoch_never_leads_it_again() {
    let led = Some(election(4, Some(1), None));
    assert_eq!(static_quorum().step(start(led, 20, 4)), Ok(elected(5)));
}

#[test]
fn a_vote_for_oneself_is_kept() {
    // The crash came between the vote and the leadership: nothing was written in epoch 5.
    for voted in [own_vote(), Some(ReplicaKey { id: 1, directory_id: None })] {
        let voted = Some(election(5, None, voted));
        assert_eq!(static_quorum().step(start(voted, 20, 4)), Ok(elected(5)[1..].to_vec()));
    }
}

#[test]
fn a_vote_of_a_disk_that_is_gone_does_not_count() {
    let voted = Some(election(5, None, Some(ReplicaKey::new(1, Uuid([8; 16])))));
    assert_eq!(static_quorum().step(start(voted, 20, 4)), Ok(elected(6)));
}

#[test]
fn the_log_knows_more_than_a_lost_quorum_state() {
    for election in [None, Some(election(2, Some(1), None))] {
        assert_eq!(static_quorum().step(start(election, 20, 9)), Ok(elected(10)));
    }
}

#[test]
fn another_nodes_leadership_is_over_when_this_one_is_the_only_voter() {
    let other = Some(election(3, Some(2), None));
    assert_eq!(static_quorum().step(start(other, 20, 3)), Ok(elected(4)));
}

#[test]
fn entries_of_older_epochs_are_committed_with_the_first_of_the_own() {
    let mut quorum = static_quorum();
    quorum.step(start(Some(election(1, Some(1), None)), 20, 1)).expect("served");
    assert_eq!(quorum.step(Event::Durable { end_offset: 20 }), Ok(vec![]));
    quorum.step(Event::Appended { end_offset: 21 }).expect("served");
    assert_eq!(
        quorum.step(Event::Durable { end_offset: 21 }),
        Ok(vec![Action::HighWatermark { offset: 21 }, Action::BecomeLeader { epoch: 2 }])
    );
}

#[test]
fn the_first_leader_of_a_dynamic_quorum_writes_the_voters_into_the_log() {
    let voters = VoterSet::new([node(DIRECTORY, 9093)]);
    let mut quorum = dynamic_quorum(node(DIRECTORY, 9093), voters.clone(), -1);
    let actions = quorum.step(start(None, 0, 0)).expect("served");
    let version = KRaftVersionRecord { version: 0, k_raft_version: KRAFT_VERSION_1 };
    let records = vec![
        leader_change(),
        ControlRecord::KRaftVersion(version),
        ControlRecord::KRaftVoters(voters.to_record()),
    ];
    assert_eq!(actions[2], Action::AppendControl { epoch: 1, records });
    let Action::PersistElection { version, .. } = actions[0] else { panic!("{actions:?}") };
    assert_eq!(version, 1);
}

#[test]
fn voters_that_are_in_the_log_are_written_again_only_when_the_node_moved() {
    let voters = VoterSet::new([node(DIRECTORY, 9093)]);
    for (port, records) in [(9093, 1), (9999, 3)] {
        let mut quorum = dynamic_quorum(node(DIRECTORY, port), voters.clone(), 2);
        let actions = quorum.step(start(None, 30, 1)).expect("served");
        let Action::AppendControl { records: appended, .. } = &actions[2] else { panic!("{actions:?}") };
        assert_eq!(appended.len(), records, "port {port}");
        assert_eq!(quorum.voters(), &VoterSet::new([node(DIRECTORY, port)]));
    }
}

#[test]
fn a_quorum_with_others_or_without_anybody_is_refused() {
    let two = [(1, endpoint(9093)), (2, endpoint(9193))];
    for (voters, ids) in [(VoterSet::from_static("C", two), vec![1, 2]), (VoterSet::default(), vec![])] {
        let mut quorum = Quorum::new(node(DIRECTORY, 9093), voters);
        let fault = QuorumFault::NotTheOnlyVoter { voters: ids, local: 1 };
        assert_eq!(quorum.step(start(None, 0, 0)), Err(fault));
    }
}

#[test]
fn a_replaced_disk_is_not_the_voter_it_was() {
    let voters = VoterSet::new([node(Uuid([8; 16]), 9093)]);
    let mut quorum = dynamic_quorum(node(DIRECTORY, 9093), voters.clone(), 2);
    let fault = quorum.step(start(None, 30, 1)).expect_err("another disk voted");
    assert_eq!(fault, QuorumFault::UnknownDirectory { local: ReplicaKey::new(1, DIRECTORY), voters });
}

#[test]
fn a_newer_kraft_version_is_refused() {
    let mut quorum = static_quorum();
    let record = ControlRecord::KRaftVersion(KRaftVersionRecord { version: 0, k_raft_version: 2 });
    quorum.step(Event::Loaded { offset: 0, record }).expect("only the start refuses");
    assert_eq!(quorum.step(start(None, 1, 1)), Err(QuorumFault::UnsupportedKRaftVersion { version: 2 }));
}

#[test]
fn static_voters_step_back_when_the_log_has_its_own() {
    let mut quorum = static_quorum();
    assert_eq!(quorum.kraft_version(), KRAFT_VERSION_0);
    let voters = VoterSet::new([
        node(DIRECTORY, 9093),
        VoterNode { key: ReplicaKey::new(2, DIRECTORY), ..node(DIRECTORY, 1) },
    ]);
    let record = ControlRecord::KRaftVoters(voters.to_record());
    quorum.step(Event::Loaded { offset: 5, record }).expect("only the start refuses");
    assert_eq!(quorum.voters(), &voters);
    assert!(matches!(quorum.step(start(None, 6, 1)), Err(QuorumFault::NotTheOnlyVoter { .. })));
}

#[test]
#[should_panic(expected = "log end went back")]
fn the_assigned_end_never_goes_back() {
    let mut quorum = static_quorum();
    quorum.step(start(None, 5, 1)).expect("served");
    let _ = quorum.step(Event::Appended { end_offset: 4 });
}

#[test]
#[should_panic(expected = "beyond log end")]
fn nothing_is_durable_that_was_not_appended() {
    let mut quorum = static_quorum();
    quorum.step(start(None, 5, 1)).expect("served");
    let _ = quorum.step(Event::Durable { end_offset: 6 });
}

#[test]
fn a_raised_kraft_version_moves_the_voters_into_the_log() {
    let mut quorum = static_quorum();
    quorum.step(start(None, 0, 0)).expect("served");
    quorum.step(Event::Appended { end_offset: 1 }).expect("served");
    quorum.step(Event::Durable { end_offset: 1 }).expect("served");
    let actions = quorum.step(Event::RaiseKRaftVersion { version: 1 }).expect("served");
    let version = KRaftVersionRecord { version: 0, k_raft_version: 1 };
    let voters = VoterSet::new([node(DIRECTORY, 9093)]);
    let records = vec![ControlRecord::KRaftVersion(version), ControlRecord::KRaftVoters(voters.to_record())];
    assert_eq!(actions, [Action::AppendControl { epoch: 1, records }]);
    assert_eq!((quorum.kraft_version(), quorum.voters()), (1, &voters));
    // Version and voters lie at the offsets 1 and 2: a snapshot that ends before them has neither.
    let (version, before) = quorum.at_snapshot(1);
    assert_eq!((version, before.voters().next().and_then(|voter| voter.key.directory_id)), (0, None));
    assert_eq!(quorum.at_snapshot(3), (1, &voters));
}
