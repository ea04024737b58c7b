//! Records that no coordinator writes: anybody with the right may have put them into the log.

use klamm_base::{Mono, Now};
use klamm_coordinator::group::contract::GroupLimits;
use klamm_coordinator::group::record::GroupRecord;
use klamm_coordinator::group::records::classic::{GroupMetadataKey, GroupMetadataValue, MemberMetadata};
use klamm_coordinator::group::shard::GroupShard;

fn member(member_id: &str, instance_id: Option<&str>) -> MemberMetadata {
    MemberMetadata {
        member_id: member_id.to_owned(),
        group_instance_id: instance_id.map(str::to_owned),
        session_timeout: 10_000,
        ..MemberMetadata::default()
    }
}

fn shard_with(leader: &str, members: Vec<MemberMetadata>) -> GroupShard {
    let value = GroupMetadataValue {
        protocol_type: "consumer".to_owned(),
        generation: 3,
        protocol: Some("range".to_owned()),
        leader: Some(leader.to_owned()),
        current_state_timestamp: -1,
        members,
    };
    let key = GroupMetadataKey { group: "g".to_owned() };
    let mut shard = GroupShard::default();
    shard.replay(0, None, GroupRecord::GroupMetadata(key, Some(value)), 0);
    shard.validate();
    let _ = shard.loaded(&GroupLimits::default(), Now { mono: Mono(1), wall_ms: 1 });
    shard.validate();
    shard
}

#[test]
fn of_members_with_the_same_name_the_first_is_believed() {
    let members = vec![member("a", Some("i")), member("b", Some("i")), member("a", None), member("c", None)];
    let shard = shard_with("a", members);
    let group = shard.classic("g").expect("it was written");
    assert_eq!(group.member_ids(), ["a", "c"]);
    assert_eq!(group.static_member("i"), Some("a"));
    assert_eq!(group.select_protocol().as_deref(), Some("range"));
}

#[test]
fn a_leader_is_a_member() {
    let shard = shard_with("x", vec![member("a", None), member("b", None)]);
    assert_eq!(shard.classic("g").and_then(|group| group.leader()), Some("a"));
    let shard = shard_with("b", vec![member("a", None), member("b", None)]);
    assert_eq!(shard.classic("g").and_then(|group| group.leader()), Some("b"));
    assert_eq!(shard_with("x", Vec::new()).classic("g").and_then(|group| group.leader()), None);
}

/// Any client can say that a rebalance takes no time; a static member stays in the group without coming back.
#[test]
fn a_rebalance_that_takes_no_time_is_not_tried_at_the_same_moment_again() {
    let stays = MemberMetadata { session_timeout: 60_000, rebalance_timeout: 0, ..member("a", Some("i")) };
    let goes = MemberMetadata { rebalance_timeout: 0, ..member("b", None) };
    let mut shard = shard_with("b", vec![stays, goes]);
    let limits = GroupLimits::default();
    let mut steps = 0;
    for second in 1..=120 {
        let now = Now { mono: Mono(1).plus_ms(second * 1_000), wall_ms: second * 1_000 };
        while shard.advance(&limits, now).is_some() {
            steps += 1;
            assert!(steps < 200, "at {second} s it is still {:?}", shard.next_due());
        }
        shard.validate();
    }
    assert!(shard.classic("g").is_some_and(|group| group.members().len() == 0), "both sessions are over");
}
