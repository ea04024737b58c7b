//! `kafka-storage`: a log directory's identity and first records. Kafka: `StorageTool`, `Formatter`.
//!
//! Differences from Kafka 4.4, on purpose: keys of SCRAM users are not printed; directories are named in alphabetical order, where Kafka goes through a hash map; levels that are not
//! production are unknown to `format`; of a Java stack trace only the message is printed.

pub mod directories;
pub mod fault;
pub mod format;
pub mod fresh;
mod info;
pub(crate) mod scram;
mod versions;
mod voters;

use crate::World;
use crate::argparse::{Matches, Opt, Parsed, Parser, Takes, UsageFault, expand_files};
use fault::StorageFault;
use klamm_base::rng::random_uuid;
use klamm_config::parse_properties;
use klamm_config::settings::Settings;
use std::io;

const CONFIG: Opt = Opt::new("config", 'c', Takes::Value, "The properties file of the node.").required();

const STORAGE: Parser = Parser {
    prog: "kafka-storage",
    description: "Looks at and formats the log directories of a node.",
    options: &[],
    subcommands: &[
        ("info", "Say what the node's log directories hold."),
        ("format", "Make the node's log directories ready for their first start."),
        ("version-mapping", "Print the feature levels that belong to a release, by default the newest."),
        ("feature-dependencies", "Print what feature levels depend on."),
        ("random-uuid", "Print a random id."),
    ],
};

const INFO: Parser =
    Parser { prog: "kafka-storage info", description: "", options: &[CONFIG], subcommands: &[] };

const RANDOM_UUID: Parser =
    Parser { prog: "kafka-storage random-uuid", description: "", options: &[], subcommands: &[] };

/// One run of the tool: 0 or 1.
pub fn run(args: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let args = match expand_files(args, |path| std::fs::read_to_string(path).ok()) {
        Ok(args) => args,
        Err(fault) => return usage_fault(&STORAGE, &fault, world),
    };
    let (subcommand, args) = match STORAGE.subcommand(&args) {
        Ok(Some(found)) => found,
        Ok(None) => return help(&STORAGE, world),
        Err(fault) => return usage_fault(&STORAGE, &fault, world),
    };
    let parser = match subcommand {
        "info" => &INFO,
        "format" => &format::PARSER,
        "version-mapping" => &versions::MAPPING,
        "feature-dependencies" => &versions::DEPENDENCIES,
        _ => &RANDOM_UUID,
    };
    let matches = match parser.parse(args) {
        Ok(Parsed::Matches(matches)) => matches,
        Ok(Parsed::Help) => return help(parser, world),
        Err(fault) => return usage_fault(parser, &fault, world),
    };
    match perform(subcommand, &matches, world) {
        Ok(code) => Ok(code),
        Err(StorageFault::Print(error)) => Err(error),
        Err(fault) => writeln!(world.err, "{}{fault}", fault.thrown_as()).map(|()| 1),
    }
}

fn perform(subcommand: &str, matches: &Matches, world: &mut World<'_>) -> Result<u8, StorageFault> {
    match subcommand {
        "info" => info::info(&settings(matches)?, world),
        "format" => format::run(&settings(matches)?, matches, world).map(|()| 0),
        "version-mapping" => versions::mapping(matches, world.out).map(|()| 0),
        "feature-dependencies" => versions::dependencies(matches, world.out).map(|()| 0),
        _ => {
            writeln!(world.out, "{}", random_uuid(world.rng))?;
            Ok(0)
        }
    }
}

fn settings(matches: &Matches) -> Result<Settings, StorageFault> {
    let path = matches.value(CONFIG.long).unwrap_or_default();
    let text =
        std::fs::read(path).map_err(|source| StorageFault::Config { path: path.to_string(), source })?;
    Ok(Settings::for_tool(&parse_properties(&text)?)?)
}

fn help(parser: &Parser, world: &mut World<'_>) -> io::Result<u8> {
    write!(world.out, "{}", parser.help()).map(|()| 0)
}

fn usage_fault(parser: &Parser, fault: &UsageFault, world: &mut World<'_>) -> io::Result<u8> {
    write!(world.err, "{}", parser.fault(STORAGE.prog, fault)).map(|()| 1)
}
