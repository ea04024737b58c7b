//! Coordinators at their partitions: found, loaded, asked, lost.

mod crashes;
mod words;

use klamm_base::ErrorCode;
use klamm_wire::JoinGroupResponse;

use crate::support::{create_topic, delete_topic, produce_to};
use words::{Groups, Member};

/// Who is in no group.
fn nobody() -> Member {
    Member::default()
}

#[test]
fn the_first_question_makes_the_topic() {
    let mut groups = Groups::ready(1, &[]);
    let member = groups.enter("g");
    assert_eq!((member.generation_id, groups.describe("g").group_state.as_str()), (1, "Stable"));
    assert_eq!(groups.commit("g", &member, "t", 0, 5), 0);
    assert_eq!(groups.offset("g", "t", 0), Some(5));
}

#[test]
fn while_a_log_is_read_clients_are_told_so() {
    let mut groups = Groups::ready(1, &[]);
    assert_eq!(groups.commit("g", &nobody(), "t", 0, 5), 0);
    groups.world.stop();
    groups.world.start().expect("starts");
    groups.client = klamm_sim::Client::new(&groups.world);
    let loading = ErrorCode::CoordinatorLoadInProgress.code();
    assert_eq!(groups.commit("g", &nobody(), "t", 0, 6), loading);
    assert_eq!(groups.offsets("g").error_code, loading);
    assert_eq!(groups.list().0, loading);
    groups.world.background();
    assert_eq!(groups.offset("g", "t", 0), Some(5));
}

#[test]
fn a_commit_is_answered_when_it_is_written_and_seen_no_sooner() {
    let mut groups = Groups::ready(1, &[]);
    groups.commit("g", &nobody(), "t", 0, 5);
    let pending = groups.send_commit("g", &nobody(), "t", 0, 6);
    assert_eq!(groups.commit_error(pending), None);
    assert!(groups.world.write());
    groups.world.run();
    assert_eq!(groups.commit_error(pending), Some(0));
    assert_eq!(groups.offset("g", "t", 0), Some(6));
}

#[test]
fn a_commit_that_takes_too_long_is_given_up() {
    let mut groups = Groups::ready(1, &[("offsets.commit.timeout.ms", "700")]);
    let pending = groups.send_commit("g", &nobody(), "t", 0, 6);
    assert_eq!(groups.commit_error(pending), None);
    let mut late = groups.world.now;
    late.mono = late.mono.plus_ms(701);
    groups.world.node().advance(late);
    let error = groups.world.answer(pending.task);
    assert!(error.is_none(), "nobody has polled it yet");
    groups.world.run();
    assert_eq!(groups.commit_error(pending), Some(ErrorCode::CoordinatorNotAvailable.code()));
}

#[test]
fn members_that_fall_silent_are_dropped_and_an_idle_node_sleeps() {
    let mut groups = Groups::ready(1, &[]);
    let member = groups.enter("g");
    groups.world.advance(9_000);
    assert_eq!(groups.commit("g", &member, "t", 0, 1), 0, "a commit is a sign of life");
    groups.world.advance(9_000);
    assert_eq!(groups.describe("g").group_state, "Stable");
    groups.world.advance(1_001);
    assert_eq!(groups.describe("g").group_state, "Empty");
    assert_eq!(groups.commit("g", &member, "t", 0, 2), ErrorCode::UnknownMemberId.code());
}

#[test]
fn a_restart_gives_members_a_new_session() {
    let mut groups = Groups::ready(1, &[]);
    let member = groups.enter("g");
    groups.world.advance(9_000);
    groups.world.kill();
    groups.start();
    groups.world.advance(9_000);
    assert_eq!(groups.commit("g", &member, "t", 0, 3), 0);
    groups.world.advance(10_001);
    assert_eq!(groups.describe("g").group_state, "Empty");
}

#[test]
fn offsets_go_with_their_topic_and_after_their_time() {
    let settings = [("offsets.retention.minutes", "1"), ("offsets.retention.check.interval.ms", "1000")];
    let mut groups = Groups::ready(1, &settings);
    let member = groups.enter("g");
    for topic in ["t", "u"] {
        assert_eq!(groups.commit("g", &member, topic, 0, 7), 0);
    }
    delete_topic(&mut groups.world, &mut groups.client, "u");
    groups.world.background();
    groups.world.run();
    create_topic(&mut groups.world, &mut groups.client, "u", 1, &[]);
    assert_eq!((groups.offset("g", "t", 0), groups.offset("g", "u", 0)), (Some(7), None));
    assert_eq!(groups.leave("g", &member), 0);
    groups.world.advance(61_000);
    groups.world.background();
    groups.world.run();
    assert_eq!(groups.list(), (0, vec![]));
}

#[test]
fn whoever_waits_hears_when_the_topic_goes() {
    let mut groups = Groups::ready(1, &[]);
    groups.enter("g");
    let join = groups.send_join("g", "");
    groups.world.run();
    delete_topic(&mut groups.world, &mut groups.client, "__consumer_offsets");
    groups.world.run();
    let refused: JoinGroupResponse = groups.received(join);
    assert_eq!(refused.error_code, ErrorCode::NotCoordinator.code());
    assert_eq!(groups.offsets("g").error_code, ErrorCode::NotCoordinator.code());
    // The next one who asks makes it anew.
    assert_eq!(groups.find("g"), ErrorCode::CoordinatorNotAvailable.code());
    assert_eq!(groups.find("g"), 0);
    groups.world.background();
    assert_eq!(groups.commit("g", &nobody(), "t", 0, 1), 0);
}

#[test]
fn what_others_wrote_into_the_topic_is_left_out() {
    let mut groups = Groups::ready(1, &[("offsets.topic.num.partitions", "1")]);
    assert_eq!(groups.commit("g", &nobody(), "t", 0, 5), 0);
    let mut admin = groups.client.clone().with_client_id("__admin_client");
    // A compacted topic takes only records with keys.
    let request = crate::support::produce("__consumer_offsets", &[(0, keyed(b"\x00\x01short", b"?"))]);
    let answer: klamm_wire::ProduceResponse =
        admin.call(&mut groups.world, klamm_wire::ApiKey::Produce, 12, &request);
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    assert_eq!(groups.commit("g", &nobody(), "t", 1, 6), 0);
    groups.world.kill();
    groups.start();
    assert_eq!((groups.offset("g", "t", 0), groups.offset("g", "t", 1)), (Some(5), Some(6)));
    let news: Vec<String> = groups.world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(news.iter().any(|line| line.contains("1 records of __consumer_offsets-0")), "{news:?}");
    assert_eq!(produce_to(&mut groups.world, &mut groups.client, "t", 0, &["a"]), 0);
}

fn keyed(key: &[u8], value: &[u8]) -> bytes::Bytes {
    let mut builder = klamm_records::BatchBuilder::new(klamm_records::BatchOptions::default());
    builder.append(1, Some(key), Some(value), &[]).expect("a small record fits");
    builder.build(&mut klamm_records::Scratch::new())
}
