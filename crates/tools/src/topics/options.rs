//! The flags of `kafka-topics`, and which of them go together.

use crate::World;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::{Kind, Opt, Options, Parser, checks};

pub const SERVER: Opt = Opt::new("bootstrap-server", "REQUIRED: a broker to ask first, or several.")
    .takes("server to connect to");
pub const COMMAND_CONFIG: Opt = Opt::new("command-config", "A properties file with settings of the client.")
    .takes("command config property file");
pub const LIST: Opt = Opt::new("list", "Print the names of topics.");
pub const CREATE: Opt = Opt::new("create", "Make a topic.");
pub const DELETE: Opt = Opt::new("delete", "Delete topics.");
pub const ALTER: Opt =
    Opt::new("alter", "Give topics more partitions. Their settings are changed by kafka-configs.");
pub const DESCRIBE: Opt = Opt::new("describe", "Print partitions, replicas and settings of topics.");
pub const TOPIC: Opt =
    Opt::new("topic", "The topic; for everything but --create also a regular expression.").takes("topic");
pub const TOPIC_ID: Opt = Opt::new("topic-id", "The topic to describe, by its id.").takes("topic-id");
pub const CONFIG: Opt = Opt::new(
    "config",
    "A setting of the new topic, with --create; may be repeated. Settings of topics that are there are changed by \
     kafka-configs.",
)
.takes("name=value");
pub const DELETE_CONFIG: Opt = Opt::new("delete-config", "Means nothing since 4.0.").takes("name");
pub const PARTITIONS: Opt = Opt::new(
    "partitions",
    "How many partitions the topic gets (with --create; else the cluster decides) or has afterwards (with --alter). \
     More partitions change where keys go.",
)
.takes("# of partitions")
.of(Kind::Integer);
pub const REPLICATION_FACTOR: Opt = Opt::new(
    "replication-factor",
    "How many replicas each partition of the new topic gets; else the cluster decides.",
)
.takes("replication factor")
.of(Kind::Integer);
pub const REPLICA_ASSIGNMENT: Opt =
    Opt::new("replica-assignment", "Which brokers hold which partition, by hand.").takes(
        "broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : \
         broker_id_for_part2_replica2 , ...",
    );
pub const UNDER_REPLICATED: Opt =
    Opt::new("under-replicated-partitions", "Describe only partitions of which a replica is not in sync.");
pub const UNAVAILABLE: Opt =
    Opt::new("unavailable-partitions", "Describe only partitions whose leader is not there.");
pub const UNDER_MIN_ISR: Opt = Opt::new(
    "under-min-isr-partitions",
    "Describe only partitions that have fewer replicas in sync than they should.",
);
pub const AT_MIN_ISR: Opt = Opt::new(
    "at-min-isr-partitions",
    "Describe only partitions that have just as many replicas in sync as they should.",
);
pub const WITH_OVERRIDES: Opt =
    Opt::new("topics-with-overrides", "Describe only topics with settings of their own.");
pub const IF_EXISTS: Opt =
    Opt::new("if-exists", "It is no error when the topic to alter, delete or describe is not there.");
pub const IF_NOT_EXISTS: Opt =
    Opt::new("if-not-exists", "It is no error when the topic to create is there already.");
pub const EXCLUDE_INTERNAL: Opt =
    Opt::new("exclude-internal", "List or describe without the topics that Kafka made for itself.");
pub const LIMIT: Opt = Opt::new(
    "partition-size-limit-per-response",
    "How many partitions the broker may put into one answer to --describe.",
)
.takes("maximum number of partitions per response")
.of(Kind::Integer);

pub const PARSER: Parser = Parser::new(&[
    SERVER,
    COMMAND_CONFIG,
    LIST,
    CREATE,
    DELETE,
    ALTER,
    DESCRIBE,
    TOPIC,
    TOPIC_ID,
    CONFIG,
    DELETE_CONFIG,
    PARTITIONS,
    REPLICATION_FACTOR,
    REPLICA_ASSIGNMENT,
    UNDER_REPLICATED,
    UNAVAILABLE,
    UNDER_MIN_ISR,
    AT_MIN_ISR,
    WITH_OVERRIDES,
    IF_EXISTS,
    IF_NOT_EXISTS,
    EXCLUDE_INTERNAL,
    LIMIT,
]);

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    List,
    Alter,
    Describe,
    Delete,
}

const ACTIONS: [(Opt, Action); 5] = [
    (CREATE, Action::Create),
    (LIST, Action::List),
    (ALTER, Action::Alter),
    (DESCRIBE, Action::Describe),
    (DELETE, Action::Delete),
];

/// Kafka: `TopicCommandOptions.checkArgs`.
///
/// # Errors
/// The end of the command.
pub fn check(options: &Options, world: &mut World<'_>) -> Result<Action, Exit> {
    if options.is_empty() {
        return Err(Exit::usage("Create, delete, describe, or change a topic."));
    }
    checks::maybe_print_help_or_version(
        options,
        "This tool helps to create, delete, describe, or change a topic.",
    )?;
    let mut given = ACTIONS.iter().filter(|(option, _)| options.has(option));
    let (Some((_, action)), None) = (given.next(), given.next()) else {
        return Err(Exit::usage(
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
        ));
    };
    if options.has(&DELETE_CONFIG) {
        writeln!(
            world.err,
            "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully \
             removed in future releases."
        )?;
    }
    check_required(options, *action, world)?;
    check_combinations(options)?;
    Ok(*action)
}

fn check_required(options: &Options, action: Action, world: &mut World<'_>) -> Result<(), Exit> {
    if !options.has(&SERVER) {
        return Err(Exception::illegal_argument("--bootstrap-server must be specified").into());
    }
    if action == Action::Describe && options.has(&IF_EXISTS) {
        if !options.has(&TOPIC) && !options.has(&TOPIC_ID) {
            return Err(Exit::usage("--topic or --topic-id is required to describe a topic"));
        }
        if options.has(&TOPIC) && options.has(&TOPIC_ID) {
            writeln!(
                world.out,
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not \
                 Uuid.ZERO_UUID"
            )?;
        }
    }
    if !matches!(action, Action::List | Action::Describe) {
        checks::check_required_args(options, &[&TOPIC])?;
    }
    if action == Action::Alter {
        let elsewhere = " (To alter topic configurations, the kafka-configs tool can be used.)";
        checks::check_invalid_args_set(options, &[&CONFIG, &SERVER], &[&ALTER], elsewhere)?;
        checks::check_required_args(options, &[&PARTITIONS])?;
    }
    Ok(())
}

/// Kafka: `checkInvalidArgs`.
fn check_combinations(options: &Options) -> Result<(), Exit> {
    check_actions(options, &CONFIG, &[], &[&ALTER, &CREATE])?;
    check_actions(options, &PARTITIONS, &[], &[&ALTER, &CREATE])?;
    check_actions(options, &REPLICATION_FACTOR, &[], &[&CREATE])?;
    check_actions(options, &REPLICA_ASSIGNMENT, &[], &[&ALTER, &CREATE])?;
    if options.has(&CREATE) {
        checks::check_invalid_args(options, &REPLICA_ASSIGNMENT, &[&PARTITIONS, &REPLICATION_FACTOR])?;
    }
    let reports = [&UNDER_REPLICATED, &UNDER_MIN_ISR, &AT_MIN_ISR, &UNAVAILABLE];
    for report in reports {
        check_actions(options, report, &[&WITH_OVERRIDES], &[&DESCRIBE])?;
    }
    check_actions(options, &WITH_OVERRIDES, &reports, &[&DESCRIBE])?;
    check_actions(options, &IF_EXISTS, &[], &[&ALTER, &DELETE, &DESCRIBE])?;
    check_actions(options, &IF_NOT_EXISTS, &[], &[&CREATE])?;
    check_actions(options, &EXCLUDE_INTERNAL, &[], &[&LIST, &DESCRIBE])
}

/// `used` goes with no action but those, and with none of `others`.
fn check_actions(options: &Options, used: &Opt, others: &[&Opt], actions: &[&Opt]) -> Result<(), Exit> {
    let foreign = ACTIONS.iter().map(|(option, _)| option);
    let foreign = foreign.filter(|option| !actions.iter().any(|action| action.name == option.name));
    let invalid: Vec<&Opt> = foreign.chain(others.iter().copied()).collect();
    checks::check_invalid_args(options, used, &invalid)
}
