//! The tables, byte for byte (Kafka: `ConsumerGroupCommand.ConsumerGroupService.print*`). Every table begins with an
//! empty line. Columns are as wide as Java counts, in UTF-16 units.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::TopicPartition;
use klamm_client::admin::describe_groups::{GroupDescription, MemberDescription};
use klamm_client::admin::groups::GroupListing;

use crate::hash_map::HashMap;

/// What stands for a value that is not there.
pub const MISSING: &str = "-";
/// No column of names is narrower.
const NAME_WIDTH: usize = 15;

/// A partition of a group: who reads it, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetRow {
    pub group: String,
    pub partition: TopicPartition,
    pub leader_epoch: Option<i32>,
    pub offset: Option<i64>,
    pub log_end_offset: Option<i64>,
    pub consumer_id: String,
    pub host: String,
    pub client_id: String,
}

impl OffsetRow {
    /// How many records are left.
    fn lag(&self) -> Option<i64> {
        Some(self.log_end_offset? - self.offset.filter(|offset| *offset != -1)?)
    }
}

fn width(text: &str) -> usize {
    text.encode_utf16().count()
}

fn widest<'a>(least: usize, cells: impl Iterator<Item = &'a str>) -> usize {
    cells.map(width).fold(least, usize::max)
}

/// Java's `%-Ns`.
fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(width(text)))
}

/// Cells padded to their columns, with blanks between them; one without a column is not padded.
fn line(cells: &[&str], columns: &[usize]) -> String {
    let cells = cells.iter().enumerate();
    let padded = cells.map(|(at, cell)| padded(cell, columns.get(at).copied().unwrap_or(0)));
    padded.collect::<Vec<_>>().join(" ")
}

fn or_missing<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| value.to_string())
}

/// `--describe`
pub fn offsets(rows: &[OffsetRow], verbose: bool) -> String {
    let names = |name: fn(&OffsetRow) -> &str| widest(NAME_WIDTH, rows.iter().map(name));
    let mut columns = vec![names(|row| &row.group), names(|row| &row.partition.topic), 10, 15, 15, 15];
    let mut head = vec!["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG"];
    if verbose {
        columns.push(15);
        head.insert(3, "LEADER-EPOCH");
    }
    columns.extend([names(|row| &row.consumer_id), names(|row| &row.host)]);
    head.extend(["CONSUMER-ID", "HOST", "CLIENT-ID"]);
    let mut text = format!("\n{}", line(&head, &columns));
    for row in rows {
        let (partition, epoch) = (row.partition.partition.to_string(), or_missing(row.leader_epoch));
        let (offset, end, lag) =
            (or_missing(row.offset), or_missing(row.log_end_offset), or_missing(row.lag()));
        let mut cells: Vec<&str> = vec![&row.group, &row.partition.topic, &partition];
        cells.extend(verbose.then_some(epoch.as_str()));
        cells.extend([offset.as_str(), &end, &lag, &row.consumer_id, &row.host, &row.client_id]);
        text.push_str(&format!("\n{}", line(&cells, &columns)));
    }
    text.push('\n');
    text
}

/// `topic:0,1;topic2:3`, or a dash.
fn assignment(partitions: &BTreeSet<TopicPartition>) -> String {
    let mut topics = BTreeMap::<&str, Vec<String>>::new();
    for partition in partitions {
        topics.entry(&partition.topic).or_default().push(partition.partition.to_string());
    }
    let mut topics: Vec<String> =
        topics.into_iter().map(|(topic, partitions)| format!("{topic}:{}", partitions.join(","))).collect();
    topics.sort();
    if topics.is_empty() { MISSING.to_owned() } else { topics.join(";") }
}

/// Columns and head of the members' table, for those that it is measured by.
struct MembersForm {
    columns: Vec<usize>,
    head: Vec<&'static str>,
    with_instances: bool,
    /// Members of both protocols are there.
    with_upgrades: bool,
}

impl MembersForm {
    fn of(group_id: &str, members: &[MemberDescription], verbose: bool) -> MembersForm {
        let names = |least, name: fn(&MemberDescription) -> &str| widest(least, members.iter().map(name));
        let with_instances =
            members.iter().any(|m| m.group_instance_id.as_ref().is_some_and(|id| !id.is_empty()));
        let with_upgrades = [true, false].iter().all(|is| members.iter().any(|m| m.is_upgraded == Some(*is)));
        let group = if members.is_empty() { NAME_WIDTH } else { width(group_id).max(NAME_WIDTH) };
        let mut columns = vec![group, names(NAME_WIDTH, |m| &m.member_id)];
        let mut head = vec!["GROUP", "CONSUMER-ID"];
        if with_instances {
            columns.push(names(17, |m| m.group_instance_id.as_deref().unwrap_or_default()));
            head.push("GROUP-INSTANCE-ID");
        }
        columns.extend([names(NAME_WIDTH, |m| &m.host), names(NAME_WIDTH, |m| &m.client_id), 15]);
        head.extend(["HOST", "CLIENT-ID", "#PARTITIONS"]);
        if verbose {
            let cells: Vec<[String; 2]> = members.iter().map(assignments).collect();
            let assigned = |at: usize| widest(20, cells.iter().map(|cells| cells[at].as_str()));
            columns.extend([15, assigned(0), 15, assigned(1)]);
            head.extend(["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"]);
            head.extend(with_upgrades.then_some("UPGRADED"));
        } else {
            // The number of partitions is followed by a blank.
            columns.push(0);
            head.push("");
        }
        MembersForm { columns, head, with_instances, with_upgrades }
    }
}

/// Current and target.
fn assignments(member: &MemberDescription) -> [String; 2] {
    let target = member.target_assignment.as_ref().map_or_else(|| MISSING.to_owned(), assignment);
    [assignment(&member.assignment), target]
}

/// `--describe --members`. `measured` says whether the columns are as wide as what is in them.
pub fn members(group: &GroupDescription, measured: bool, verbose: bool) -> String {
    let measured = if measured { group.members.as_slice() } else { &[] };
    let form = MembersForm::of(&group.group_id, measured, verbose);
    let mut text = format!("\n{}\n", line(&form.head, &form.columns));
    for member in &group.members {
        let count = member.assignment.len().to_string();
        let [current, target] = assignments(member);
        let (epoch, target_epoch) = (or_missing(member.epoch), or_missing(group.target_assignment_epoch));
        let upgraded = or_missing(member.is_upgraded);
        let mut cells: Vec<&str> = vec![&group.group_id, &member.member_id];
        cells.extend(form.with_instances.then_some(member.group_instance_id.as_deref().unwrap_or_default()));
        cells.extend([member.host.as_str(), &member.client_id, &count]);
        if verbose {
            cells.extend([epoch.as_str(), &current, &target_epoch, &target]);
            cells.extend(form.with_upgrades.then_some(upgraded.as_str()));
        } else {
            cells.push("");
        }
        text.push_str(&format!("{}\n", line(&cells, &form.columns)));
    }
    text
}

/// `--describe --state`
pub fn state(group: &GroupDescription, verbose: bool) -> String {
    let node = &group.coordinator;
    let coordinator = format!("{}:{}  ({})", node.address.host, node.address.port, node.id);
    let assignor = if group.assignor.is_empty() { MISSING } else { &group.assignor };
    let (epoch, target) = (or_missing(group.group_epoch), or_missing(group.target_assignment_epoch));
    let count = group.members.len().to_string();
    let mut columns = vec![width(&group.group_id).max(NAME_WIDTH), width(&coordinator).max(25), 20, 20];
    let mut head = vec!["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"];
    let mut cells: Vec<&str> = vec![&group.group_id, &coordinator, assignor, group.state.name()];
    if verbose {
        columns.extend([15, 25]);
        head.extend(["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]);
        cells.extend([epoch.as_str(), &target]);
    }
    head.push("#MEMBERS");
    cells.push(&count);
    format!("\n{}\n{}\n", line(&head, &columns), line(&cells, &columns))
}

/// `--list --state --type`
pub fn listings(groups: &[&GroupListing], with_types: bool, with_states: bool) -> String {
    let mut columns = vec![widest(NAME_WIDTH, groups.iter().map(|group| group.group_id.as_str())) + 10];
    let mut head = vec!["GROUP"];
    head.extend(with_types.then_some("TYPE"));
    head.extend(with_states.then_some("STATE"));
    columns.resize(head.len(), 20);
    let mut text = format!("{}\n", line(&head, &columns));
    for group in groups {
        let mut cells = vec![group.group_id.as_str()];
        cells.extend(with_types.then(|| group.kind.map_or("Unknown", |kind| kind.name())));
        cells.extend(with_states.then(|| group.state.map_or("Unknown", |state| state.name())));
        text.push_str(&format!("{}\n", line(&cells, &columns)));
    }
    text
}

/// `--reset-offsets`: one table for all groups.
pub fn resets(groups: &HashMap<String, HashMap<TopicPartition, i64>>) -> String {
    let topics = groups.values().flat_map(|offsets| offsets.keys()).map(|partition| &*partition.topic);
    let columns = [widest(NAME_WIDTH, groups.keys().map(String::as_str)), widest(NAME_WIDTH, topics), 10];
    let mut text = String::new();
    if !groups.is_empty() {
        text.push_str(&format!("\n{}", line(&["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"], &columns)));
    }
    for (group, offsets) in groups.iter() {
        for (partition, offset) in offsets.iter() {
            let cells = [group, &*partition.topic, &partition.partition.to_string(), &offset.to_string()];
            text.push_str(&format!("\n{}", line(&cells, &columns)));
        }
    }
    text.push('\n');
    text
}

/// `--delete-offsets`: what became of each partition, -1 being the topic as a whole; an error is its message.
pub fn deletions(results: &HashMap<TopicPartition, Option<String>>) -> String {
    let topics = results.keys().map(|partition| &*partition.topic);
    let columns = [widest(NAME_WIDTH, topics), 10, 15];
    let mut rows: Vec<(&TopicPartition, &Option<String>)> = results.iter().collect();
    rows.sort_by_key(|(partition, _)| format!("{}{}", partition.topic, partition.partition));
    let mut text = format!("\n{}", line(&["TOPIC", "PARTITION", "STATUS"], &columns));
    for (partition, error) in rows {
        let index = or_missing((partition.partition >= 0).then_some(partition.partition));
        let status =
            error.as_ref().map_or_else(|| "Successful".to_owned(), |message| format!("Error: {message}"));
        text.push_str(&format!("\n{}", line(&[&partition.topic, &index, &status], &columns)));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
