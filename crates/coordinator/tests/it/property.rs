//! Members that do what they like, in any order, over refused and late writes: what must always hold, holds.

use proptest::prelude::*;

use crate::conversation::Conversation;

/// One command; members are those that have appeared so far.
fn command() -> impl Strategy<Value = String> {
    let member = 1..6_usize;
    let generation = 0..5_i32;
    prop_oneof![
        3 => (0..4_usize, 0..3_i16).prop_map(|(client, v)| format!("join c{client} v={}", [3, 5, 9][v as usize])),
        1 => (0..2_usize).prop_map(|i| format!("join s{i} instance=i{i}")),
        4 => member.clone().prop_map(|m| format!("join c member=M{m}")),
        1 => (member.clone(), 0..2_usize).prop_map(|(m, i)| format!("join s member=M{m} instance=i{i}")),
        1 => member.clone().prop_map(|m| format!("join c member=M{m} protocols=roundrobin:y,range:x")),
        4 => (member.clone(), generation.clone()).prop_map(|(m, g)| format!("sync M{m} generation={g} give=M1:a,M2:b")),
        2 => (member.clone(), generation.clone()).prop_map(|(m, g)| format!("heartbeat M{m} generation={g}")),
        2 => member.clone().prop_map(|m| format!("leave M{m}")),
        1 => (0..2_usize).prop_map(|i| format!("leave - instance=i{i}")),
        2 => (member, generation).prop_map(|(m, g)| format!("commit M{m} generation={g} t-0=5")),
        1 => Just("commit t-1=7".to_owned()),
        1 => (0..2_u64).prop_map(|producer| format!("pending {producer} t-0=3")),
        1 => (0..2_u64, any::<bool>()).prop_map(|(producer, is_commit)| {
            format!("end {producer} {}", if is_commit { "commit" } else { "abort" })
        }),
        1 => Just("fetch stable".to_owned()),
        1 => Just("delete-offsets t-1 t-0".to_owned()),
        1 => Just("gone t".to_owned()),
        1 => Just("delete".to_owned()),
        1 => Just("expire".to_owned()),
        1 => Just("limit members=2".to_owned()),
        1 => (0..12_000_usize, 0..4_000_usize).prop_map(|(kept, uncommitted)| format!("limit memory={kept} uncommitted={uncommitted}")),
        1 => (0..20_usize).prop_map(|len| format!("join s0 instance=i0 protocols=range:{}", "x".repeat(50 * len))),
        1 => (0..4_usize).prop_map(|group| format!("commit group=other{group} t-0=5 t-1=6")),
        1 => (0..3_usize).prop_map(|member| format!("left streams member{member} group=foreign")),
        3 => (1..70_u64).prop_map(|seconds| format!("time {seconds}")),
        1 => Just("restart".to_owned()),
        1 => Just("refuse NOT_ENOUGH_REPLICAS".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// `Conversation::say` checks the shard after each command, also that its bytes are those of a recount, and that none
    /// of what is asked makes it grow beyond its limit. In the end every request has one answer, and a
    /// coordinator that reads the log knows the same generation and assignments.
    #[test]
    fn any_conversation_ends_well(commands in proptest::collection::vec(command(), 1..60), hold_at in 0..60_usize, was_left in any::<bool>()) {
        let mut conversation = Conversation::new();
        let mut said = Vec::new();
        let mut asked = 0;
        if was_left {
            conversation.say("left consumer");
        }
        for (index, command) in commands.iter().enumerate() {
            if index == hold_at {
                said.extend(conversation.say("hold"));
            }
            if index == hold_at + 3 {
                let end = if index % 2 == 0 { "store" } else { "late REQUEST_TIMED_OUT" };
                said.extend(conversation.say(end));
            }
            asked += usize::from(asks(command));
            said.extend(conversation.say(command));
        }
        if (hold_at..hold_at + 3).contains(&(commands.len() - 1)) {
            said.extend(conversation.say("store"));
        }
        let live = conversation.say("describe");
        let is_stable = live[0].starts_with("Stable");
        said.extend(conversation.say("restart"));
        if is_stable {
            prop_assert_eq!(live, conversation.say("describe"), "what was read from the log");
        }
        // Whoever still waits is answered when its session is over.
        said.extend(conversation.say("time 10000"));
        let mut answered: Vec<u64> = said.iter().filter_map(|line| line.split_once(": ")?.0.parse().ok()).collect();
        let count = answered.len();
        answered.sort_unstable();
        answered.dedup();
        prop_assert_eq!(count, answered.len(), "a request was answered twice: {:?}", &said);
        prop_assert_eq!(count, asked, "requests without an answer: {:?}", &said);
    }
}

fn asks(command: &str) -> bool {
    ["join", "sync", "heartbeat", "leave", "commit", "fetch", "delete", "delete-offsets"]
        .contains(&command.split(' ').next().unwrap_or_default())
}
