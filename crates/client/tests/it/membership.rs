//! A member's life, by what the coordinator answers.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use klamm_base::ErrorCode;
use klamm_client::consumer::{ConsumerOptions, OffsetReset};
use klamm_client::group::words::{Subscription as Words, encode_assignment};
use klamm_client::group::{Assignor, GroupConsumer, GroupOptions, Subscription};
use klamm_client::{Consumer, TopicPartition};
use klamm_wire::join_group::JoinGroupResponseMember;
use klamm_wire::offset_commit::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use klamm_wire::offset_fetch::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use klamm_wire::{
    ApiKey, FetchResponse, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, LeaveGroupRequest,
    LeaveGroupResponse, OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse,
    SyncGroupRequest, SyncGroupResponse,
};

use crate::broker::{Asked, Broker, Reply};

const GROUP_APIS: [ApiKey; 6] = [
    ApiKey::FindCoordinator,
    ApiKey::JoinGroup,
    ApiKey::SyncGroup,
    ApiKey::OffsetCommit,
    ApiKey::OffsetFetch,
    ApiKey::LeaveGroup,
];

/// Codes of the first answers of each kind; behind them everything goes well, in a group of one.
#[derive(Default)]
struct Coordinator {
    join: Vec<ErrorCode>,
    sync: Vec<ErrorCode>,
    heartbeat: Vec<ErrorCode>,
    generation_id: i32,
    /// What the leader's member gets, by generation; its own share when there is no more.
    shares: Vec<Vec<TopicPartition>>,
}

fn next(codes: &mut Vec<ErrorCode>) -> i16 {
    if codes.is_empty() { 0 } else { codes.remove(0).code() }
}

impl Coordinator {
    fn answer(&mut self, asked: &Asked) -> Option<Reply> {
        Some(match asked.api {
            ApiKey::JoinGroup => self.join(asked),
            ApiKey::SyncGroup => self.sync(asked),
            ApiKey::Heartbeat => {
                let error_code = next(&mut self.heartbeat);
                asked.answer(&HeartbeatResponse { error_code, ..HeartbeatResponse::default() })
            }
            ApiKey::LeaveGroup => asked.answer(&LeaveGroupResponse::default()),
            ApiKey::OffsetFetch => asked.answer(&offsets(&asked.read())),
            ApiKey::OffsetCommit => asked.answer(&committed(&asked.read())),
            ApiKey::Fetch => {
                std::thread::sleep(Duration::from_millis(5));
                asked.answer(&FetchResponse::default())
            }
            _ => return None,
        })
    }

    fn join(&mut self, asked: &Asked) -> Reply {
        let request: JoinGroupRequest = asked.read();
        let error_code = next(&mut self.join);
        let is_named = !request.member_id.is_empty();
        let member_id = if is_named { request.member_id } else { format!("m-{}", self.generation_id) };
        if error_code != 0 {
            let named =
                if error_code == ErrorCode::MemberIdRequired.code() { member_id } else { String::new() };
            return asked.answer(&JoinGroupResponse {
                error_code,
                member_id: named,
                ..JoinGroupResponse::default()
            });
        }
        self.generation_id += 1;
        let protocol = request.protocols.into_iter().next().expect("one at least");
        let member = JoinGroupResponseMember {
            member_id: member_id.clone(),
            metadata: protocol.metadata,
            ..JoinGroupResponseMember::default()
        };
        asked.answer(&JoinGroupResponse {
            generation_id: self.generation_id,
            protocol_type: Some("consumer".to_owned()),
            protocol_name: Some(protocol.name),
            leader: member_id.clone(),
            member_id,
            members: vec![member],
            ..JoinGroupResponse::default()
        })
    }

    fn sync(&mut self, asked: &Asked) -> Reply {
        let request: SyncGroupRequest = asked.read();
        let error_code = next(&mut self.sync);
        let own = request.assignments.into_iter().next().map(|own| own.assignment).unwrap_or_default();
        let told = if self.shares.is_empty() { own } else { encode_assignment(&self.shares.remove(0)) };
        let assignment = if error_code == 0 { told } else { Default::default() };
        asked.answer(&SyncGroupResponse { error_code, assignment, ..SyncGroupResponse::default() })
    }
}

/// Offset 10 for every partition that is asked for.
fn offsets(request: &OffsetFetchRequest) -> OffsetFetchResponse {
    let group = request.groups.first().expect("the batched form");
    let topics = group.topics.iter().flatten().map(|topic| OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partition_indexes
            .iter()
            .map(|index| OffsetFetchResponsePartitions {
                partition_index: *index,
                committed_offset: 10,
                ..OffsetFetchResponsePartitions::default()
            })
            .collect(),
    });
    let group = OffsetFetchResponseGroup {
        group_id: group.group_id.clone(),
        topics: topics.collect(),
        ..OffsetFetchResponseGroup::default()
    };
    OffsetFetchResponse { groups: vec![group], ..OffsetFetchResponse::default() }
}

fn committed(request: &OffsetCommitRequest) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .iter()
            .map(|at| OffsetCommitResponsePartition { partition_index: at.partition_index, error_code: 0 })
            .collect(),
    });
    OffsetCommitResponse { topics: topics.collect(), ..OffsetCommitResponse::default() }
}

async fn start(mut coordinator: Coordinator, options: GroupOptions) -> (Broker, GroupConsumer) {
    let broker = Broker::start(&[("t", 4)], move |asked| coordinator.answer(asked)).await;
    let reset = ConsumerOptions { offset_reset: OffsetReset::Fail, ..ConsumerOptions::default() };
    let topics = Subscription::Topics(BTreeSet::from(["t".to_owned()]));
    let member = GroupConsumer::new(Consumer::new(broker.cluster(), reset), options, topics);
    (broker, member)
}

fn options() -> GroupOptions {
    GroupOptions { heartbeat_interval: Duration::from_millis(30), ..GroupOptions::new("g") }
}

async fn poll_until(member: &mut GroupConsumer, is_so: impl Fn(&GroupConsumer) -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so(member) {
        assert!(Instant::now() < end, "generation {}", member.generation_id());
        member.poll(Duration::from_millis(10)).await.expect("a member");
    }
}

fn apis(broker: &Broker) -> Vec<ApiKey> {
    broker.asked(&GROUP_APIS).iter().map(|asked| asked.api).collect()
}

fn joins(broker: &Broker) -> Vec<JoinGroupRequest> {
    broker.asked(&[ApiKey::JoinGroup]).iter().map(Asked::read).collect()
}

#[tokio::test]
async fn a_member_takes_the_name_it_is_given_and_says_goodbye_with_it() {
    let script = Coordinator { join: vec![ErrorCode::MemberIdRequired], ..Coordinator::default() };
    let (broker, mut member) = start(script, options()).await;
    poll_until(&mut member, |member| member.assignment().len() == 4).await;
    let names: Vec<String> = joins(&broker).into_iter().map(|join| join.member_id).collect();
    assert_eq!(names, ["", "m-0"]);
    let protocols: Vec<String> = joins(&broker)[0].protocols.iter().map(|own| own.name.clone()).collect();
    assert_eq!(protocols, ["range", "cooperative-sticky"]);
    member.close().await.expect("an answer");
    let leaves = broker.asked(&[ApiKey::LeaveGroup]);
    assert_eq!(leaves[0].read::<LeaveGroupRequest>().members[0].member_id, "m-0");
}

#[tokio::test]
async fn a_coordinator_that_is_none_is_looked_for_again() {
    let script = Coordinator {
        join: vec![ErrorCode::NotCoordinator, ErrorCode::CoordinatorLoadInProgress],
        sync: vec![ErrorCode::CoordinatorNotAvailable, ErrorCode::RebalanceInProgress],
        ..Coordinator::default()
    };
    let (broker, mut member) = start(script, options()).await;
    poll_until(&mut member, |member| member.assignment().len() == 4).await;
    use ApiKey::{FindCoordinator as Find, JoinGroup as Join, OffsetFetch, SyncGroup as Sync};
    let story = [Find, Join, Find, Join, Find, Join, Sync, Find, Sync, Join, Sync, OffsetFetch];
    assert_eq!(apis(&broker), story);
}

#[tokio::test]
async fn an_eager_member_commits_gives_up_and_joins_as_itself_when_others_come() {
    let script = Coordinator {
        heartbeat: vec![ErrorCode::None, ErrorCode::RebalanceInProgress],
        ..Coordinator::default()
    };
    let (broker, mut member) = start(script, options()).await;
    poll_until(&mut member, |member| member.generation_id() == 2 && member.assignment().len() == 4).await;
    use ApiKey::{FindCoordinator as Find, JoinGroup as Join, OffsetFetch, SyncGroup as Sync};
    assert_eq!(
        apis(&broker),
        [Find, Join, Sync, OffsetFetch, Join, Sync, OffsetFetch],
        "nothing new to commit"
    );
    let joins = joins(&broker);
    assert_eq!((joins[1].member_id.as_str(), joins.len()), ("m-0", 2));
    let words = Words::decode(joins[1].protocols[0].metadata.clone()).expect("words");
    assert!(words.owned.is_empty(), "it has given up everything");
}

#[tokio::test]
async fn a_cooperative_member_keeps_what_it_may_and_joins_again_to_set_the_rest_free() {
    let all: Vec<TopicPartition> = (0..4).map(|index| TopicPartition::new("t", index)).collect();
    let script = Coordinator {
        heartbeat: vec![ErrorCode::None, ErrorCode::RebalanceInProgress],
        shares: vec![all.clone(), all[..2].to_vec(), all[..2].to_vec()],
        ..Coordinator::default()
    };
    let cooperative = GroupOptions { assignors: vec![Assignor::CooperativeSticky], ..options() };
    let (broker, mut member) = start(script, cooperative).await;
    poll_until(&mut member, |member| member.generation_id() == 3).await;
    assert_eq!(member.assignment().into_iter().collect::<Vec<_>>(), all[..2]);
    let joins = joins(&broker);
    let owned = |join: &JoinGroupRequest| {
        let words = Words::decode(join.protocols[0].metadata.clone()).expect("words");
        (words.owned.len(), words.generation_id)
    };
    assert_eq!(joins.iter().map(owned).collect::<Vec<_>>(), [(0, -1), (4, 1), (2, 2)]);
    assert_eq!(broker.asked(&[ApiKey::OffsetFetch]).len(), 1, "what stays goes on where it is");
}

#[tokio::test]
async fn a_member_that_is_thrown_out_comes_back_as_a_new_one_and_commits_nothing() {
    let script = Coordinator {
        heartbeat: vec![ErrorCode::UnknownMemberId],
        sync: vec![ErrorCode::None, ErrorCode::IllegalGeneration],
        ..Coordinator::default()
    };
    let (broker, mut member) = start(script, options()).await;
    poll_until(&mut member, |member| member.generation_id() == 3 && member.assignment().len() == 4).await;
    let names: Vec<String> = joins(&broker).into_iter().map(|join| join.member_id).collect();
    assert_eq!(names, ["", "", "m-1"], "another name; the same after a generation that was over");
    assert!(broker.asked(&[ApiKey::OffsetCommit]).is_empty());
}

#[tokio::test]
async fn what_is_for_good_is_said_with_every_poll() {
    let script = Coordinator { heartbeat: vec![ErrorCode::FencedInstanceId], ..Coordinator::default() };
    let (_broker, mut member) =
        start(script, GroupOptions { group_instance_id: Some("i".to_owned()), ..options() }).await;
    poll_until(&mut member, |member| member.assignment().len() == 4).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..2 {
        let fault = member.poll(Duration::from_millis(10)).await.expect_err("fenced");
        assert_eq!(fault.error_code(), Some(ErrorCode::FencedInstanceId));
    }
    let script = Coordinator { join: vec![ErrorCode::InconsistentGroupProtocol], ..Coordinator::default() };
    let (_broker, mut member) = start(script, options()).await;
    let fault = member.poll(Duration::from_secs(5)).await.expect_err("refused");
    assert_eq!(fault.error_code(), Some(ErrorCode::InconsistentGroupProtocol));
}

#[tokio::test]
async fn a_member_that_nobody_polls_leaves() {
    let stuck = GroupOptions { rebalance_timeout: Duration::from_millis(200), ..options() };
    let (broker, mut member) = start(Coordinator::default(), stuck).await;
    poll_until(&mut member, |member| member.assignment().len() == 4).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let leaves = broker.asked(&[ApiKey::LeaveGroup]);
    assert_eq!(leaves.len(), 1);
    // It comes back with the next poll, as somebody else.
    poll_until(&mut member, |member| member.generation_id() == 2).await;
    assert_eq!(joins(&broker)[1].member_id, "");
}
