//! The `kafka-*` commands, one folder each.
//!
//! A command takes its arguments and a [`World`] and gives an exit code: 0, or 1 for anything that went
//! wrong, usage errors included. What scripts parse is printed byte for byte as Kafka prints it; where
//! Kafka ends in a Java stack trace, only its first line is printed. Texts of `--help` are our own.
//!
//! Absent on purpose: the server. Commands read and write directories through the disk room, and speak to
//! clusters through `klamm-client`.
//!
//! - [`storage`]: `kafka-storage`, and formatting a fresh directory in process
//! - [`jopt`]: flags of the commands that Kafka wrote with joptsimple; [`argparse`]: those with argparse4j
//! - [`exit`]: how a command ends before its end; [`exception`]: what Kafka's tool would have thrown
//! - [`connect`]: the cluster behind `--bootstrap-server`; [`log`]: lines of Java's logger
//! - [`java`], [`hash_map`]: the few habits of Java that show in outputs; [`world`]: streams, disk, time
//!
//! # How to write a command
//!
//! A folder with a `mod.rs` and `pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8>`, and a row
//! in [`COMMANDS`]. Its options are constants; they name themselves `[topic]` in messages:
//!
//! ```
//! # use klamm_tools::{World, connect, exception::Exception, exit::Exit};
//! # use klamm_tools::jopt::{Kind, Opt, Options, Parser, checks};
//! # use std::io;
//! const SERVER: Opt = Opt::new("bootstrap-server", "The broker to ask first.").takes("server to connect to");
//! const COUNT: Opt = Opt::new("count", "How many.").takes("count").of(Kind::Integer).or("1");
//! const PARSER: Parser = Parser::new(&[SERVER, COUNT]);
//!
//! pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
//!     match perform(arguments, world) {
//!         Ok(()) => Ok(0),
//!         // What this command does differently from the others comes before:
//!         Err(Exit::Option(fault)) => Exit::usage(fault.to_string()).report(&PARSER, world),
//!         Err(exit) => exit.report(&PARSER, world),
//!     }
//! }
//!
//! fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
//!     let options = PARSER.parse(arguments)?;
//!     checks::maybe_print_help_or_version(&options, "This tool counts nodes.")?;
//!     checks::check_required_args(&options, &[&SERVER])?;
//!     let count = options.number::<usize>(&COUNT)?.unwrap_or_default();
//!     let mut properties = klamm_config::Properties::new(); // or connect::load_properties(file)?
//!     let server = options.value(&SERVER)?.unwrap_or_default();
//!     properties.insert("bootstrap.servers".to_owned(), server.to_owned());
//!     let cluster = connect::cluster(&properties, world)?;
//!     let nodes = connect::block_on(cluster.nodes())?;
//!     let nodes = nodes.map_err(|fault| Exception::of_fault(fault, "listNodes"))?;
//!     for node in nodes.iter().take(count) {
//!         writeln!(world.out, "{}", node.address)?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! `?` takes wrong options, exceptions and a standard output that is gone to [`exit::Exit`]. A value is looked at when it is
//! asked for, as in Kafka. The name of the call (`listNodes`) shows in time-outs: see Kafka's `KafkaAdminClient`.
//! Standard input is [`World::input`], or taken to a thread by [`World::take_input`].

pub mod argparse;
pub mod bootstrap;
pub mod broker_api_versions;
pub mod cluster;
pub mod configs;
pub mod connect;
pub mod console_consumer;
pub mod console_producer;
pub mod consumer_groups;
pub mod delete_records;
pub mod exception;
pub mod get_offsets;
pub mod hash_map;
pub mod interrupt;
pub mod java;
pub mod jopt;
pub mod log;
pub mod log_dirs;
pub mod server_stop;
pub mod storage;
pub mod topic_filter;
pub mod topics;
pub mod world;

pub use jopt::exit;
pub use world::World;

use klamm_base::rng::Rng;
use klamm_log::disk::real::RealDisk;
use std::io::{self, BufReader, IsTerminal};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

type Command = fn(&[String], &mut World<'_>) -> io::Result<u8>;

/// Every command by its bare name.
const COMMANDS: &[(&str, Command)] = &[
    ("kafka-broker-api-versions", broker_api_versions::run),
    ("kafka-cluster", cluster::run),
    ("kafka-configs", configs::run),
    ("kafka-console-consumer", console_consumer::run),
    ("kafka-console-producer", console_producer::run),
    ("kafka-consumer-groups", consumer_groups::run),
    ("kafka-delete-records", delete_records::run),
    ("kafka-get-offsets", get_offsets::run),
    ("kafka-log-dirs", log_dirs::run),
    ("kafka-server-stop", server_stop::run),
    ("kafka-storage", storage::run),
    ("kafka-topics", topics::run),
];

/// The command that `name` means: a bare name, `name.sh`, `name.bat`, each with or without a path.
fn command(name: &str) -> Option<Command> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
    COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, command)| *command)
}

/// Whether [`run`] knows `name`, which may be `argv[0]` or the first argument.
pub fn is_tool(name: &str) -> bool {
    command(name).is_some()
}

/// The names of all commands, for a help text.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _)| *name)
}

/// Runs the command called `name` on the real disk, with standard output and error. `args` are those
/// behind the name.
pub fn run(name: &str, args: &[String], rng: &mut dyn Rng) -> ExitCode {
    let Some(command) = command(name) else {
        eprintln!("{name} is no command of klamm");
        return ExitCode::FAILURE;
    };
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
    let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
    let mut world = World::new(&mut out, &mut err, RealDisk::shared(), rng, now_ms);
    world.is_interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    world.input = Box::new(BufReader::new(io::stdin()));
    // A reader that has gone away is no reason to speak.
    command(args, &mut world).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_by_many_names() {
        for name in [
            "kafka-storage",
            "kafka-storage.sh",
            "/opt/kafka/bin/kafka-storage.sh",
            "C:\\bin\\kafka-storage.bat",
        ] {
            assert!(is_tool(name), "{name}");
        }
        for name in ["storage", "kafka-storage.py", "kafka-storage.sh.sh", "klamm", ""] {
            assert!(!is_tool(name), "{name}");
        }
    }
}
