//! `kafka-delete-records`: deletes the oldest records of partitions (Kafka: `DeleteRecordsCommand`).
//!
//! Partitions are told in alphabetical order; Kafka's order is another one in every run.
//!
//! - [`json`]: the file that says which records go

mod json;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use klamm_base::{ErrorCode, TopicPartition};
use klamm_client::admin::records;
use klamm_client::{ClientFault, Cluster};

use crate::World;
use crate::bootstrap;
use crate::connect;
use crate::exception::{Exception, TIMEOUT};
use crate::exit::Exit;
use crate::jopt::{Opt, Parser, checks};

const BOOTSTRAP_SERVER: Opt = Opt::new("bootstrap-server", "REQUIRED: The broker to ask first.")
    .takes("server(s) to use for bootstrapping");
const OFFSET_JSON_FILE: Opt = Opt::new(
    "offset-json-file",
    "REQUIRED: The first offset that each partition keeps:\n{\"partitions\":\n  [{\"topic\": \"foo\", \
     \"partition\": 1, \"offset\": 1}],\n \"version\":1\n}",
)
.takes("Offset json file path");
const COMMAND_CONFIG: Opt = Opt::new("command-config", "A file of settings of the client.")
    .takes("command config property file path");
const PARSER: Parser = Parser::new(&[BOOTSTRAP_SERVER, OFFSET_JSON_FILE, COMMAND_CONFIG]);

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    match perform(arguments, world) {
        Ok(()) => Ok(0),
        Err(exit) => bootstrap::report_message(exit, &PARSER, world),
    }
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let options = PARSER.parse(arguments)?;
    let purpose = "This tool helps to delete records of the given partitions down to the specified offset.";
    checks::maybe_print_help_or_version(&options, purpose)?;
    checks::check_required_args(&options, &[&BOOTSTRAP_SERVER, &OFFSET_JSON_FILE])?;
    let mut properties = bootstrap::command_config(&options, &COMMAND_CONFIG)?;
    let servers = options.value(&BOOTSTRAP_SERVER)?.unwrap_or_default();
    properties.insert("bootstrap.servers".to_owned(), servers.to_owned());
    let cluster = connect::cluster(&properties, world)?;
    let path = options.value(&OFFSET_JSON_FILE)?.unwrap_or_default();
    let text = std::fs::read(path)
        .map_err(|_| Exception::new("java.io.IOException", format!("Unable to read file {path}")))?;
    let before = before_offsets(&String::from_utf8_lossy(&text))?;
    connect::block_on(delete(&cluster, &before, world))??;
    Ok(())
}

fn before_offsets(text: &str) -> Result<BTreeMap<TopicPartition, i64>, Exception> {
    let mut before = BTreeMap::new();
    let mut duplicates = BTreeSet::new();
    for (partition, offset) in json::parse(text)? {
        if before.insert(partition.clone(), offset).is_some() {
            duplicates.insert(partition);
        }
    }
    if duplicates.is_empty() {
        return Ok(before);
    }
    let duplicates: Vec<String> = duplicates.iter().map(TopicPartition::to_string).collect();
    let message = format!("Offset json file contains duplicate topic partitions: {}", duplicates.join(","));
    Err(Exception::new("org.apache.kafka.tools.AdminCommandFailedException", message))
}

async fn delete(
    cluster: &Cluster,
    before: &BTreeMap<TopicPartition, i64>,
    world: &mut World<'_>,
) -> io::Result<()> {
    writeln!(world.out, "Executing records delete operation")?;
    writeln!(world.out, "Records delete operation completed:")?;
    world.out.flush()?;
    for (partition, deleted) in records::delete_records(cluster, before).await {
        match deleted {
            Ok(low_watermark) => {
                writeln!(world.out, "partition: {partition}\tlow_watermark: {low_watermark}")?;
            }
            Err(fault) => {
                let exception = exception(cluster, fault);
                writeln!(world.out, "partition: {partition}\terror: {exception}")?;
            }
        }
    }
    Ok(())
}

/// Kafka goes on looking for a partition that is not there until the time is over, and speaks of the time only.
fn exception(cluster: &Cluster, fault: ClientFault) -> Exception {
    let api = match fault.error_code() {
        Some(ErrorCode::UnknownTopicOrPartition | ErrorCode::LeaderNotAvailable) => "METADATA",
        _ if fault.is_retriable() => "DELETE_RECORDS",
        _ => return Exception::of_fault(fault, "deleteRecords"),
    };
    let waited_ms = cluster.options().api_timeout.as_millis();
    let call = format!("Call(callName=deleteRecords(api={api})) timed out after {waited_ms} ms: {fault}");
    Exception::new(TIMEOUT, call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_has_one_offset() {
        let twice = r#"{"partitions":[{"topic":"b","partition":0,"offset":3},{"topic":"a","partition":0,"offset":3},
            {"topic":"b","partition":0,"offset":3},{"topic":"a","partition":0,"offset":4}]}"#;
        let refused = before_offsets(twice).expect_err("duplicates");
        assert_eq!(refused.message(), "Offset json file contains duplicate topic partitions: a-0,b-0");
    }
}
