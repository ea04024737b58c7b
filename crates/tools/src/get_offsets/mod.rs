//! `kafka-get-offsets`: first, last and other offsets of partitions (Kafka: `GetOffsetShell`).
//!
//! - [`filter`]: which partitions are meant

mod filter;

use std::collections::BTreeMap;
use std::io;

use klamm_base::TopicPartition;
use klamm_client::admin::{records, topics};
use klamm_client::consumer::{IsolationLevel, OffsetSpec};
use klamm_client::{ClientFault, Cluster};

use crate::World;
use crate::bootstrap;
use crate::connect;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::{Opt, Options, Parser, checks};
use crate::log;
use filter::TopicPartitionFilter;

const PURPOSE: &str = "An interactive shell for getting topic-partition offsets.";

const BOOTSTRAP_SERVER: Opt =
    Opt::new("bootstrap-server", "REQUIRED: Brokers to ask first, HOST1:PORT1,HOST2:PORT2.")
        .takes("HOST1:PORT1,...,HOST3:PORT3");
const TOPIC_PARTITIONS: Opt = Opt::new(
    "topic-partitions",
    "What to look at, TOPIC:PARTITIONS each; the topic is a pattern, or every topic when it is missing; the \
     partitions are one number, FROM-TO without TO, FROM-, -TO, or all when they are missing.",
)
.takes("topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3");
const TOPIC: Opt =
    Opt::new("topic", "The topic, or a pattern for several; all without it. Not with --topic-partitions.")
        .takes("topic");
const PARTITIONS: Opt =
    Opt::new("partitions", "Numbers of partitions; all without it. Not with --topic-partitions.")
        .takes("partition ids");
const TIME: Opt = Opt::new("time", "The first offset that is not older, or a place by its name.")
    .takes(
        "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or \
         latest-tiered / -6 or earliest-pending-upload",
    )
    .or("latest");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of settings of the client.").takes("config file");
const EXCLUDE_INTERNAL_TOPICS: Opt = Opt::new("exclude-internal-topics", "Leave Kafka's own topics out.");

const PARSER: Parser = Parser::new(&[
    BOOTSTRAP_SERVER,
    TOPIC_PARTITIONS,
    TOPIC,
    PARTITIONS,
    TIME,
    COMMAND_CONFIG,
    EXCLUDE_INTERNAL_TOPICS,
]);

/// Partitions that one answer to a question about topics holds at most.
const PARTITIONS_PER_ANSWER: i32 = 2000;

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let said = match perform(arguments, world) {
        Ok(()) => return Ok(0),
        Err(Exit::Option(fault)) => fault.to_string(),
        Err(Exit::Exception(exception)) => exception.message().to_owned(),
        Err(exit) => return exit.report(&PARSER, world),
    };
    writeln!(world.err, "Error occurred: {said}")?;
    Ok(1)
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let options = PARSER.parse(arguments)?;
    checks::maybe_print_help_or_version(&options, PURPOSE)?;
    checks::check_required_args(&options, &[&BOOTSTRAP_SERVER])?;
    let servers = options.value(&BOOTSTRAP_SERVER)?;
    bootstrap::validate_servers(servers)?;
    if options.has(&TOPIC_PARTITIONS) && (options.has(&TOPIC) || options.has(&PARTITIONS)) {
        return Err(terse("--topic-partitions cannot be used with --topic or --partitions").into());
    }
    let spec = offset_spec(options.value(&TIME)?.unwrap_or_default())?;
    let filter = filter(&options)?;
    let mut properties = bootstrap::command_config(&options, &COMMAND_CONFIG)?;
    properties.insert("bootstrap.servers".to_owned(), servers.unwrap_or_default().to_owned());
    properties.insert("client.id".to_owned(), "GetOffsetShell".to_owned());
    let cluster = connect::cluster(&properties, world)?;
    let is_internal_left_out = options.has(&EXCLUDE_INTERNAL_TOPICS);
    connect::block_on(print_offsets(&cluster, &filter, is_internal_left_out, spec, world))?
}

fn terse(message: impl Into<String>) -> Exception {
    Exception::new("org.apache.kafka.tools.TerseException", message)
}

fn filter(options: &Options) -> Result<TopicPartitionFilter, Exit> {
    Ok(match options.value(&TOPIC_PARTITIONS)? {
        Some(rules) => TopicPartitionFilter::of_rules(rules)?,
        None => TopicPartitionFilter::of_topic(options.value(&TOPIC)?, options.value(&PARTITIONS)?)?,
    })
}

fn offset_spec(text: &str) -> Result<OffsetSpec, Exception> {
    const NAMED: [(&str, OffsetSpec); 6] = [
        ("latest", OffsetSpec::Latest),
        ("earliest", OffsetSpec::Earliest),
        ("max-timestamp", OffsetSpec::MaxTimestamp),
        ("earliest-local", OffsetSpec::EarliestLocal),
        ("latest-tiered", OffsetSpec::LatestTiered),
        ("earliest-pending-upload", OffsetSpec::EarliestPendingUpload),
    ];
    if let Some((_, spec)) = NAMED.into_iter().find(|(name, _)| *name == text) {
        return Ok(spec);
    }
    let Ok(timestamp) = text.parse::<i64>() else {
        let names = "-1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / -5 or \
                     latest-tiered / -6 or earliest-pending-upload, or a specified long format timestamp";
        return Err(terse(format!("Malformed time argument {text}. Please use {names}")));
    };
    let special = NAMED.into_iter().find(|(_, spec)| spec.timestamp() == timestamp);
    Ok(special.map_or(OffsetSpec::Timestamp(timestamp), |(_, spec)| spec))
}

async fn print_offsets(
    cluster: &Cluster,
    filter: &TopicPartitionFilter,
    is_internal_left_out: bool,
    spec: OffsetSpec,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    let partitions = partitions(cluster, filter, is_internal_left_out).await?;
    if partitions.is_empty() {
        return Err(terse("Could not match any topic-partitions with the specified filters").into());
    }
    let wanted = partitions.into_iter().map(|partition| (partition, spec)).collect();
    let found = records::list_offsets(cluster, &wanted, IsolationLevel::ReadUncommitted).await;
    let mut by_name = BTreeMap::new();
    for (partition, found) in found {
        match found {
            Ok(found) if found.offset >= 0 => {
                by_name.insert(partition.to_string(), (partition, found.offset));
            }
            Ok(_) => {}
            Err(fault) => say_skipped(&partition, fault, world)?,
        }
    }
    for (TopicPartition { topic, partition }, offset) in by_name.into_values() {
        writeln!(world.out, "{topic}:{partition}:{offset}")?;
    }
    Ok(())
}

fn say_skipped(partition: &TopicPartition, fault: ClientFault, world: &mut World<'_>) -> io::Result<()> {
    if let Some(error) = fault.error_code() {
        let who = "[AdminClient clientId=GetOffsetShell] ListOffsets request for topic partition";
        let text = format!("{who} {partition} failed due to an unexpected error {}", error.name());
        log::error(world, "org.apache.kafka.clients.admin.internals.ListOffsetsHandler", text)?;
    }
    let exception = Exception::of_fault(fault, "listOffsets");
    writeln!(world.err, "Skip getting offsets for topic-partition {partition} due to error: {exception}")
}

async fn partitions(
    cluster: &Cluster,
    filter: &TopicPartitionFilter,
    is_internal_left_out: bool,
) -> Result<Vec<TopicPartition>, Exception> {
    let failed = |call: &'static str| move |fault| Exception::of_fault(fault, call).in_future();
    let listed = topics::list_topics(cluster).await.map_err(failed("listTopics"))?;
    let listed = listed.into_iter().filter(|topic| !(topic.is_internal && is_internal_left_out));
    let names: Vec<String> =
        listed.map(|topic| topic.name).filter(|name| filter.allows_topic(name)).collect();
    let described = topics::describe_topics(cluster, &names, PARTITIONS_PER_ANSWER).await;
    let mut partitions = Vec::new();
    for (topic, described) in described.map_err(failed("describeTopics"))? {
        let described = described.map_err(failed("describeTopics"))?;
        let indexes = described.partitions.into_iter().map(|partition| partition.index);
        let allowed = indexes.filter(|index| filter.allows(&topic, *index));
        partitions.extend(allowed.map(|index| TopicPartition::new(topic.as_str(), index)));
    }
    Ok(partitions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_names_and_numbers() {
        for (text, spec) in [
            ("latest", OffsetSpec::Latest),
            ("-1", OffsetSpec::Latest),
            ("-2", OffsetSpec::Earliest),
            ("max-timestamp", OffsetSpec::MaxTimestamp),
            ("-6", OffsetSpec::EarliestPendingUpload),
            ("0", OffsetSpec::Timestamp(0)),
            ("-7", OffsetSpec::Timestamp(-7)),
            ("+5", OffsetSpec::Timestamp(5)),
        ] {
            assert_eq!(offset_spec(text), Ok(spec), "{text}");
        }
        let refused = offset_spec("Latest").expect_err("names are exact");
        assert!(
            refused.message().starts_with("Malformed time argument Latest. Please use -1 or latest / -2 ")
        );
    }
}
