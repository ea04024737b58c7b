//! Coordinators at their partitions: found, loaded, asked, lost.

mod crashes;
mod transactions;
pub mod words;

use std::collections::BTreeSet;
use std::path::PathBuf;

use klamm_base::ErrorCode;
use klamm_log::disk::sim::Faults;
use klamm_sim::{Client, World};
use klamm_wire::JoinGroupResponse;

use crate::directories::{THREE, three};
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
    groups.client = Client::new(&groups.world);
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

#[test]
fn without_enough_brokers_the_topic_is_not_made_and_the_log_says_why() {
    let world = World::started(1, &[("offsets.topic.replication.factor", "3")]);
    let client = Client::new(&world);
    world.node().take_news();
    let mut groups = Groups { world, client };
    for _ in 0..2 {
        assert_eq!(groups.find("g"), ErrorCode::CoordinatorNotAvailable.code());
    }
    let news: Vec<String> = groups.world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(
        news[0].starts_with("topic __consumer_offsets is not created: INVALID_REPLICATION_FACTOR"),
        "{news:?}"
    );
    let error = groups.offsets("g").error_code;
    assert_eq!(error, ErrorCode::NotCoordinator.code());
}

#[test]
fn what_does_not_fit_into_a_batch_is_refused_and_nothing_has_changed() {
    let mut groups = Groups::ready(1, &[("message.max.bytes", "300")]);
    let member = groups.enter("g");
    assert_eq!(groups.commit("g", &member, "t", 0, 5), 0);
    let group = "x".repeat(300);
    let refused = groups.commit(&group, &nobody(), "t", 0, 5);
    assert_eq!(refused, ErrorCode::UnknownServerError.code());
    assert_eq!(groups.offset(&group, "t", 0), None);
    assert_eq!(groups.describe(&group).group_state, "Dead");
    assert_eq!(groups.commit("g", &member, "t", 0, 6), 0);
}

#[test]
fn a_failing_disk_takes_its_coordinators_and_no_others() {
    let mut world = three(1);
    world.set_overrides(&[THREE, ("offsets.topic.num.partitions", "6")]);
    world.start().expect("starts");
    let mut groups = Groups::ready_on(world);
    let names: Vec<String> = (0..30).map(|number| format!("g{number}")).collect();
    for name in &names {
        groups.enter(name);
        assert_eq!(groups.commit(name, &nobody(), "t", 0, 5), ErrorCode::UnknownMemberId.code());
    }
    let others: Vec<String> = names.iter().map(|name| format!("{name}-alone")).collect();
    for name in &others {
        assert_eq!(groups.commit(name, &nobody(), "t", 0, 5), 0);
    }
    let joins: Vec<_> = names.iter().map(|name| groups.send_join(name, "")).collect();
    let failing = BTreeSet::from([PathBuf::from("/two")]);
    groups.world.disk.set_faults(Faults { failing, ..Faults::default() });
    let commits: Vec<_> = others.iter().map(|name| groups.send_commit(name, &nobody(), "t", 0, 6)).collect();
    groups.world.run();
    let told: Vec<Option<i16>> = commits.into_iter().map(|commit| groups.commit_error(commit)).collect();
    let not_here = ErrorCode::NotCoordinator.code();
    let kinds: BTreeSet<Option<i16>> = told.iter().copied().collect();
    assert_eq!(kinds, BTreeSet::from([Some(0), Some(not_here)]), "{told:?}");
    groups.world.advance(0);
    let mut gone = 0;
    for (name, join) in names.iter().zip(joins) {
        match groups.find(name) {
            0 => assert_eq!(groups.offsets(name).error_code, 0),
            error => {
                assert_eq!(error, ErrorCode::CoordinatorNotAvailable.code());
                assert_eq!(groups.received::<JoinGroupResponse>(join).error_code, not_here);
                assert_eq!(groups.offsets(name).error_code, not_here);
                gone += 1;
            }
        }
    }
    assert!(0 < gone && gone < names.len(), "{gone} of {} groups", names.len());
    groups.world.disk.set_faults(Faults::default());
    groups.world.kill();
    groups.start();
    for (name, told) in others.iter().zip(told) {
        let found = groups.offset(name, "t", 0);
        assert!(
            found == Some(6) || (found == Some(5) && told != Some(0)),
            "{name}: {found:?}, told {told:?}"
        );
    }
}

fn keyed(key: &[u8], value: &[u8]) -> bytes::Bytes {
    let mut builder = klamm_records::BatchBuilder::new(klamm_records::BatchOptions::default());
    builder.append(1, Some(key), Some(value), &[]).expect("a small record fits");
    builder.build(&mut klamm_records::Scratch::new())
}
