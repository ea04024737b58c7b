//! The APIs of groups through frames of every version, by members that speak it from their first word to their last.

use bytes::Bytes;
use klamm_base::{ErrorCode, Uuid};
use klamm_sim::client::Pending;
use klamm_sim::{Client, World};
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::offset_delete::{OffsetDeleteRequestPartition, OffsetDeleteRequestTopic};
use klamm_wire::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics};
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{
    ApiKey, HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
    OffsetFetchRequest, OffsetFetchResponse, SyncGroupRequest, SyncGroupResponse,
};

use crate::coordinators::words::Groups;
use crate::support::{create_topic, delete_topic};

/// From this version on a new member gets its id first.
const FIRST_WITH_REQUIRED_ID: i16 = 4;
/// From this version on the protocol is said again.
const FIRST_SYNC_WITH_PROTOCOL: i16 = 5;

/// A world in which everybody speaks versions of one age: that of JoinGroup, and of the others what was new then.
struct Age {
    groups: Groups,
    join: i16,
    topic_id: Uuid,
}

impl Age {
    fn new(join: i16) -> Age {
        let mut groups = Groups::ready(7, &[]);
        let topic_id = create_topic(&mut groups.world, &mut groups.client, "own", 2, &[]);
        Age { groups, join, topic_id }
    }

    fn world(&mut self) -> &mut World {
        &mut self.groups.world
    }

    /// The version of an API whose versions are these.
    fn version(&self, first: i16, last: i16) -> i16 {
        (self.join + last - 9).clamp(first, last)
    }

    fn ask_to_join(&mut self, client: &mut Client, member_id: &str) -> Pending {
        let metadata = Bytes::from_static(b"\0\0\0\0\0\x01\0\x03own\0\0\0\0");
        let request = JoinGroupRequest {
            group_id: "g".to_owned(),
            session_timeout_ms: 60_000,
            rebalance_timeout_ms: 60_000,
            member_id: member_id.to_owned(),
            protocol_type: "consumer".to_owned(),
            protocols: vec![JoinGroupRequestProtocol { name: "range".to_owned(), metadata }],
            ..JoinGroupRequest::default()
        };
        client.send(&mut self.groups.world, ApiKey::JoinGroup, self.join, &request)
    }

    /// A new member's join, past the answer that gives it an id.
    fn enter(&mut self, client: &mut Client) -> Pending {
        let first = self.ask_to_join(client, "");
        if self.join < FIRST_WITH_REQUIRED_ID {
            return first;
        }
        self.world().run();
        let answer: JoinGroupResponse = self.received(client, first);
        assert_eq!(answer.error_code, ErrorCode::MemberIdRequired.code());
        self.ask_to_join(client, &answer.member_id)
    }

    fn sync(&mut self, client: &mut Client, joined: &JoinGroupResponse, given: &[(&str, &str)]) -> Pending {
        let version = self.version(0, 5);
        let has_protocol = version >= FIRST_SYNC_WITH_PROTOCOL;
        let assignment = |(member_id, assignment): &(&str, &str)| SyncGroupRequestAssignment {
            member_id: (*member_id).to_owned(),
            assignment: Bytes::copy_from_slice(assignment.as_bytes()),
        };
        let request = SyncGroupRequest {
            group_id: "g".to_owned(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            protocol_type: has_protocol.then(|| "consumer".to_owned()),
            protocol_name: has_protocol.then(|| "range".to_owned()),
            assignments: given.iter().map(assignment).collect(),
            ..SyncGroupRequest::default()
        };
        client.send(&mut self.groups.world, ApiKey::SyncGroup, version, &request)
    }

    fn heartbeat(&mut self, client: &mut Client, joined: &JoinGroupResponse) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: "g".to_owned(),
            generation_id: joined.generation_id,
            member_id: joined.member_id.clone(),
            ..HeartbeatRequest::default()
        };
        let version = self.version(0, 4);
        let answer: HeartbeatResponse =
            client.call(&mut self.groups.world, ApiKey::Heartbeat, version, &request);
        ErrorCode::from_code(answer.error_code)
    }

    fn commit(&mut self, client: &mut Client, joined: &JoinGroupResponse, offset: i64) -> ErrorCode {
        let version = self.version(2, 10);
        let partition = OffsetCommitRequestPartition {
            partition_index: 1,
            committed_offset: offset,
            committed_leader_epoch: if version >= 6 { 3 } else { -1 },
            committed_metadata: Some("here".to_owned()),
        };
        let topic = OffsetCommitRequestTopic {
            name: "own".to_owned(),
            topic_id: self.topic_id,
            partitions: vec![partition],
        };
        let request = OffsetCommitRequest {
            group_id: "g".to_owned(),
            generation_id_or_member_epoch: joined.generation_id,
            member_id: joined.member_id.clone(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        let answer: OffsetCommitResponse =
            client.call(&mut self.groups.world, ApiKey::OffsetCommit, version, &request);
        ErrorCode::from_code(answer.topics[0].partitions[0].error_code)
    }

    /// The committed offset of partition 1.
    fn offset(&mut self, client: &mut Client) -> i64 {
        let version = self.version(1, 10);
        let (name, partition_indexes) = ("own".to_owned(), vec![1]);
        let request = if version >= 8 {
            let topic = OffsetFetchRequestTopics { name, topic_id: self.topic_id, partition_indexes };
            let group = OffsetFetchRequestGroup {
                group_id: "g".to_owned(),
                topics: Some(vec![topic]),
                ..OffsetFetchRequestGroup::default()
            };
            OffsetFetchRequest { groups: vec![group], require_stable: true, ..OffsetFetchRequest::default() }
        } else {
            let topic = OffsetFetchRequestTopic { name, partition_indexes };
            OffsetFetchRequest {
                group_id: "g".to_owned(),
                topics: Some(vec![topic]),
                ..OffsetFetchRequest::default()
            }
        };
        let answer: OffsetFetchResponse =
            client.call(&mut self.groups.world, ApiKey::OffsetFetch, version, &request);
        match version {
            8.. => {
                let partition = &answer.groups[0].topics[0].partitions[0];
                assert_eq!((answer.groups[0].error_code, partition.error_code), (0, 0));
                partition.committed_offset
            }
            _ => answer.topics[0].partitions[0].committed_offset,
        }
    }

    fn leave(&mut self, client: &mut Client, member_id: &str) -> ErrorCode {
        let version = self.version(0, 5);
        let request = LeaveGroupRequest {
            group_id: "g".to_owned(),
            member_id: if version < 3 { member_id.to_owned() } else { String::new() },
            members: match version {
                ..3 => Vec::new(),
                _ => vec![MemberIdentity { member_id: member_id.to_owned(), ..MemberIdentity::default() }],
            },
        };
        let answer: LeaveGroupResponse =
            client.call(&mut self.groups.world, ApiKey::LeaveGroup, version, &request);
        let member = answer.members.first().map_or(0, |member| member.error_code);
        ErrorCode::from_code(if answer.error_code == 0 { member } else { answer.error_code })
    }

    fn received<R: klamm_base::codec::Message>(&mut self, client: &Client, pending: Pending) -> R {
        let answer = client.receive(&mut self.groups.world, pending);
        answer.expect("answered by now").expect("an answer")
    }

    /// Two members share out what they have, until the generation is settled; the leader first.
    fn settle(
        &mut self,
        clients: [&mut Client; 2],
        joins: [Pending; 2],
    ) -> [(JoinGroupResponse, SyncGroupResponse); 2] {
        self.world().run();
        let [one, two] = clients;
        let first: JoinGroupResponse = self.received(one, joins[0]);
        let second: JoinGroupResponse = self.received(two, joins[1]);
        assert_eq!((first.error_code, second.error_code), (0, 0));
        assert_eq!((first.members.len(), second.members.len()), (2, 0));
        assert_eq!((&first.leader, &second.leader), (&first.member_id, &first.member_id));
        let waiting = self.sync(two, &second, &[]);
        let leading = self.sync(one, &first, &[(&first.member_id, "a"), (&second.member_id, "b")]);
        self.world().run();
        let leading: SyncGroupResponse = self.received(one, leading);
        let waiting: SyncGroupResponse = self.received(two, waiting);
        assert_eq!((leading.error_code, waiting.error_code), (0, 0));
        [(first, leading), (second, waiting)]
    }
}

/// Two members, a rebalance, a restart; then one goes, and the other after it.
fn lives_of_two(join: i16) {
    let mut age = Age::new(join);
    let mut one = Client::new(&age.groups.world).with_client_id("one");
    let mut two = Client::new(&age.groups.world).with_client_id("two");
    let alone = age.enter(&mut one);
    age.world().advance(1);
    let alone: JoinGroupResponse = age.received(&one, alone);
    let synced = age.sync(&mut one, &alone, &[(&alone.member_id, "all")]);
    age.world().run();
    assert_eq!(age.received::<SyncGroupResponse>(&one, synced).assignment, "all");
    assert_eq!(age.commit(&mut one, &alone, 5), ErrorCode::None);

    let second = age.enter(&mut two);
    age.world().run();
    assert_eq!(age.heartbeat(&mut one, &alone), ErrorCode::RebalanceInProgress);
    let first = age.ask_to_join(&mut one, &alone.member_id);
    let [(leader, led), (follower, followed)] = age.settle([&mut one, &mut two], [first, second]);
    assert_eq!(
        (leader.generation_id, &led.assignment[..], &followed.assignment[..]),
        (2, &b"a"[..], &b"b"[..])
    );
    assert_eq!(age.commit(&mut one, &alone, 6), ErrorCode::IllegalGeneration);
    assert_eq!(age.commit(&mut two, &follower, 7), ErrorCode::None);

    match join % 2 {
        0 => age.world().stop(),
        _ => age.world().kill(),
    }
    age.groups.start();
    (one, two) = (Client::new(&age.groups.world), Client::new(&age.groups.world));
    assert_eq!(age.offset(&mut one), 7);
    for (client, joined) in [(&mut one, &leader), (&mut two, &follower)] {
        assert_eq!(age.heartbeat(client, joined), ErrorCode::None);
    }
    let again = age.sync(&mut two, &follower, &[]);
    age.world().run();
    assert_eq!(age.received::<SyncGroupResponse>(&two, again).assignment, "b");
    let members = age.groups.describe("g").members;
    let mut clients: Vec<&str> = members.iter().map(|member| member.client_id.as_str()).collect();
    clients.sort_unstable();
    assert_eq!(clients, ["one", "two"], "what was said before the restart");

    assert_eq!(age.leave(&mut one, &leader.member_id), ErrorCode::None);
    assert_eq!(age.heartbeat(&mut two, &follower), ErrorCode::RebalanceInProgress);
    let last = age.ask_to_join(&mut two, &follower.member_id);
    age.world().run();
    let last: JoinGroupResponse = age.received(&two, last);
    assert_eq!((last.generation_id, last.members.len()), (3, 1));
    assert_eq!(age.leave(&mut two, &follower.member_id), ErrorCode::None);
    assert_eq!(age.leave(&mut two, &follower.member_id), ErrorCode::UnknownMemberId);
    assert_eq!(age.groups.describe("g").group_state, "Empty");
    assert_eq!(age.offset(&mut two), 7);
}

#[test]
fn two_members_live_in_every_version() {
    (0..=9).for_each(lives_of_two);
}

#[test]
fn topics_are_what_they_are_now() {
    let mut age = Age::new(9);
    let mut client = Client::new(&age.groups.world);
    let nobody = JoinGroupResponse { generation_id: -1, ..JoinGroupResponse::default() };
    assert_eq!(age.commit(&mut client, &nobody, 5), ErrorCode::None);
    assert_eq!(age.offset(&mut client), 5);
    let before = age.topic_id;
    delete_topic(&mut age.groups.world, &mut age.groups.client, "own");
    assert_eq!(age.commit(&mut client, &nobody, 6), ErrorCode::UnknownTopicId);
    age.topic_id = create_topic(&mut age.groups.world, &mut age.groups.client, "own", 2, &[]);
    assert_ne!(age.topic_id, before);
    assert_eq!(age.offset(&mut client), -1, "the offset of a topic that was");
    assert_eq!(age.commit(&mut client, &nobody, 1), ErrorCode::None);
    assert_eq!(age.offset(&mut client), 1);
}

#[test]
fn offsets_of_what_is_read_are_not_deleted() {
    let mut age = Age::new(9);
    let mut client = Client::new(&age.groups.world);
    let join = age.enter(&mut client);
    age.world().advance(1);
    let joined: JoinGroupResponse = age.received(&client, join);
    let synced = age.sync(&mut client, &joined, &[]);
    age.world().run();
    assert_eq!(age.received::<SyncGroupResponse>(&client, synced).error_code, 0);
    assert_eq!(age.commit(&mut client, &joined, 5), ErrorCode::None);
    let topic = |name: &str, indexes: &[i32]| OffsetDeleteRequestTopic {
        name: name.to_owned(),
        partitions: indexes
            .iter()
            .map(|&partition_index| OffsetDeleteRequestPartition { partition_index })
            .collect(),
    };
    let topics = vec![topic("own", &[1, 9]), topic("t", &[0]), topic("unknown", &[0])];
    let request = OffsetDeleteRequest { group_id: "g".to_owned(), topics };
    let answer: OffsetDeleteResponse = client.call(&mut age.groups.world, ApiKey::OffsetDelete, 0, &request);
    let told = answer.topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|p| (topic.name.as_str(), p.partition_index, p.error_code))
    });
    let mut told: Vec<(&str, i32, i16)> = told.collect();
    told.sort_unstable();
    let [subscribed, unknown] = [ErrorCode::GroupSubscribedToTopic, ErrorCode::UnknownTopicOrPartition];
    let expected = [
        ("own", 1, subscribed.code()),
        ("own", 9, unknown.code()),
        ("t", 0, 0),
        ("unknown", 0, unknown.code()),
    ];
    assert_eq!(told, expected);
    assert_eq!(age.leave(&mut client, &joined.member_id), ErrorCode::None);
    let _: OffsetDeleteResponse = client.call(&mut age.groups.world, ApiKey::OffsetDelete, 0, &request);
    assert_eq!(age.offset(&mut client), -1);
}
