//! Large groups and many of them: what is answered and kept grows with their number, not with its square.

use bytes::Bytes;
use klamm_base::rng::SeededRng;
use klamm_base::{Mono, Now};
use klamm_coordinator::group::contract::{Caller, GroupAnswer, GroupLimits, GroupStep};
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;
use klamm_wire::join_group::JoinGroupRequestProtocol;
use klamm_wire::sync_group::SyncGroupRequestAssignment;
use klamm_wire::{JoinGroupRequest, JoinGroupResponse, SyncGroupRequest};

const SESSION_MS: i64 = 1_000_000;

fn limits() -> GroupLimits {
    GroupLimits { initial_rebalance_delay_ms: 1, ..GroupLimits::default() }
}

struct Crowd {
    shard: GroupShard,
    rng: SeededRng,
    now: Now,
    next_request: u64,
}

impl Crowd {
    fn new() -> Crowd {
        let now = Now { mono: Mono(1), wall_ms: 1 };
        Crowd { shard: GroupShard::default(), rng: SeededRng::new(1), now, next_request: 0 }
    }

    fn request(&mut self) -> RequestId {
        self.next_request += 1;
        RequestId(self.next_request)
    }

    fn join(&mut self, group_id: &str, member_id: &str) -> GroupStep {
        let caller = Caller { client_id: "c".to_owned(), client_host: "/127.0.0.1".to_owned(), version: 3 };
        let protocol =
            JoinGroupRequestProtocol { name: "own".to_owned(), metadata: Bytes::from_static(b"what I want") };
        let join = JoinGroupRequest {
            group_id: group_id.to_owned(),
            session_timeout_ms: SESSION_MS as i32,
            rebalance_timeout_ms: SESSION_MS as i32,
            member_id: member_id.to_owned(),
            protocol_type: "own".to_owned(),
            protocols: vec![protocol],
            ..JoinGroupRequest::default()
        };
        let request = self.request();
        self.shard.join(request, &caller, &join, &limits(), &mut self.rng, self.now)
    }

    /// What is due by now.
    fn pass(&mut self, ms: i64) -> Vec<GroupStep> {
        self.now.mono = self.now.mono.plus_ms(ms);
        let mut steps = Vec::new();
        while let Some(step) = self.shard.advance(&limits(), self.now) {
            steps.push(step);
        }
        steps
    }

    /// Everybody asks for his part, the leader last; how much is answered in bytes of assignments.
    fn sync(&mut self, group_id: &str, joined: &[JoinGroupResponse]) -> usize {
        let mut sizes = 0;
        let leader = joined.iter().filter(|answer| answer.member_id == answer.leader);
        let others = joined.iter().filter(|answer| answer.member_id != answer.leader);
        for answer in others.chain(leader) {
            let assignment = |member_id: &str| SyncGroupRequestAssignment {
                member_id: member_id.to_owned(),
                assignment: Bytes::from_static(b"part"),
            };
            let sync = SyncGroupRequest {
                group_id: group_id.to_owned(),
                generation_id: answer.generation_id,
                member_id: answer.member_id.clone(),
                assignments: answer.members.iter().map(|member| assignment(&member.member_id)).collect(),
                ..SyncGroupRequest::default()
            };
            let request = self.request();
            let step = self.shard.sync(request, &sync, &limits(), self.now);
            for after in step.after {
                let stored = self.shard.after(after, Ok(()), &limits(), self.now);
                for (_, answer) in stored.answers {
                    let GroupAnswer::Sync(answer) = answer else { panic!("{answer:?} to a sync") };
                    sizes += answer.assignment.len();
                }
            }
        }
        sizes
    }
}

fn joins(steps: Vec<GroupStep>) -> Vec<JoinGroupResponse> {
    let answers = steps.into_iter().flat_map(|step| step.answers);
    let joins = answers.map(|(_, answer)| match answer {
        GroupAnswer::Join(answer) => answer,
        other => panic!("{other:?} to a join"),
    });
    joins.collect()
}

#[test]
fn only_the_leader_is_told_of_all() {
    const MEMBERS: usize = 2_000;
    let mut crowd = Crowd::new();
    for _ in 0..MEMBERS {
        assert!(crowd.join("g", "").answers.is_empty());
    }
    assert!(crowd.pass(1).iter().all(GroupStep::is_empty), "others may come");
    let mut joined = joins(crowd.pass(1));
    for generation in 1..4 {
        assert_eq!(joined.len(), MEMBERS);
        assert!(joined.iter().all(|answer| answer.generation_id == generation));
        assert_eq!(joined.iter().map(|answer| answer.members.len()).sum::<usize>(), MEMBERS);
        assert_eq!(crowd.sync("g", &joined), MEMBERS * b"part".len());
        // The leader begins the next generation, and everybody comes along.
        let members = std::mem::take(&mut joined);
        let leader = members[0].leader.clone();
        let again = members.iter().map(|answer| answer.member_id.as_str());
        let again = std::iter::once(leader.as_str()).chain(again.filter(|id| *id != leader));
        joined = again.flat_map(|id| joins(vec![crowd.join("g", id)])).collect();
    }
    crowd.shard.validate();
}

#[test]
fn nothing_is_due_in_groups_that_are_settled() {
    const GROUPS: usize = 10_000;
    let mut crowd = Crowd::new();
    for group in 0..GROUPS {
        crowd.join(&format!("g{group}"), "");
    }
    let joined = joins(crowd.pass(1));
    assert_eq!(joined.len(), GROUPS);
    assert!(joined.iter().all(|answer| (answer.generation_id, answer.members.len()) == (1, 1)));
    let begin = crowd.now.mono;
    assert_eq!(crowd.shard.next_due(), Some(begin.plus_ms(SESSION_MS)));
    assert!(crowd.pass(SESSION_MS - 1).is_empty());
    // Each session ends in one step, and the group of each is empty afterwards.
    let ended = crowd.pass(1);
    assert_eq!(ended.iter().map(|step| step.records.len()).sum::<usize>(), GROUPS);
    assert_eq!(crowd.shard.next_due(), None);
}
