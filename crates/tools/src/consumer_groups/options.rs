//! What the command line may hold, and which options go together (Kafka: `ConsumerGroupCommandOptions`).

use crate::World;
use crate::exit::Exit;
use crate::jopt::{Kind, Opt, Options, Parser, checks};

pub const BOOTSTRAP_SERVER: Opt =
    Opt::new("bootstrap-server", "The brokers to ask first. Needed for everything but --validate-regex.")
        .takes("server to connect to");
pub const GROUP: Opt = Opt::new("group", "A group; may be given several times.").takes("group id");
pub const TOPIC: Opt = Opt::new(
    "topic",
    "A topic whose offsets are reset or deleted, or some of its partitions, as in `topic:0,1,2`. May be given \
     several times.",
)
.takes("topic");
pub const ALL_TOPICS: Opt = Opt::new("all-topics", "Every topic that the group has offsets of.");
pub const LIST: Opt = Opt::new("list", "List the groups.");
pub const DESCRIBE: Opt =
    Opt::new("describe", "Show how far groups have read, and how many records are left.");
pub const ALL_GROUPS: Opt = Opt::new("all-groups", "Every group.");
pub const DELETE: Opt = Opt::new("delete", "Delete groups that have no members, with all of their offsets.");
pub const TIMEOUT: Opt =
    Opt::new("timeout", "How long to wait for the cluster.").takes("timeout (ms)").of(Kind::Long).or("30000");
pub const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of settings of the client.").takes("command config property file");
pub const RESET_OFFSETS: Opt = Opt::new(
    "reset-offsets",
    "Let groups without members go on somewhere else.\nIt is only shown where that would be unless --execute is \
     given; --export shows it as CSV.\nWhere: one of --to-datetime, --by-duration, --to-earliest, --to-latest, \
     --shift-by, --from-file, --to-current, --to-offset.\nWhat: --all-topics or --topic, unless it is in the file.",
);
pub const DELETE_OFFSETS: Opt = Opt::new("delete-offsets", "Delete a group's offsets of topics.");
pub const DRY_RUN: Opt = Opt::new("dry-run", "With --reset-offsets: show what would be done.");
pub const EXECUTE: Opt = Opt::new("execute", "With --reset-offsets: do it.");
pub const EXPORT: Opt = Opt::new("export", "With --reset-offsets: show it as CSV, for --from-file.");
pub const TO_OFFSET: Opt = Opt::new("to-offset", "To this offset.").takes("offset").of(Kind::Long);
pub const FROM_FILE: Opt = Opt::new("from-file", "To the offsets in a CSV file.").takes("path to CSV file");
pub const TO_DATETIME: Opt =
    Opt::new("to-datetime", "To the first record since then, in the form 'YYYY-MM-DDThh:mm:ss.sss'.")
        .takes("datetime");
pub const BY_DURATION: Opt =
    Opt::new("by-duration", "To the first record of the time from then to now, in the form 'PnDTnHnMnS'.")
        .takes("duration");
pub const TO_EARLIEST: Opt = Opt::new("to-earliest", "To the first record there is.");
pub const TO_LATEST: Opt = Opt::new("to-latest", "Behind the last record there is.");
pub const TO_CURRENT: Opt = Opt::new("to-current", "To where the group is already.");
pub const SHIFT_BY: Opt = Opt::new("shift-by", "By this many records, back if it is negative.")
    .takes("number-of-offsets")
    .of(Kind::Long);
pub const MEMBERS: Opt = Opt::new("members", "With --describe: show the members.").only_with(&["describe"]);
pub const VERBOSE: Opt = Opt::new("verbose", "With --describe: show more.").only_with(&["describe"]);
pub const OFFSETS: Opt =
    Opt::new("offsets", "With --describe: show the offsets, as without it.").only_with(&["describe"]);
pub const STATE: Opt = Opt::new(
    "state",
    "With --describe: show the state of the group.\nWith --list: show the states, or only the groups in some, as in \
     --state stable,empty.",
)
.may_take("")
.only_with(&["describe", "list"]);
pub const TYPE: Opt = Opt::new(
    "type",
    "With --list: show the types, or only the groups of some, as in --type classic,consumer.",
)
.may_take("")
.only_with(&["list"]);
pub const VALIDATE_REGEX: Opt =
    Opt::new("validate-regex", "Say whether a regular expression is one for RE2.").takes("regex");

pub const PARSER: Parser = Parser::new(&[
    BOOTSTRAP_SERVER,
    GROUP,
    TOPIC,
    ALL_TOPICS,
    LIST,
    DESCRIBE,
    ALL_GROUPS,
    DELETE,
    TIMEOUT,
    COMMAND_CONFIG,
    RESET_OFFSETS,
    DELETE_OFFSETS,
    DRY_RUN,
    EXECUTE,
    EXPORT,
    TO_OFFSET,
    FROM_FILE,
    TO_DATETIME,
    BY_DURATION,
    TO_EARLIEST,
    TO_LATEST,
    TO_CURRENT,
    SHIFT_BY,
    MEMBERS,
    VERBOSE,
    OFFSETS,
    STATE,
    TYPE,
    VALIDATE_REGEX,
]);

/// Where to reset offsets to; of these one is given at most.
const SCENARIOS: [&Opt; 8] =
    [&TO_OFFSET, &TO_DATETIME, &BY_DURATION, &TO_EARLIEST, &TO_LATEST, &TO_CURRENT, &SHIFT_BY, &FROM_FILE];

/// Reads the command line and holds it against the rules that Kafka checks before anything else.
///
/// # Errors
/// The end of the command.
pub fn parse(arguments: &[String], world: &mut World<'_>) -> Result<Options, Exit> {
    let options = PARSER.parse(arguments)?;
    checks::maybe_print_help_or_version(
        &options,
        "This tool helps to list, describe, delete and manage the offsets of consumer groups.",
    )?;
    if !options.has(&VALIDATE_REGEX) {
        checks::check_required_args(&options, &[&BOOTSTRAP_SERVER])?;
    }
    check_describe(&options)?;
    check_delete(&options)?;
    check_reset(&options, world)?;
    checks::check_invalid_args(&options, &GROUP, &[&ALL_GROUPS])?;
    checks::check_invalid_args(&options, &GROUP, &[&LIST])?;
    checks::check_invalid_args(&options, &TOPIC, &[&LIST, &DESCRIBE])?;
    Ok(options)
}

/// Exactly one action.
///
/// # Errors
/// The end of the command.
pub fn check_action(options: &Options) -> Result<(), Exit> {
    let actions = [&LIST, &DESCRIBE, &DELETE, &RESET_OFFSETS, &DELETE_OFFSETS, &VALIDATE_REGEX];
    if actions.iter().filter(|action| options.has(action)).count() == 1 {
        return Ok(());
    }
    let names: Vec<String> = actions.iter().map(|action| format!("--{}", action.name)).collect();
    Err(Exit::usage(format!("Command must include exactly one action: {}", names.join(", "))))
}

fn check_scope(options: &Options, action: &Opt) -> Result<(), Exit> {
    if !options.has(action) || options.has(&GROUP) || options.has(&ALL_GROUPS) {
        return Ok(());
    }
    Err(Exit::usage(format!("Option {action} takes one of these options: {GROUP}, {ALL_GROUPS}")))
}

fn check_describe(options: &Options) -> Result<(), Exit> {
    check_scope(options, &DESCRIBE)?;
    if !options.has(&DESCRIBE) {
        return Ok(());
    }
    let views = [&MEMBERS, &OFFSETS, &STATE];
    if views.iter().filter(|view| options.has(view)).count() > 1 {
        return Err(Exit::usage(format!(
            "Option {DESCRIBE} takes at most one of these options: {MEMBERS}, {OFFSETS}, {STATE}"
        )));
    }
    if options.value(&STATE)?.is_some() {
        return Err(Exit::usage(format!("Option {DESCRIBE} does not take a value for {STATE}")));
    }
    Ok(())
}

fn check_delete(options: &Options) -> Result<(), Exit> {
    check_scope(options, &DELETE)?;
    if options.has(&DELETE) && options.has(&TOPIC) {
        return Err(Exit::usage(
            "The consumer does not support topic-specific offset deletion from a consumer group.",
        ));
    }
    if options.has(&DELETE_OFFSETS) && !(options.has(&GROUP) && options.has(&TOPIC)) {
        return Err(Exit::usage(format!(
            "Option {DELETE_OFFSETS} takes the following options: {GROUP}, {TOPIC}"
        )));
    }
    Ok(())
}

fn check_reset(options: &Options, world: &mut World<'_>) -> Result<(), Exit> {
    if !options.has(&RESET_OFFSETS) {
        return Ok(());
    }
    match (options.has(&DRY_RUN), options.has(&EXECUTE)) {
        (true, true) => {
            return Err(Exit::usage(format!(
                "Option {RESET_OFFSETS} only accepts one of {EXECUTE} and {DRY_RUN}"
            )));
        }
        (false, false) => writeln!(
            world.err,
            "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command \
             will require either --dry-run or --execute to be specified. You should add the --dry-run option \
             explicitly if you are scripting this command and want to keep the current default behavior without \
             prompting."
        )?,
        _ => {}
    }
    check_scope(options, &RESET_OFFSETS)?;
    for scenario in SCENARIOS {
        let others: Vec<&Opt> = SCENARIOS.into_iter().filter(|other| other.name != scenario.name).collect();
        checks::check_invalid_args(options, scenario, &others)?;
    }
    Ok(())
}

/// The end of a reset that does not say where to.
pub fn no_scenario() -> Exit {
    // The order of a set, which differs from run to run in Java.
    let scenarios: Vec<String> = SCENARIOS.iter().map(ToString::to_string).collect();
    Exit::usage(format!(
        "Option '{RESET_OFFSETS}' requires one of the following scenarios: [{}]",
        scenarios.join(", ")
    ))
}

/// The end of a reset that does not say of what.
pub fn no_topics() -> Exit {
    Exit::usage("One of the reset scopes should be defined: --all-topics, --topic.")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use klamm_base::rng::SeededRng;
    use klamm_log::disk::sim::SimDisk;

    use super::*;

    /// What a command line ends in, and what was said before.
    fn end(line: &str) -> (String, String) {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let (mut out, mut err, mut rng) = (Vec::new(), Vec::new(), SeededRng::new(1));
        let mut world = World::new(&mut out, &mut err, Arc::new(SimDisk::new()), &mut rng, 0);
        let parsed = parse(&arguments, &mut world).and_then(|options| check_action(&options));
        let end = match parsed {
            Ok(()) => "fine".to_owned(),
            Err(Exit::Usage(message)) => message,
            Err(Exit::Option(fault)) => format!("thrown: {fault}"),
            Err(other) => format!("{other:?}"),
        };
        (end, String::from_utf8(err).expect("text"))
    }

    #[test]
    fn rules_end_in_kafkas_words() {
        let at = |rest: &str| end(&format!("--bootstrap-server s:1 {rest}")).0;
        let actions = "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, \
                       --delete-offsets, --validate-regex";
        assert_eq!(end("--list").0, "Missing required argument \"[bootstrap-server]\"");
        assert_eq!(end("--validate-regex a.*").0, "fine");
        assert_eq!(at(""), actions);
        assert_eq!(at("--list --describe --all-groups"), actions);
        assert_eq!(at("--describe"), "Option [describe] takes one of these options: [group], [all-groups]");
        assert_eq!(at("--delete"), "Option [delete] takes one of these options: [group], [all-groups]");
        let views = "Option [describe] takes at most one of these options: [members], [offsets], [state]";
        assert_eq!(at("--describe --group g --members --state"), views);
        let value = "Option [describe] does not take a value for [state]";
        assert_eq!(at("--describe --group g --state stable"), value);
        let topics = "The consumer does not support topic-specific offset deletion from a consumer group.";
        assert_eq!(at("--delete --group g --topic t"), topics);
        let offsets = "Option [delete-offsets] takes the following options: [group], [topic]";
        assert_eq!(at("--delete-offsets --group g"), offsets);
        let both = "Option [reset-offsets] only accepts one of [execute] and [dry-run]";
        assert_eq!(at("--reset-offsets --group g --dry-run --execute"), both);
        let clash = "Option \"[to-earliest]\" can't be used with option \"[to-latest]\"";
        assert_eq!(at("--reset-offsets --group g --dry-run --to-latest --to-earliest"), clash);
        assert_eq!(at("--list --group g"), "Option \"[group]\" can't be used with option \"[list]\"");
        let groups = "Option \"[group]\" can't be used with option \"[all-groups]\"";
        assert_eq!(at("--describe --group g --all-groups"), groups);
        assert_eq!(at("--list --topic t"), "Option \"[topic]\" can't be used with option \"[list]\"");
        let alone = "thrown: Option(s) [members] are unavailable given other options on the command line";
        assert_eq!(at("--list --members"), alone);
        for line in ["--list --state", "--list --state stable --type", "--describe --group g --state"] {
            assert_eq!(at(line), "fine", "{line}");
        }
    }

    #[test]
    fn a_reset_without_a_word_about_doing_it_is_warned_of() {
        let (end, warning) = end("--bootstrap-server s:1 --reset-offsets --group g");
        assert_eq!(end, "fine");
        assert!(warning.starts_with("WARN: No action will be performed as the --execute option is missing."));
        assert_eq!(super::tests::end("--bootstrap-server s:1 --reset-offsets --group g --execute").1, "");
    }
}
