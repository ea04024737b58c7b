//! `--reset-offsets`: where groups without members go on.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::{ErrorCode, TopicPartition};
use klamm_client::Cluster;
use klamm_client::admin::group_state::GroupState;
use klamm_client::admin::groups::alter_offsets;
use klamm_client::admin::records::OffsetSpec;

use super::describe::{answers, offsets_of};
use super::plan::{self, Offsets};
use super::{
    chosen_groups, committed, csv, datetime, in_runtime, of_group_call, options, print_error, tables, topics,
};
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::hash_map::HashMap;
use crate::jopt::Options;
use crate::{World, java, log};

/// -1 stands for no record that is young enough.
const UNKNOWN_OFFSET: i64 = -1;

/// Where to, as the command line says it. Only one is given.
pub struct Request {
    to_offset: Option<i64>,
    to_datetime: Option<String>,
    by_duration: Option<String>,
    shift_by: Option<i64>,
    from_file: Option<String>,
}

impl Request {
    /// # Errors
    /// Values that are no numbers, or one too many.
    pub fn of(options: &Options) -> Result<Request, Exit> {
        let first = |option| options.values(option).first().map(|value| (*value).to_owned());
        Ok(Request {
            to_offset: options.numbers(&options::TO_OFFSET)?.first().copied(),
            from_file: first(&options::FROM_FILE),
            to_datetime: first(&options::TO_DATETIME),
            by_duration: options.value(&options::BY_DURATION)?.map(str::to_owned),
            shift_by: options.number(&options::SHIFT_BY)?,
        })
    }

    /// Makes the plans of all groups, carries them out if that is wanted, and prints them.
    pub async fn run(&self, cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
        let group_ids = chosen_groups(cluster, options).await?;
        let mut plans: HashMap<String, Offsets> = HashMap::default();
        for (group_id, answer) in answers(cluster, &group_ids).await {
            let state = match answer {
                Ok(group) => group.state,
                // A group that is not there begins to exist.
                Err(thrown) if is_not_found(&thrown) => GroupState::Empty,
                Err(thrown) => return Err(in_runtime(thrown).into()),
            };
            let plan = match state {
                GroupState::Empty | GroupState::Dead => {
                    self.reset_group(&group_id, cluster, options, world).await?
                }
                active => {
                    let text = format!(
                        "Assignments can only be reset if the group '{group_id}' is inactive, but the current \
                         state is {active}."
                    );
                    print_error(&text, world)?;
                    Offsets::default()
                }
            };
            plans.insert(group_id, plan);
        }
        let text =
            if options.has(&options::EXPORT) { export(&plans, options) } else { tables::resets(&plans) };
        write!(world.out, "{text}")?;
        Ok(())
    }

    async fn reset_group(
        &self,
        group_id: &str,
        cluster: &Cluster,
        options: &Options,
        world: &mut World<'_>,
    ) -> Result<Offsets, Exit> {
        let partitions = partitions(group_id, cluster, options).await?;
        check_partitions(cluster, &partitions).await?;
        let plan = self.plan(group_id, &partitions, cluster, options, world).await?;
        if options.has(&options::EXECUTE) && !options.has(&options::DRY_RUN) {
            execute(group_id, &plan, cluster).await?;
        }
        Ok(plan)
    }

    async fn plan(
        &self,
        group_id: &str,
        partitions: &[TopicPartition],
        cluster: &Cluster,
        options: &Options,
        world: &mut World<'_>,
    ) -> Result<Offsets, Exit> {
        let all = || partitions.iter().cloned().collect::<BTreeSet<_>>();
        if let Some(offset) = self.to_offset {
            let plan = plan::to_offset(partitions, offset)?;
            return clamped(plan, cluster, world).await;
        }
        if options.has(&options::TO_EARLIEST) {
            return Ok(plan::to_found(partitions, &offsets_of(cluster, all(), OffsetSpec::Earliest).await?)?);
        }
        if options.has(&options::TO_LATEST) {
            return Ok(plan::to_found(partitions, &offsets_of(cluster, all(), OffsetSpec::Latest).await?)?);
        }
        if let Some(by) = self.shift_by {
            let plan = plan::shift_by(partitions, &committed_places(cluster, group_id).await?, by)?;
            return clamped(plan, cluster, world).await;
        }
        if let Some(timestamp) = self.timestamp(world)? {
            return at_time(timestamp, partitions, cluster, world).await;
        }
        if let Some(path) = &self.from_file {
            return from_file(path, group_id, cluster, options, world).await;
        }
        if options.has(&options::TO_CURRENT) {
            let committed = committed_places(cluster, group_id).await?;
            let unknown = all().into_iter().filter(|partition| !committed.contains_key(partition)).collect();
            let ends = offsets_of(cluster, unknown, OffsetSpec::Latest).await?;
            return Ok(plan::to_current(partitions, &committed, &ends)?);
        }
        Err(options::no_scenario())
    }

    /// The time of `--to-datetime` or `--by-duration`, ms since 1970.
    fn timestamp(&self, world: &World<'_>) -> Result<Option<i64>, Exit> {
        if let Some(text) = &self.to_datetime {
            let time = datetime::date_time(text);
            let thrown =
                |fault: datetime::NoDateTime| Exception::new("java.lang.RuntimeException", fault.to_string());
            return Ok(Some(time.map_err(thrown)?));
        }
        let Some(text) = &self.by_duration else { return Ok(None) };
        let time = datetime::before(world.now_ms, text);
        let thrown = |fault: datetime::NoDuration| {
            Exception::new("java.time.format.DateTimeParseException", fault.to_string())
        };
        Ok(Some(time.map_err(thrown)?))
    }
}

fn is_not_found(thrown: &Exception) -> bool {
    thrown.message().starts_with(exception::class(ErrorCode::GroupIdNotFound))
}

/// The partitions whose offsets are meant; none with a file, which names them.
async fn partitions(
    group_id: &str,
    cluster: &Cluster,
    options: &Options,
) -> Result<Vec<TopicPartition>, Exit> {
    if options.has(&options::ALL_TOPICS) {
        let committed: Offsets = committed_places(cluster, group_id).await?.into_iter().collect();
        return Ok(committed.keys().cloned().collect());
    }
    if !options.has(&options::TOPIC) {
        return if options.has(&options::FROM_FILE) { Ok(Vec::new()) } else { Err(options::no_topics()) };
    }
    let (named, whole): (Vec<&str>, Vec<&str>) =
        options.values(&options::TOPIC).into_iter().partition(|argument| argument.contains(':'));
    let mut partitions = Vec::new();
    for argument in named {
        partitions.extend(topics::with_partitions(argument)?);
    }
    let names: BTreeSet<String> = whole.iter().map(|name| (*name).to_owned()).collect();
    let described: HashMap<String, _> = topics::describe(cluster, &names).await.into_iter().collect();
    for (topic, described) in described {
        // What a future throws here is unpacked: only its message is told.
        let described = described.map_err(|thrown| unpacked(&thrown))?;
        partitions.extend(described.partitions.iter().map(|p| TopicPartition::new(topic.as_str(), p.index)));
    }
    Ok(partitions)
}

/// The exception inside of what a future threw.
fn unpacked(thrown: &Exception) -> Exception {
    let text = thrown.message();
    let message = text.split_once(": ").map_or(text, |(_, message)| message);
    Exception::new(exception::KAFKA, message)
}

async fn committed_places(
    cluster: &Cluster,
    group_id: &str,
) -> Result<BTreeMap<TopicPartition, i64>, Exception> {
    let committed = committed(cluster, group_id).await?;
    Ok(committed.into_iter().map(|(partition, committed)| (partition, committed.offset)).collect())
}

/// All are there, and all are led by somebody.
async fn check_partitions(cluster: &Cluster, partitions: &[TopicPartition]) -> Result<(), Exit> {
    let topics = topics::describe_all(cluster, partitions.iter()).await.map_err(in_runtime)?;
    let named = |wanted: Option<bool>| {
        let matching = partitions.iter().filter(|partition| topics::has_leader(&topics, partition) == wanted);
        matching.map(TopicPartition::to_string).collect::<Vec<_>>().join(",")
    };
    let (missing, leaderless) = (named(None), named(Some(false)));
    let refuse = |error, partitions: &str, what| {
        let text = format!("The partitions \"{partitions}\" {what}");
        Err(Exception::of_code(error, Some(text)).into())
    };
    if !missing.is_empty() {
        return refuse(ErrorCode::UnknownTopicOrPartition, &missing, "do not exist");
    }
    if !leaderless.is_empty() {
        return refuse(ErrorCode::LeaderNotAvailable, &leaderless, "have no leader");
    }
    Ok(())
}

/// The plan within what the logs hold.
async fn clamped(plan: Offsets, cluster: &Cluster, world: &mut World<'_>) -> Result<Offsets, Exit> {
    const CLASS: &str = "org.apache.kafka.tools.GroupOffsetsResetter";
    let all = || plan.keys().cloned().collect::<BTreeSet<_>>();
    let starts = offsets_of(cluster, all(), OffsetSpec::Earliest).await?;
    let ends = offsets_of(cluster, all(), OffsetSpec::Latest).await?;
    let (plan, warnings) = plan::clamp(&plan, &starts, &ends);
    for warning in warnings {
        log::warn(world, CLASS, warning)?;
    }
    Ok(plan)
}

/// The first records since then; the end where there are none.
async fn at_time(
    timestamp: i64,
    partitions: &[TopicPartition],
    cluster: &Cluster,
    world: &mut World<'_>,
) -> Result<Offsets, Exit> {
    let all = partitions.iter().cloned().collect();
    let mut found = offsets_of(cluster, all, OffsetSpec::Timestamp(timestamp)).await?;
    let missing = found.iter().filter(|(_, offset)| **offset == UNKNOWN_OFFSET);
    let missing: HashMap<TopicPartition, ()> =
        missing.map(|(partition, _)| (partition.clone(), ())).collect();
    for TopicPartition { topic, partition } in missing.keys() {
        writeln!(
            world.out,
            "\nWarn: Partition {partition} from topic {topic} is empty. Falling back to latest known offset."
        )?;
    }
    let missing = missing.keys().cloned().collect();
    found.extend(offsets_of(cluster, missing, OffsetSpec::Latest).await?);
    Ok(plan::to_found(partitions, &found)?)
}

async fn from_file(
    path: &str,
    group_id: &str,
    cluster: &Cluster,
    options: &Options,
    world: &mut World<'_>,
) -> Result<Offsets, Exit> {
    let unreadable = |_| Exception::new("java.io.IOException", format!("Unable to read file {path}"));
    let text = std::fs::read(path).map_err(|fault| in_runtime(unreadable(fault)))?;
    let groups: Vec<String> = options.values(&options::GROUP).into_iter().map(str::to_owned).collect();
    let plan = csv::read_plan(&String::from_utf8_lossy(&text), &groups);
    let plan = plan.map_err(|fault| Exception::new("java.lang.RuntimeException", fault.to_string()))?;
    match plan.into_iter().find(|(group, _)| group == group_id) {
        Some((_, offsets)) => clamped(offsets, cluster, world).await,
        None => {
            print_error(&format!("No reset plan for group {group_id} found."), world)?;
            Ok(Offsets::default())
        }
    }
}

async fn execute(group_id: &str, plan: &Offsets, cluster: &Cluster) -> Result<(), Exception> {
    let offsets = plan.iter().map(|(partition, offset)| (partition.clone(), *offset)).collect();
    let codes = alter_offsets(cluster, group_id, &offsets).await;
    let codes = codes.map_err(|fault| of_group_call(fault, "offsetCommit"))?;
    let failed: HashMap<TopicPartition, ErrorCode> =
        codes.into_iter().filter(|(_, code)| !code.is_none()).collect();
    match failed.values().next() {
        None => Ok(()),
        Some(code) => {
            let partitions = java::list(failed.keys());
            let text = format!("Failed altering group offsets for the following partitions: {partitions}");
            Err(Exception::of_code(*code, Some(text)))
        }
    }
}

/// The plans as CSV, with an empty line behind them.
fn export(plans: &HashMap<String, Offsets>, options: &Options) -> String {
    let with_groups = options.values(&options::GROUP).len() != 1;
    let mut text = String::new();
    for (group_id, offsets) in plans.iter() {
        let group = with_groups.then_some(group_id.as_str());
        offsets.iter().for_each(|(partition, offset)| text.push_str(&csv::write(group, partition, *offset)));
    }
    text.push('\n');
    text
}
