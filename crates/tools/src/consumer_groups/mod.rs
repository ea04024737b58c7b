//! `kafka-consumer-groups`: which groups there are, how far they have read, and where they go on
//! (Kafka: `ConsumerGroupCommand`).
//!
//! Whatever goes wrong once the command line is understood is told on standard output, with code 0.
//!
//! - [`options`]: flags and their rules; [`filters`]: states and types; [`topics`]: partitions as they are named
//! - [`list`], [`describe`], [`delete`], [`reset`]: the actions; [`tables`]: what they print
//! - [`plan`]: where groups go on; [`csv`]: plans as files; [`datetime`]: times; [`regex`]: RE2's expressions
//!
//! Differences from Kafka, on purpose: of a Java stack trace only the first line is printed; sets whose order differs
//! from run to run there have one order here.

mod csv;
mod datetime;
mod delete;
mod describe;
mod filters;
mod list;
mod options;
mod plan;
mod regex;
mod reset;
mod tables;
mod topics;

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use klamm_base::TopicPartition;
use klamm_client::admin::groups::committed_offsets;
use klamm_client::group::commits::Committed;
use klamm_client::{ClientFault, Cluster, ClusterOptions};
use klamm_config::Properties;

use crate::exception::{Exception, ILLEGAL_ARGUMENT, TIMEOUT};
use crate::exit::Exit;
use crate::jopt::Options;
use crate::{World, connect};
use options::PARSER;

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let options = match options::parse(arguments, world) {
        Ok(options) => options,
        Err(exit) => return exit.report(&PARSER, world),
    };
    let failed = match perform(&options, world) {
        Ok(()) => return Ok(0),
        Err(Exit::Exception(exception)) if exception.class == ILLEGAL_ARGUMENT => {
            return Exit::usage(exception.message()).report(&PARSER, world);
        }
        Err(Exit::Exception(exception)) => exception,
        Err(Exit::Option(fault)) => Exception::new(fault.class(), fault.to_string()),
        Err(exit) => return exit.report(&PARSER, world),
    };
    let message = format!("Executing consumer group command failed due to {}", failed.message());
    print_error(&message, world)?;
    writeln!(world.err, "{failed}")?;
    Ok(0)
}

fn perform(options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    options::check_action(options)?;
    if let Some(expression) = options.value(&options::VALIDATE_REGEX)? {
        return validate(expression, world);
    }
    let cluster = cluster(options, world)?;
    connect::block_on(act(&cluster, options, world))?
}

async fn act(cluster: &Cluster, options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    // Kafka reads these before it does anything, whatever it is to do.
    let reset = reset::Request::of(options)?;
    if options.has(&options::LIST) {
        list::run(cluster, options, world).await
    } else if options.has(&options::DESCRIBE) {
        describe::run(cluster, options, world).await
    } else if options.has(&options::DELETE) {
        delete::groups(cluster, options, world).await
    } else if options.has(&options::RESET_OFFSETS) {
        reset.run(cluster, options, world).await
    } else {
        delete::offsets(cluster, options, world).await
    }
}

fn validate(expression: &str, world: &mut World<'_>) -> Result<(), Exit> {
    match regex::validate(expression) {
        Ok(()) => writeln!(world.out, "The regular expression `{expression}` is valid.")?,
        Err(invalid) => {
            writeln!(world.out, "The regular expression `{expression}` is invalid: {invalid}.")?;
        }
    }
    Ok(())
}

/// The cluster, with as much patience as `--timeout` says.
fn cluster(options: &Options, world: &mut World<'_>) -> Result<Cluster, Exit> {
    let mut properties = match options.value(&options::COMMAND_CONFIG)? {
        Some(path) => connect::load_properties(path).map_err(in_runtime)?,
        None => Properties::new(),
    };
    let servers = options.value(&options::BOOTSTRAP_SERVER)?.unwrap_or_default();
    properties.insert("bootstrap.servers".to_owned(), servers.to_owned());
    let cluster = connect::cluster(&properties, world)?;
    let timeout_ms = options.number::<i64>(&options::TIMEOUT)?.unwrap_or_default();
    let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or_default());
    let mut patience: ClusterOptions = cluster.options().clone();
    patience.api_timeout = timeout;
    patience.connection.request_timeout = patience.connection.request_timeout.min(timeout);
    Ok(Cluster::new(patience))
}

/// `Error: ...` below an empty line, on standard output.
fn print_error(message: &str, world: &mut World<'_>) -> io::Result<()> {
    writeln!(world.out, "\nError: {message}")
}

/// What a Java exception that was caught and thrown again looks like.
fn in_runtime(exception: Exception) -> Exception {
    Exception::new("java.lang.RuntimeException", exception.to_string())
}

/// What the call that Kafka names so throws. Patience ends where the coordinator is looked for.
fn of_group_call(fault: ClientFault, call: &str) -> Exception {
    match fault {
        ClientFault::TimedOut { .. } | ClientFault::Disconnected { .. } | ClientFault::Unreachable { .. } => {
            let text = format!("Timed out waiting for a node assignment. Call: {call}(api=FIND_COORDINATOR)");
            Exception::new(TIMEOUT, text)
        }
        fault => Exception::of_fault(fault, call),
    }
}

/// The groups that are meant: those named, or all there are.
async fn chosen_groups(cluster: &Cluster, options: &Options) -> Result<Vec<String>, Exit> {
    if options.has(&options::ALL_GROUPS) {
        return Ok(list::all(cluster).await?);
    }
    Ok(options.values(&options::GROUP).into_iter().map(str::to_owned).collect())
}

/// What a group has committed.
async fn committed(
    cluster: &Cluster,
    group_id: &str,
) -> Result<BTreeMap<TopicPartition, Committed>, Exception> {
    let offsets = committed_offsets(cluster, group_id).await;
    offsets.map_err(|fault| in_runtime(of_group_call(fault, "offsetFetch").in_future()))
}
