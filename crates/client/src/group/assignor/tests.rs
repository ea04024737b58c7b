//! Shares written down, and any groups through generations.

use klamm_base::rng::{Rng, SeededRng};

use super::*;

fn member(id: &str, instance: Option<&str>, topics: &[&str]) -> Member {
    Member {
        member_id: id.to_owned(),
        group_instance_id: instance.map(str::to_owned),
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        ..Member::default()
    }
}

fn counts(counts: &[(&str, i32)]) -> BTreeMap<String, i32> {
    counts.iter().map(|(topic, count)| ((*topic).to_owned(), *count)).collect()
}

/// `m:topic0,topic1 ...`, members in order.
fn shown(assignment: &Assignment) -> String {
    let shown = assignment.iter().map(|(member, partitions)| {
        let partitions = partitions.iter().map(|p| format!("{}{}", p.topic, p.partition));
        format!("{member}:{}", partitions.collect::<Vec<_>>().join(","))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// The members as they come to the next generation, with what they were given.
fn after(members: &[Member], assignment: &Assignment, generation_id: i32) -> Vec<Member> {
    let with_share = |member: &Member| Member {
        owned: assignment[&member.member_id].iter().cloned().collect(),
        generation_id,
        ..member.clone()
    };
    members.iter().map(with_share).collect()
}

#[test]
fn shares_are_those_of_kafkas_assignors() {
    let counts = counts(&[("t", 3), ("u", 3), ("gone", 0)]);
    let both = [member("a", None, &["t", "u"]), member("b", None, &["t", "u", "missing"])];
    assert_eq!(shown(&Assignor::Range.assign(&both, &counts)), "a:t0,t1,u0,u1 b:t2,u2");
    assert_eq!(shown(&Assignor::RoundRobin.assign(&both, &counts)), "a:t0,t2,u1 b:t1,u0,u2");
    let uneven = [member("a", None, &["t"]), member("b", None, &["t", "u"])];
    assert_eq!(shown(&Assignor::RoundRobin.assign(&uneven, &counts)), "a:t0,t2 b:t1,u0,u1,u2");
    let fixed = [member("a", None, &["t"]), member("z", Some("i"), &["t"])];
    assert_eq!(shown(&Assignor::Range.assign(&fixed, &counts)), "a:t2 z:t0,t1");
    let many: Vec<Member> = ["a", "b", "c", "d"].map(|id| member(id, None, &["t"])).into();
    assert_eq!(shown(&Assignor::Range.assign(&many, &counts)), "a:t0 b:t1 c:t2 d:");
}

#[test]
fn sticky_keeps_what_it_can() {
    let counts = counts(&[("t", 4)]);
    let one = [member("a", None, &["t"])];
    let first = Assignor::Sticky.assign(&one, &counts);
    assert_eq!(shown(&first), "a:t0,t1,t2,t3");
    let mut two = after(&one, &first, 1);
    two.push(member("b", None, &["t"]));
    let second = Assignor::Sticky.assign(&two, &counts);
    assert_eq!(shown(&second), "a:t0,t1 b:t2,t3");
    // b goes, c comes: a stays as it was.
    let mut third = after(&two, &second, 2);
    third[1] = member("c", None, &["t"]);
    assert_eq!(shown(&Assignor::Sticky.assign(&third, &counts)), "a:t0,t1 c:t2,t3");
    // A claim of an older generation does not count, nor do two for the same partition.
    let mut claims = after(&two, &second, 2);
    claims[1].owned = claims[0].owned.clone();
    claims[1].generation_id = 1;
    assert_eq!(shown(&Assignor::Sticky.assign(&claims, &counts)), "a:t0,t1 b:t2,t3");
}

#[test]
fn a_cooperative_group_gives_nothing_that_another_still_has() {
    let counts = counts(&[("t", 4)]);
    let mut members = vec![member("a", None, &["t"])];
    let first = Assignor::CooperativeSticky.assign(&members, &counts);
    members = after(&members, &first, 1);
    members.push(member("b", None, &["t"]));
    let second = Assignor::CooperativeSticky.assign(&members, &counts);
    assert_eq!(shown(&second), "a:t0,t1 b:", "a has to give up first");
    let third = Assignor::CooperativeSticky.assign(&after(&members, &second, 2), &counts);
    assert_eq!(shown(&third), "a:t0,t1 b:t2,t3");
}

#[test]
fn words_carry_what_each_assignor_looks_for() {
    let last = BTreeSet::from([TopicPartition::new("t", 1), TopicPartition::new("u", 0)]);
    let subscription = || Subscription {
        topics: BTreeSet::from(["t".to_owned()]),
        generation_id: 3,
        ..Subscription::default()
    };
    let words = Assignor::Sticky.words(subscription(), &last);
    let told = Assignor::Sticky.member("m".to_owned(), None, words).expect("words");
    assert_eq!((told.owned, told.generation_id), (last.clone(), 3));
    let words =
        Assignor::CooperativeSticky.words(Subscription { owned: last.clone(), ..subscription() }, &last);
    let told = Assignor::CooperativeSticky.member("m".to_owned(), None, words).expect("words");
    assert_eq!((told.owned, told.generation_id), (last, 3));
    let nonsense = Subscription { user_data: Some(Bytes::from_static(b"\x7f\xff")), ..subscription() };
    let told = Assignor::Sticky.member("m".to_owned(), None, nonsense.encode()).expect("words");
    assert_eq!((told.owned.len(), told.generation_id), (0, -1));
}

/// Any members over any topics, through generations in which members come, go and change their minds.
#[test]
fn every_generation_is_complete_even_and_without_two_owners() {
    for seed in 0..300 {
        let mut rng = SeededRng::new(seed);
        let mut below = |count: u64| (rng.next_u64() % count) as i32;
        let topics: Vec<String> = (0..1 + below(4)).map(|at| format!("t{at}")).collect();
        let counts: BTreeMap<String, i32> = topics.iter().map(|topic| (topic.clone(), below(9))).collect();
        let is_uniform = below(2) == 0;
        let mut members: Vec<Member> = Vec::new();
        for generation in 1..8 {
            members.retain(|_| below(5) > 0);
            for at in 0..below(4) {
                members.push(member(&format!("m{generation}-{at}"), None, &[]));
            }
            for member in &mut members {
                member.topics = topics.iter().filter(|_| is_uniform || below(3) > 0).cloned().collect();
            }
            let full = Assignor::Sticky.assign(&members, &counts);
            check_complete(&members, &counts, &full, is_uniform);
            let safe = Assignor::CooperativeSticky.assign(&members, &counts);
            for (id, share) in &safe {
                for partition in share {
                    let holders = members.iter().filter(|member| member.owned.contains(partition));
                    assert!(
                        holders.clone().all(|holder| holder.member_id == *id),
                        "seed {seed}: {partition:?}"
                    );
                }
            }
            // Nothing else changes, then nothing moves any more after a second round.
            let settled = after(&members, &safe, generation);
            let second = Assignor::CooperativeSticky.assign(&settled, &counts);
            let third =
                Assignor::CooperativeSticky.assign(&after(&settled, &second, generation + 1), &counts);
            check_complete(&members, &counts, &third, is_uniform);
            members = after(&settled, &third, generation);
        }
    }
}

fn check_complete(members: &[Member], counts: &BTreeMap<String, i32>, given: &Assignment, is_uniform: bool) {
    let all: Vec<&TopicPartition> = given.values().flatten().collect();
    let distinct: BTreeSet<&TopicPartition> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "nobody shares a partition");
    let wanted = |topic: &String| members.iter().any(|member| member.topics.contains(topic));
    let expected: i32 = counts.iter().filter(|(topic, _)| wanted(topic)).map(|(_, count)| count).sum();
    assert_eq!(all.len() as i32, expected, "every partition that somebody wants has an owner");
    for member in members {
        let share = &given[&member.member_id];
        assert!(share.iter().all(|partition| member.topics.contains(&*partition.topic)));
    }
    if is_uniform && !members.is_empty() {
        let loads = given.values().map(Vec::len);
        let (least, most) = (loads.clone().min().unwrap_or(0), loads.max().unwrap_or(0));
        assert!(most - least <= 1, "{given:?}");
    }
}
