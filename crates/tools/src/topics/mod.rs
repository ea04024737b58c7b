//! `kafka-topics`: make, delete, describe and enlarge topics. Kafka: `TopicCommand`.
//!
//! - [`options`]: the flags; [`create`], [`alter`], [`describe`]: what takes more than a question
//! - [`names`]: the topics that `--topic` means; [`uuid`]: the one that `--topic-id` means

mod alter;
mod create;
mod describe;
mod names;
mod options;
mod uuid;

use std::io;

use klamm_client::admin::topics::{ByTopic, delete_topics};
use klamm_client::{ClientFault, Cluster};

use crate::World;
use crate::bootstrap::{command_config, report_message};
use crate::connect;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::Options;
use crate::log;
use options::{Action, COMMAND_CONFIG, PARSER, SERVER};

const LOGGER: &str = "org.apache.kafka.tools.TopicCommand";

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    match perform(arguments, world) {
        Ok(code) => Ok(code),
        Err(exit) => report_message(exit, &PARSER, world),
    }
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<u8, Exit> {
    let options = PARSER.parse(arguments)?;
    let action = options::check(&options, world)?;
    let mut properties = command_config(&options, &COMMAND_CONFIG)?;
    let servers = options.value(&SERVER)?.unwrap_or_default();
    properties.insert("bootstrap.servers".to_owned(), servers.to_owned());
    let cluster = connect::cluster(&properties, world)?;
    let exception = match connect::block_on(act(action, &options, &cluster, world))? {
        Ok(()) => return Ok(0),
        Err(Exit::Exception(exception)) => exception,
        Err(Exit::Option(fault)) => Exception::new(fault.class(), fault.to_string()),
        Err(exit) => return Err(exit),
    };
    writeln!(world.out, "Error while executing topic command : {}", exception.message())?;
    // Java's stack trace ends its lines.
    log::error(world, LOGGER, format_args!("{exception}\n"))?;
    Ok(1)
}

async fn act(
    action: Action,
    options: &Options,
    cluster: &Cluster,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    match action {
        Action::Create => create::create(options, cluster, world).await,
        Action::Alter => alter::alter(options, cluster).await,
        Action::List => {
            let names = names::matching(options, cluster).await?;
            Ok(writeln!(world.out, "{}", names.join("\n"))?)
        }
        Action::Describe => describe::describe(options, cluster, world).await,
        Action::Delete => {
            let names = names::existing(options, cluster).await?;
            if names.is_empty() {
                return Ok(());
            }
            all(delete_topics(cluster, &names).await, "deleteTopics")?;
            Ok(())
        }
    }
}

/// Every topic's result, or the first fault (Kafka: `KafkaFuture.allOf`).
fn all<T>(results: Result<ByTopic<T>, ClientFault>, call: &str) -> Result<Vec<(String, T)>, Exception> {
    let of_fault = |fault| Exception::of_fault(fault, call);
    let results = results.map_err(of_fault)?.into_iter();
    results.map(|(name, result)| Ok((name, result.map_err(of_fault)?))).collect()
}
