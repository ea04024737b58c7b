//! Tables beside what Kafka's tool printed.

use klamm_client::admin::group_state::{GroupState, GroupType};
use klamm_client::{Address, Node};

use super::*;

fn place(topic: &str, index: i32) -> TopicPartition {
    TopicPartition::new(topic, index)
}

fn member(id: &str, partitions: &[(&str, i32)]) -> MemberDescription {
    MemberDescription {
        member_id: id.to_owned(),
        group_instance_id: None,
        client_id: "app".to_owned(),
        host: "/127.0.0.1".to_owned(),
        assignment: partitions.iter().map(|(topic, index)| place(topic, *index)).collect(),
        target_assignment: None,
        epoch: None,
        is_upgraded: None,
    }
}

fn group(members: Vec<MemberDescription>) -> GroupDescription {
    GroupDescription {
        group_id: "gg".to_owned(),
        members,
        assignor: "range".to_owned(),
        kind: GroupType::Classic,
        state: GroupState::Stable,
        coordinator: Node { id: 1, address: Address::new("127.0.0.1", 9092), rack: None, is_fenced: false },
        group_epoch: None,
        target_assignment_epoch: None,
    }
}

fn row(index: i32, offset: Option<i64>, end: Option<i64>) -> OffsetRow {
    OffsetRow {
        group: "gg".to_owned(),
        partition: place("c2", index),
        leader_epoch: offset.map(|_| 0),
        offset,
        log_end_offset: end,
        consumer_id: "-".to_owned(),
        host: "-".to_owned(),
        client_id: "-".to_owned(),
    }
}

#[test]
fn offsets_and_what_is_left() {
    let rows =
        [row(0, Some(5), Some(9)), row(1, None, Some(9)), row(2, Some(5), None), row(3, Some(-1), Some(9))];
    let expected = "
GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
gg              c2              0          5               9               4               -               -               -
gg              c2              1          -               9               -               -               -               -
gg              c2              2          5               -               -               -               -               -
gg              c2              3          -1              9               -               -               -               -
";
    assert_eq!(offsets(&rows, false), expected);
    let verbose = "
GROUP           TOPIC           PARTITION  LEADER-EPOCH    CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
gg              c2              0          0               5               9               4               -               -               -
";
    assert_eq!(offsets(&rows[..1], true), verbose);
}

#[test]
fn columns_grow_with_what_is_in_them() {
    let mut wide = row(0, Some(5), Some(9));
    wide.group = "a-group-of-this-name".to_owned();
    wide.consumer_id = "consumer-gg-1-0b4a".to_owned();
    let expected = "
GROUP                TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID        HOST            CLIENT-ID
a-group-of-this-name c2              0          5               9               4               consumer-gg-1-0b4a -               -
";
    assert_eq!(offsets(&[wide], false), expected);
}

#[test]
fn members_of_classic_groups() {
    let two = group(vec![member("m-1", &[("c2", 1), ("c2", 0), ("b", 3)]), member("m-2", &[])]);
    let expected = "
GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS\u{20}    
gg              m-1             /127.0.0.1      app             3              \u{20}
gg              m-2             /127.0.0.1      app             0              \u{20}
";
    assert_eq!(members(&two, true, false), expected);
    let verbose = "
GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     CURRENT-EPOCH   CURRENT-ASSIGNMENT   TARGET-EPOCH    TARGET-ASSIGNMENT   \u{20}
gg              m-1             /127.0.0.1      app             3               -               b:3;c2:0,1           -               -                   \u{20}
gg              m-2             /127.0.0.1      app             0               -               -                    -               -                   \u{20}
";
    let verbose = verbose.replace("\u{20}\n", "\n");
    assert_eq!(
        members(&two, true, true).lines().map(str::trim_end).collect::<Vec<_>>(),
        verbose.lines().map(str::trim_end).collect::<Vec<_>>()
    );
    assert!(members(&two, true, true).lines().skip(1).all(|line| line.len() == 153));
}

#[test]
fn static_members_have_names() {
    let mut named = member("m-1", &[("c2", 0)]);
    named.group_instance_id = Some("first".to_owned());
    let both = group(vec![named, member("m-2", &[])]);
    let expected = "
GROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS    \u{20}
gg              m-1             first             /127.0.0.1      app             1              \u{20}
gg              m-2                               /127.0.0.1      app             0              \u{20}
";
    assert_eq!(members(&both, true, false), expected);
    // Nothing is measured for a group that is not shown.
    assert!(!members(&both, false, false).contains("INSTANCE"));
}

#[test]
fn members_of_both_protocols_say_which() {
    let mut upgraded = member("m-1", &[("c2", 0)]);
    upgraded.epoch = Some(4);
    upgraded.target_assignment = Some([place("c2", 0), place("c2", 1)].into_iter().collect());
    upgraded.is_upgraded = Some(true);
    let mut classic = member("m-2", &[]);
    classic.is_upgraded = Some(false);
    let mut mixed = group(vec![upgraded, classic]);
    mixed.target_assignment_epoch = Some(5);
    let text = members(&mixed, true, true);
    let cells = |line: usize| text.lines().nth(line).expect("a line").split_whitespace().collect::<Vec<_>>();
    assert_eq!(cells(1).last(), Some(&"UPGRADED"));
    assert_eq!(cells(2)[5..], ["4", "c2:0", "5", "c2:0,1", "true"]);
    assert_eq!(cells(3)[5..], ["-", "-", "5", "-", "false"]);
}

#[test]
fn states_name_the_coordinator() {
    let expected = "
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
gg              127.0.0.1:9092  (1)       range                Stable               1
";
    assert_eq!(state(&group(vec![member("m", &[])]), false), expected);
    let mut new = group(Vec::new());
    new.assignor.clear();
    new.group_epoch = Some(3);
    new.target_assignment_epoch = Some(2);
    let expected = "
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS
gg              127.0.0.1:9092  (1)       -                    Stable               3               2                         0
";
    assert_eq!(state(&new, true), expected);
}

#[test]
fn lists_with_states_and_types() {
    let listing = GroupListing {
        group_id: "gg".to_owned(),
        protocol_type: "consumer".to_owned(),
        state: Some(GroupState::Empty),
        kind: Some(GroupType::Classic),
    };
    let old = GroupListing {
        group_id: "a-group-of-this-name".to_owned(),
        state: None,
        kind: None,
        ..listing.clone()
    };
    let expected = "\
GROUP                          TYPE                 STATE               
gg                             Classic              Empty               
a-group-of-this-name           Unknown              Unknown             
";
    assert_eq!(listings(&[&listing, &old], true, true), expected);
    assert_eq!(listings(&[], false, true), "GROUP                     STATE               \n");
}

#[test]
fn one_table_for_all_resets() {
    let offsets = |entries: &[(i32, i64)]| {
        entries.iter().map(|(index, offset)| (place("c2", *index), *offset)).collect()
    };
    let plans: HashMap<String, HashMap<TopicPartition, i64>> =
        [("gg".to_owned(), offsets(&[(0, 5), (1, 7)])), ("live".to_owned(), offsets(&[]))]
            .into_iter()
            .collect();
    let expected = "
GROUP           TOPIC           PARTITION  NEW-OFFSET
gg              c2              0          5
gg              c2              1          7
";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&resets(&plans)), sorted(expected));
    assert_eq!(resets(&HashMap::default()), "\n");
}

#[test]
fn deletions_are_sorted_as_words() {
    let results: HashMap<TopicPartition, Option<String>> =
        [(place("c2", 2), None), (place("c2", 10), None), (place("gone", -1), Some("E: text.".to_owned()))]
            .into_iter()
            .collect();
    let expected = "
TOPIC           PARTITION  STATUS         
c2              10         Successful     
c2              2          Successful     
gone            -          Error: E: text.
";
    assert_eq!(deletions(&results), expected);
}
