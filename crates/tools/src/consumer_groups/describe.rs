//! `--describe`: offsets, members or states of groups.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use klamm_base::TopicPartition;
use klamm_client::Cluster;
use klamm_client::admin::describe_groups::{
    DescribeFault, GroupDescription, MemberDescription, describe_groups,
};
use klamm_client::admin::group_state::GroupState;
use klamm_client::admin::records::{IsolationLevel, OffsetSpec, list_offsets};
use klamm_client::group::commits::Committed;

use super::tables::{self, MISSING, OffsetRow};
use super::{chosen_groups, committed, in_runtime, of_group_call, options, print_error, topics};
use crate::World;
use crate::exception::{Exception, KAFKA};
use crate::exit::Exit;
use crate::hash_map::HashMap;
use crate::jopt::Options;

/// Collects everything, then prints it, by group.
pub async fn run(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    let group_ids = chosen_groups(cluster, options).await?;
    let groups = describe_all(cluster, &group_ids).await?;
    let verbose = options.has(&options::VERBOSE);
    let is_offsets = options.has(&options::OFFSETS);
    if !is_offsets && options.has(&options::MEMBERS) {
        for group in groups {
            let is_shown = should_print(&group, group.members.len(), world)?;
            write!(world.out, "{}", tables::members(&group, is_shown, verbose))?;
        }
    } else if !is_offsets && options.has(&options::STATE) {
        for group in groups {
            if should_print(&group, 1, world)? {
                write!(world.out, "{}", tables::state(&group, verbose))?;
            }
        }
    } else {
        for (group, rows) in offset_rows(cluster, groups).await? {
            if should_print(&group, rows.len(), world)? {
                write!(world.out, "{}", tables::offsets(&rows, verbose))?;
            }
        }
    }
    Ok(())
}

/// Descriptions by group, each once.
///
/// # Errors
/// The exception of the first group that has one, in the order of a hash map.
async fn describe_all(cluster: &Cluster, group_ids: &[String]) -> Result<Vec<GroupDescription>, Exception> {
    let described = answers(cluster, group_ids).await;
    let groups: Result<BTreeMap<String, GroupDescription>, Exception> =
        described.into_iter().map(|(group_id, group)| Ok((group_id, group?))).collect();
    Ok(groups?.into_values().collect())
}

/// What became of each group, an exception being as a future throws it.
pub async fn answers(
    cluster: &Cluster,
    group_ids: &[String],
) -> HashMap<String, Result<GroupDescription, Exception>> {
    let thrown = |fault| match fault {
        DescribeFault::Client(fault) => of_group_call(fault, "describeConsumerGroups").in_future(),
        DescribeFault::NotConsumers { group_id, protocol_type } => Exception::illegal_argument(format!(
            "GroupId {group_id} is not a consumer group ({protocol_type})."
        ))
        .in_future(),
    };
    let described = describe_groups(cluster, group_ids).await.into_iter();
    described.map(|(group_id, group)| (group_id, group.map_err(thrown))).collect()
}

/// Says what is to be said of the group's state, and whether `rows` are worth a table.
fn should_print(group: &GroupDescription, rows: usize, world: &mut World<'_>) -> Result<bool, Exit> {
    let group_id = &group.group_id;
    match group.state {
        GroupState::Dead => print_error(&format!("Consumer group '{group_id}' does not exist."), world)?,
        GroupState::Empty => warn(&format!("Consumer group '{group_id}' has no active members."), world)?,
        GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Assigning
        | GroupState::Reconciling => {
            warn(&format!("Warning: Consumer group '{group_id}' is rebalancing."), world)?;
        }
        GroupState::Stable => {}
        GroupState::Unknown | GroupState::NotReady => {
            let text = format!("Expected a valid consumer group state, but found '{}'.", group.state);
            return Err(Exception::new(KAFKA, text).into());
        }
    }
    Ok(group.state != GroupState::Dead && rows > 0)
}

fn warn(text: &str, world: &mut World<'_>) -> io::Result<()> {
    writeln!(world.err, "\n{text}")
}

/// A group with what it has committed.
struct Offsets {
    group: GroupDescription,
    committed: BTreeMap<TopicPartition, Committed>,
}

impl Offsets {
    fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        let assigned = self.group.members.iter().flat_map(|member| &member.assignment);
        assigned.chain(self.committed.keys())
    }

    /// First what members read, those with most partitions first; then what nobody reads.
    fn rows(&self, ends: &BTreeMap<TopicPartition, i64>) -> Vec<OffsetRow> {
        let mut readers: Vec<&MemberDescription> =
            self.group.members.iter().filter(|member| !member.assignment.is_empty()).collect();
        readers.sort_by_key(|member| std::cmp::Reverse(member.assignment.len()));
        let assigned: BTreeSet<&TopicPartition> =
            readers.iter().flat_map(|member| &member.assignment).collect();
        let row = |partition: &TopicPartition, [consumer_id, host, client_id]: [&str; 3]| {
            let committed = self.committed.get(partition);
            OffsetRow {
                group: self.group.group_id.clone(),
                partition: partition.clone(),
                leader_epoch: committed.map(|committed| committed.leader_epoch).filter(|epoch| *epoch >= 0),
                offset: committed.map(|committed| committed.offset),
                log_end_offset: ends.get(partition).copied(),
                consumer_id: consumer_id.to_owned(),
                host: host.to_owned(),
                client_id: client_id.to_owned(),
            }
        };
        let mut rows: Vec<OffsetRow> = Vec::new();
        for member in readers {
            let who = [member.member_id.as_str(), &member.host, &member.client_id];
            rows.extend(member.assignment.iter().map(|partition| row(partition, who)));
        }
        let unread = self.committed.keys().filter(|partition| !assigned.contains(partition));
        rows.extend(unread.map(|partition| row(partition, [MISSING; 3])));
        rows
    }
}

async fn offset_rows(
    cluster: &Cluster,
    groups: Vec<GroupDescription>,
) -> Result<Vec<(GroupDescription, Vec<OffsetRow>)>, Exception> {
    let mut all = Vec::new();
    for group in groups {
        let committed = committed(cluster, &group.group_id).await?;
        all.push(Offsets { group, committed });
    }
    let partitions = || all.iter().flat_map(Offsets::partitions);
    let topics = topics::describe_all(cluster, partitions()).await.map_err(in_runtime)?;
    let is_led = |partition: &&TopicPartition| topics::has_leader(&topics, partition) != Some(false);
    let led: BTreeSet<TopicPartition> = partitions().filter(is_led).cloned().collect();
    let ends = offsets_of(cluster, led, OffsetSpec::Latest).await?;
    Ok(all.into_iter().map(|offsets| (offsets.group.clone(), offsets.rows(&ends))).collect())
}

/// One kind of offset of some partitions.
///
/// # Errors
/// The first exception, as Kafka's tool throws it.
pub async fn offsets_of(
    cluster: &Cluster,
    partitions: BTreeSet<TopicPartition>,
    spec: OffsetSpec,
) -> Result<BTreeMap<TopicPartition, i64>, Exception> {
    let wanted = partitions.into_iter().map(|partition| (partition, spec)).collect();
    let found = list_offsets(cluster, &wanted, IsolationLevel::ReadUncommitted).await;
    let found = found.into_iter().map(|(partition, offset)| {
        let thrown = |fault| in_runtime(Exception::of_fault(fault, "listOffsets").in_future());
        Ok((partition, offset.map_err(thrown)?.offset))
    });
    found.collect()
}
