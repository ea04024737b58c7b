//! Groups of consumers (Kafka: `group-coordinator-metrics`, `GroupMetadataManager`), and how far they have come, as
//! kafka_exporter has it.

use std::collections::{BTreeMap, HashMap};

use klamm_node::{GroupsFigures, NodeFigures};

use super::text::Text;

/// Groups with longer ids have no figures of their own: they would be what the text mostly consists of.
const GROUP_ID_BYTES_MAX: usize = 255;

/// Every state that a type of groups may be in.
const STATES: [(&str, &[&str]); 4] = [
    ("classic", &["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"]),
    ("consumer", &["Empty", "Assigning", "Reconciling", "Stable", "Dead"]),
    ("share", &["Empty", "Stable", "Dead"]),
    ("streams", &["Empty", "NotReady", "Assigning", "Reconciling", "Stable", "Dead"]),
];

pub fn write(text: &mut Text, groups: &GroupsFigures) {
    const OLD: &str = "kafka_coordinator_group_groupmetadatamanager";
    const NEW: &str = "kafka_server_group_coordinator_metrics";
    let count = |kind, state| groups.all.groups.get(&(kind, state)).copied().unwrap_or(0);
    let classic = STATES[0].1;
    let all = classic.iter().map(|state| count("classic", state)).sum::<u64>();
    text.number(&format!("{OLD}_numgroups"), "Classic groups.", all);
    for state in classic {
        let name = format!("{OLD}_numgroups{}", state.to_ascii_lowercase());
        text.number(&name, "Classic groups in one state.", count("classic", state));
    }
    text.number(&format!("{OLD}_numoffsets"), "Offsets that groups have committed.", groups.all.offsets);
    for (kind, states) in STATES {
        let all = states.iter().map(|state| count(kind, state)).sum::<u64>();
        text.number(&format!("{NEW}_protocol_{kind}_group_count"), "Groups of one type.", all);
        for state in states {
            let name = format!("{NEW}_state_{}_{kind}_group_count", state.to_ascii_lowercase());
            text.number(&name, "Groups of one type in one state.", count(kind, state));
        }
    }
    let mut gauge = |name: &str, help: &str, value: u64| text.number(&format!("{NEW}_{name}"), help, value);
    gauge("offset_count", "Offsets that groups have committed.", groups.all.offsets);
    gauge(
        "group_completed_rebalance_count",
        "Rebalances of classic groups that came to an end.",
        groups.all.rebalances,
    );
    gauge("offset_commit_count", "Offsets committed.", groups.all.offset_commits);
    gauge("offset_expiration_count", "Offsets given up as too old.", groups.all.offset_expirations);
    gauge("offset_deletion_count", "Offsets deleted.", groups.all.offset_deletions);
    gauge("state_active_num_partitions", "Partitions that coordinate here.", groups.active_shards as u64);
    gauge("state_loading_num_partitions", "Partitions being loaded.", groups.loading_shards as u64);
}

pub fn write_for_exporter(text: &mut Text, figures: &NodeFigures) {
    let mut ends = HashMap::new();
    for topic in &figures.topics {
        for partition in &topic.partitions {
            let end = partition.log.map(|log| log.high_watermark);
            ends.extend(end.map(|end| ((&*topic.name, partition.partition), end)));
        }
    }
    let is_shown = |group: &str| group.len() <= GROUP_ID_BYTES_MAX;
    let offsets = figures.groups.offsets.iter().filter(|offset| is_shown(&offset.group_id));
    let offsets = offsets.map(|offset| {
        // Without an end nobody knows; kafka_exporter says -1 too.
        let end = ends.get(&(offset.topic.as_str(), offset.partition));
        let lag = end.map_or(-1, |end| (end - offset.offset).max(0));
        (offset, offset.partition.to_string(), lag)
    });
    let offsets: Vec<_> = offsets.collect();
    for (name, help, is_lag) in [
        ("kafka_consumergroup_current_offset", "Offset that a group has committed.", false),
        ("kafka_consumergroup_lag", "Records between a group's offset and the end of the partition.", true),
    ] {
        let mut family = text.gauge(name, help);
        for (offset, partition, lag) in &offsets {
            let labels = [
                ("consumergroup", offset.group_id.as_str()),
                ("partition", partition),
                ("topic", &offset.topic),
            ];
            family.add(&labels, if is_lag { *lag } else { offset.offset });
        }
    }
    let mut sums: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for (offset, _, lag) in &offsets {
        let sum = sums.entry((&offset.group_id, &offset.topic)).or_default();
        *sum = (sum.0.saturating_add(offset.offset), sum.1 + lag.max(&0));
    }
    for (name, help, is_lag) in [
        ("kafka_consumergroup_current_offset_sum", "The same over all partitions of a topic.", false),
        ("kafka_consumergroup_lag_sum", "The same over all partitions of a topic.", true),
    ] {
        let mut family = text.gauge(name, help);
        for ((group, topic), sum) in &sums {
            let labels = [("consumergroup", group.as_str()), ("topic", topic.as_str())];
            family.add(&labels, if is_lag { sum.1 } else { sum.0 });
        }
    }
    let mut family = text.gauge("kafka_consumergroup_members", "Members of a group.");
    for (group, members) in figures.groups.members.iter().filter(|(group, _)| is_shown(group)) {
        family.add(&[("consumergroup", group)], *members);
    }
}
