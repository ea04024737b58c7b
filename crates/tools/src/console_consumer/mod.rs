//! `kafka-console-consumer`: shows the records of topics (Kafka: `ConsoleConsumer`).
//!
//! Differences from Kafka 4.4: only the classic group protocol; patterns of `--include` are those of the crate `regex`;
//! what is shown is handed to standard output when everything that has arrived was formatted, not record by record.
//!
//! - [`options`]: the command line; [`source`]: a partition, or a share of what a group reads
//! - [`formatter`]: records as lines; [`deserializer`], [`java_text`]: bytes as objects, objects as text
//! - [`coordinator_records`], [`message_json`]: records of Kafka's own topics as JSON

mod coordinator_records;
mod deserializer;
mod formatter;
mod java_text;
mod message_json;
mod options;
mod session;
mod source;

use std::io;

use klamm_base::TopicPartition;
use klamm_client::Cluster;
use klamm_client::consumer::Consumer;
use klamm_client::group::{GroupConsumer, Subscription};
use klamm_client::properties::{self, ConsumerSettings};
use regex::Regex;

use crate::World;
use crate::bootstrap;
use crate::connect;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::log;
use options::{ConsumerCommand, PARSER};
use session::Session;
use source::Source;

const CLASS: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";

/// One run of the tool: 0, 1, or 128 and the number of a signal.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let command = match ConsumerCommand::read(arguments, world) {
        Ok(command) => command,
        Err(exit) => return exit.report(&PARSER, world),
    };
    let consumed = match connect::block_on(consume(&command, world)) {
        Ok(consumed) => consumed,
        Err(exception) => Err(exception.into()),
    };
    let code = match consumed {
        Ok(code) => code,
        Err(exit) => report(exit, world)?,
    };
    if command.says_events() {
        writeln!(world.out, "shutdown_complete")?;
    }
    Ok(code)
}

/// What Kafka logs of whatever ended the run.
fn report(exit: Exit, world: &mut World<'_>) -> io::Result<u8> {
    let thrown = match exit {
        Exit::Option(fault) => format!("{}: {fault}", fault.class()),
        Exit::Exception(exception) => exception.to_string(),
        exit => return exit.report(&PARSER, world),
    };
    log::error(world, CLASS, "Unknown error when running consumer: ")?;
    writeln!(world.err, "{thrown}")?;
    Ok(1)
}

async fn consume(command: &ConsumerCommand, world: &mut World<'_>) -> Result<u8, Exit> {
    let settings = properties::consumer(&command.consumer_properties)
        .map_err(|fault| bootstrap::of_settings(&fault, "consumer"))?;
    connect::say_notes(&settings.notes, "org.apache.kafka.clients.consumer.ConsumerConfig", world)?;
    bootstrap::check_names(&settings.cluster, "consumer", world)?;
    if command.partition.is_none() {
        writeln!(
            world.err,
            "The consumer rebalance protocol (KIP-848) is production-ready! Set group.protocol=consumer to try it out. \
             See https://kafka.apache.org/documentation/#consumer_rebalance_protocol"
        )?;
    }
    let who = format!(
        "Consumer clientId={}, groupId={}",
        settings.cluster.connection.client_id,
        settings.group.as_ref().map_or("null", |group| &group.group_id)
    );
    let topic = command.topic()?.map(str::to_owned);
    let creates = settings.consumer.create_topics;
    let cluster = Cluster::new(settings.cluster.clone());
    let source = source(command, settings, &cluster)?;
    Session::new(command, cluster, source, who)?.run(topic.filter(|_| creates), world).await
}

fn source(command: &ConsumerCommand, settings: ConsumerSettings, cluster: &Cluster) -> Result<Source, Exit> {
    let topic = command.topic()?;
    let mut consumer = Consumer::new(cluster.clone(), settings.consumer);
    if let (Some(topic), Some(partition)) = (topic, command.partition) {
        consumer.assign([(TopicPartition::new(topic, partition), command.start)]);
        return Ok(Source::Alone(Box::new(consumer)));
    }
    let subscription = match topic {
        Some(topic) => Subscription::Topics([topic.to_owned()].into()),
        None => Subscription::Matching(pattern(command.include()?.unwrap_or_default())?),
    };
    let group = settings.group.ok_or_else(|| Exception::illegal_argument("group.id is not set"))?;
    Ok(Source::Member(Box::new(GroupConsumer::new(consumer, group, subscription))))
}

type Accepts = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// A pattern for whole names.
fn pattern(text: &str) -> Result<Accepts, Exception> {
    let none = |_| Exception::new("java.util.regex.PatternSyntaxException", format!("not a pattern: {text}"));
    Regex::new(text).map_err(none)?;
    let pattern = Regex::new(&format!("^(?:{text})$")).map_err(none)?;
    Ok(Box::new(move |name| pattern.is_match(name)))
}
