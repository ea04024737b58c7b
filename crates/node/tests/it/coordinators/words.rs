//! Words for scripts about groups.

use bytes::Bytes;
use klamm_base::ErrorCode;
use klamm_sim::client::Pending;
use klamm_sim::{Client, World};
use klamm_wire::describe_groups::DescribedGroup;
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::leave_group::MemberIdentity;
use klamm_wire::list_groups::ListedGroup;
use klamm_wire::offset_commit::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use klamm_wire::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponseGroup};
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{
    ApiKey, DeleteGroupsRequest, DeleteGroupsResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    FindCoordinatorRequest, FindCoordinatorResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, ListGroupsRequest, ListGroupsResponse, OffsetCommitRequest, OffsetCommitResponse,
    OffsetFetchRequest, OffsetFetchResponse, SyncGroupRequest, SyncGroupResponse,
};

/// The only protocol that members of these scripts know; not that of consumers, so that nobody reads their metadata.
const PROTOCOL: &str = "own";
const SESSION_MS: i32 = 10_000;

/// A member of a group, as far as its last rebalance told.
#[derive(Clone, Debug, Default)]
pub struct Member {
    pub member_id: String,
    pub generation_id: i32,
}

/// A world and one client that speaks for everybody in it.
pub struct Groups {
    pub world: World,
    pub client: Client,
}

impl Groups {
    /// A running node with `__consumer_offsets`, and topics `t` and `u` of three partitions each.
    pub fn ready(seed: u64, overrides: &[(&str, &str)]) -> Groups {
        Groups::ready_on(World::started(seed, overrides))
    }

    /// The same on a node that runs already.
    pub fn ready_on(mut world: World) -> Groups {
        let mut client = Client::new(&world);
        for topic in ["t", "u"] {
            crate::support::create_topic(&mut world, &mut client, topic, 3, &[]);
        }
        let mut groups = Groups { world, client };
        assert_eq!(groups.find("any"), ErrorCode::CoordinatorNotAvailable.code());
        assert_eq!(groups.find("any"), 0);
        groups.world.background();
        groups
    }

    /// A start after a stop, a kill or a power cut; the coordinators have read their logs afterwards.
    pub fn start(&mut self) {
        self.world.start().expect("starts");
        self.client = Client::new(&self.world);
        self.world.background();
    }

    pub fn find(&mut self, group: &str) -> i16 {
        let request = FindCoordinatorRequest { key: group.to_owned(), ..Default::default() };
        let response: FindCoordinatorResponse =
            self.client.call(&mut self.world, ApiKey::FindCoordinator, 3, &request);
        response.error_code
    }

    /// Sends a join in the form in which everybody may, without an id at first.
    pub fn send_join(&mut self, group: &str, member_id: &str) -> Pending {
        let metadata = Bytes::from_static(b"what I want");
        let request = JoinGroupRequest {
            group_id: group.to_owned(),
            session_timeout_ms: SESSION_MS,
            rebalance_timeout_ms: SESSION_MS,
            member_id: member_id.to_owned(),
            protocol_type: "test".to_owned(),
            protocols: vec![JoinGroupRequestProtocol { name: PROTOCOL.to_owned(), metadata }],
            ..JoinGroupRequest::default()
        };
        self.client.send(&mut self.world, ApiKey::JoinGroup, 3, &request)
    }

    /// Joins an empty group, or one that has nobody else, and shares everything out.
    pub fn enter(&mut self, group: &str) -> Member {
        let join = self.send_join(group, "");
        self.world.advance(1);
        let joined: JoinGroupResponse = self.received(join);
        assert_eq!(joined.error_code, 0, "{joined:?}");
        let member = Member { member_id: joined.member_id, generation_id: joined.generation_id };
        assert_eq!(self.sync(group, &member), 0);
        member
    }

    pub fn sync(&mut self, group: &str, member: &Member) -> i16 {
        let pending = self.send_sync(group, member);
        self.world.run();
        self.received::<SyncGroupResponse>(pending).error_code
    }

    pub fn send_sync(&mut self, group: &str, member: &Member) -> Pending {
        let request = SyncGroupRequest {
            group_id: group.to_owned(),
            generation_id: member.generation_id,
            member_id: member.member_id.clone(),
            assignments: vec![SyncGroupRequestAssignment {
                member_id: member.member_id.clone(),
                assignment: Bytes::from_static(b"all"),
            }],
            ..SyncGroupRequest::default()
        };
        self.client.send(&mut self.world, ApiKey::SyncGroup, 3, &request)
    }

    pub fn leave(&mut self, group: &str, member: &Member) -> i16 {
        let member = MemberIdentity { member_id: member.member_id.clone(), ..MemberIdentity::default() };
        let request = LeaveGroupRequest {
            group_id: group.to_owned(),
            members: vec![member],
            ..LeaveGroupRequest::default()
        };
        let response: LeaveGroupResponse = self.client.call(&mut self.world, ApiKey::LeaveGroup, 4, &request);
        response.error_code
    }

    /// Sends a commit of one offset of one partition.
    pub fn send_commit(
        &mut self,
        group: &str,
        member: &Member,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Pending {
        let committed = OffsetCommitRequestPartition {
            partition_index: partition,
            committed_offset: offset,
            committed_metadata: Some(format!("at {offset}")),
            ..OffsetCommitRequestPartition::default()
        };
        let topic = OffsetCommitRequestTopic {
            name: topic.to_owned(),
            partitions: vec![committed],
            ..OffsetCommitRequestTopic::default()
        };
        let is_member = !member.member_id.is_empty();
        let request = OffsetCommitRequest {
            group_id: group.to_owned(),
            generation_id_or_member_epoch: if is_member { member.generation_id } else { -1 },
            member_id: member.member_id.clone(),
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        self.client.send(&mut self.world, ApiKey::OffsetCommit, 8, &request)
    }

    pub fn commit(&mut self, group: &str, member: &Member, topic: &str, partition: i32, offset: i64) -> i16 {
        let pending = self.send_commit(group, member, topic, partition, offset);
        self.world.run();
        self.commit_error(pending).expect("answered")
    }

    /// What a commit was told, if anything yet.
    pub fn commit_error(&mut self, pending: Pending) -> Option<i16> {
        let answer = self.client.receive::<OffsetCommitResponse>(&mut self.world, pending)?;
        Some(answer.expect("an answer").topics[0].partitions[0].error_code)
    }

    /// Everything that a group has committed.
    pub fn offsets(&mut self, group: &str) -> OffsetFetchResponseGroup {
        let asked = OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            topics: None,
            ..OffsetFetchRequestGroup::default()
        };
        let request = OffsetFetchRequest { groups: vec![asked], ..OffsetFetchRequest::default() };
        let mut response: OffsetFetchResponse =
            self.client.call(&mut self.world, ApiKey::OffsetFetch, 8, &request);
        response.groups.remove(0)
    }

    /// Error and offset of one partition, as a reader sees it that does not want what may still change.
    pub fn stable_offset(&mut self, group: &str, topic: &str, partition: i32) -> (i16, i64) {
        let topics = vec![OffsetFetchRequestTopics {
            name: topic.to_owned(),
            partition_indexes: vec![partition],
            ..OffsetFetchRequestTopics::default()
        }];
        let asked = OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            topics: Some(topics),
            ..OffsetFetchRequestGroup::default()
        };
        let request =
            OffsetFetchRequest { groups: vec![asked], require_stable: true, ..OffsetFetchRequest::default() };
        let response: OffsetFetchResponse =
            self.client.call(&mut self.world, ApiKey::OffsetFetch, 8, &request);
        let found = &response.groups[0].topics[0].partitions[0];
        (found.error_code, found.committed_offset)
    }

    /// The committed offset of one partition; `None` when there is none.
    pub fn offset(&mut self, group: &str, topic: &str, partition: i32) -> Option<i64> {
        let offsets = self.offsets(group);
        assert_eq!(offsets.error_code, 0, "{offsets:?}");
        let topic = offsets.topics.into_iter().find(|found| found.name == topic)?;
        let found = topic.partitions.into_iter().find(|found| found.partition_index == partition)?;
        Some(found.committed_offset)
    }

    pub fn describe(&mut self, group: &str) -> DescribedGroup {
        let request = DescribeGroupsRequest { groups: vec![group.to_owned()], ..Default::default() };
        let mut response: DescribeGroupsResponse =
            self.client.call(&mut self.world, ApiKey::DescribeGroups, 5, &request);
        response.groups.remove(0)
    }

    pub fn list(&mut self) -> (i16, Vec<ListedGroup>) {
        let request = ListGroupsRequest::default();
        let mut response: ListGroupsResponse =
            self.client.call(&mut self.world, ApiKey::ListGroups, 5, &request);
        response.groups.sort_by(|a, b| a.group_id.cmp(&b.group_id));
        (response.error_code, response.groups)
    }

    pub fn delete(&mut self, group: &str) -> i16 {
        let request = DeleteGroupsRequest { groups_names: vec![group.to_owned()] };
        let response: DeleteGroupsResponse =
            self.client.call(&mut self.world, ApiKey::DeleteGroups, 2, &request);
        response.results[0].error_code
    }

    /// All that clients can see of all groups.
    pub fn dump(&mut self) -> Vec<(ListedGroup, DescribedGroup, OffsetFetchResponseGroup)> {
        let (error, groups) = self.list();
        assert_eq!(error, 0);
        let each = groups.into_iter().map(|listed| {
            let described = self.describe(&listed.group_id);
            let mut offsets = self.offsets(&listed.group_id);
            offsets.topics.sort_by(|a, b| a.name.cmp(&b.name));
            (listed, described, offsets)
        });
        each.collect()
    }

    /// The answer to a request that must have one by now.
    pub fn received<R: klamm_base::codec::Message>(&mut self, pending: Pending) -> R {
        let answer = self.client.receive(&mut self.world, pending);
        answer.expect("answered by now").expect("an answer")
    }
}
