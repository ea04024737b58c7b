//! `kafka-log-dirs`: what lies in the log directories of brokers, as one line of JSON (Kafka: `LogDirsCommand`).

mod json;

use std::collections::BTreeSet;
use std::io;

use klamm_client::Cluster;
use klamm_client::admin::log_dirs::describe_log_dirs;
use klamm_client::admin::nodes::describe_cluster;

use crate::exception::Exception;
use crate::exit::Exit;
use crate::hash_map::HashMap;
use crate::jopt::{Opt, Options, Parser, checks};
use crate::{World, bootstrap, connect};

const BOOTSTRAP_SERVER: Opt = Opt::new("bootstrap-server", "REQUIRED: the brokers to ask first.")
    .takes("The server(s) to use for bootstrapping");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of settings of the client.").takes("Admin client property file");
const DESCRIBE: Opt = Opt::new("describe", "Show the directories of the brokers.");
const TOPIC_LIST: Opt =
    Opt::new("topic-list", "Topics to show, as in \"topic1,topic2\"; all of them without it.")
        .takes("Topic list")
        .or("");
const BROKER_LIST: Opt = Opt::new("broker-list", "Brokers to ask, as in \"0,1,2\"; all of them without it.")
    .takes("Broker list")
    .or("");
const PARSER: Parser = Parser::new(&[BOOTSTRAP_SERVER, COMMAND_CONFIG, DESCRIBE, TOPIC_LIST, BROKER_LIST]);

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    match perform(arguments, world) {
        Ok(()) => Ok(0),
        Err(exit) => bootstrap::report_message(exit, &PARSER, world),
    }
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let options = PARSER.parse(arguments)?;
    checks::maybe_print_help_or_version(
        &options,
        "This tool helps to query log directory usage on the specified brokers.",
    )?;
    checks::check_required_args(&options, &[&BOOTSTRAP_SERVER, &DESCRIBE])?;
    let mut properties = bootstrap::command_config(&options, &COMMAND_CONFIG)?;
    let servers = options.value(&BOOTSTRAP_SERVER)?.unwrap_or_default();
    properties.insert("bootstrap.servers".to_owned(), servers.to_owned());
    properties.entry("client.id".to_owned()).or_insert_with(|| "log-dirs-tool".to_owned());
    let cluster = connect::cluster(&properties, world)?;
    connect::block_on(show(&cluster, &options, world))?
}

async fn show(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    let topics: BTreeSet<&str> = words(options.value(&TOPIC_LIST)?).collect();
    let described = describe_cluster(cluster, false).await;
    let described = described.map_err(|fault| Exception::of_fault(fault, "listNodes").in_future())?;
    let there: HashMap<i32, ()> = described.nodes.iter().map(|node| (node.id, ())).collect();
    let wanted = broker_ids(options.value(&BROKER_LIST)?)?;
    let missing: Vec<&i32> = wanted.keys().filter(|id| !there.contains_key(id)).collect();
    if !missing.is_empty() {
        return Err(Exit::line(format!(
            "ERROR: The given brokers do not exist from --broker-list: {}. Current existent brokers: {}",
            joined(missing.into_iter()),
            joined(there.keys())
        )));
    }
    let asked = if wanted.is_empty() { there } else { wanted };
    writeln!(world.out, "Querying brokers for log directories information")?;
    let mut brokers = Vec::new();
    for broker_id in asked.keys() {
        let directories = describe_log_dirs(cluster, *broker_id).await;
        let directories =
            directories.map_err(|fault| Exception::of_fault(fault, "describeLogDirs").in_future())?;
        brokers.push((*broker_id, directories));
    }
    writeln!(world.out, "Received log directory information from brokers {}", joined(asked.keys()))?;
    writeln!(world.out, "{}", json::text(&brokers, &topics))?;
    Ok(())
}

fn words(list: Option<&str>) -> impl Iterator<Item = &str> {
    list.unwrap_or_default().split(',').filter(|word| !word.is_empty())
}

/// The ids of `0,1,2`, in the order of a hash set.
fn broker_ids(list: Option<&str>) -> Result<HashMap<i32, ()>, Exception> {
    let id = |word: &str| {
        let id = word.parse().map_err(|_| {
            Exception::new("java.lang.NumberFormatException", format!("For input string: \"{word}\""))
        })?;
        Ok((id, ()))
    };
    words(list).map(id).collect()
}

fn joined<'a>(ids: impl Iterator<Item = &'a i32>) -> String {
    ids.map(i32::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_numbers() {
        let ids = broker_ids(Some("2,,1,2,")).expect("numbers");
        assert_eq!(joined(ids.keys()), "1,2");
        let refused = broker_ids(Some("1,x")).expect_err("no number");
        assert_eq!(refused.message(), "For input string: \"x\"");
        assert!(broker_ids(Some("")).expect("nothing").is_empty());
    }
}
