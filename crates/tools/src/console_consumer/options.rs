//! The command line of the console consumer (Kafka: `ConsoleConsumerOptions`).

use std::time::Duration;

use klamm_client::consumer::{OffsetSpec, StartAt};
use klamm_config::Properties;

use super::formatter::{self, MessageFormatter};
use crate::World;
use crate::bootstrap::command_config;
use crate::exit::Exit;
use crate::java;
use crate::jopt::{Kind, Opt, Options, Parser, checks};
use crate::log;

const TOPIC: Opt = Opt::new("topic", "The topic to read.").takes("topic");
const INCLUDE: Opt =
    Opt::new("include", "A pattern: every topic whose name it matches.").takes("Java regex (String)");
const PARTITION: Opt =
    Opt::new("partition", "Read this partition only, outside of any group; from its end without --offset.")
        .takes("partition")
        .of(Kind::Integer);
const OFFSET: Opt =
    Opt::new("offset", "Where to begin: a number, earliest or latest.").takes("consume offset").or("latest");
const CONSUMER_PROPERTY: Opt =
    Opt::new("consumer-property", "(DEPRECATED) An older name of --command-property.").takes("consumer_prop");
const COMMAND_PROPERTY: Opt =
    Opt::new("command-property", "A setting of the consumer, key=value.").takes("consumer_prop");
const CONSUMER_CONFIG: Opt =
    Opt::new("consumer.config", "(DEPRECATED) An older name of --command-config.").takes("config file");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of such settings; [command-property] comes before it.")
        .takes("config file");
const FORMATTER: Opt = Opt::new("formatter", "The class that makes lines of records.")
    .takes("class")
    .or(formatter::DEFAULT_CLASS);
const PROPERTY: Opt =
    Opt::new("property", "(DEPRECATED) An older name of --formatter-property.").takes("prop");
const FORMATTER_PROPERTY: Opt = Opt::new(
    "formatter-property",
    "A setting of the formatter, key=value:\n print.timestamp=true|false\n print.key=true|false\n \
     print.offset=true|false\n print.epoch=true|false\n print.partition=true|false\n print.headers=true|false\n \
     print.value=true|false\n key.separator=<text>\n line.separator=<text>\n headers.separator=<text>\n \
     null.literal=<text>\n key.deserializer=<class>\n value.deserializer=<class>\n headers.deserializer=<class>\n\
     A deserializer is given the settings that begin with its own, e.g. key.deserializer.",
)
.takes("prop");
const FORMATTER_CONFIG: Opt =
    Opt::new("formatter-config", "A file of such settings; [formatter-property] comes before it.")
        .takes("config file");
const FROM_BEGINNING: Opt =
    Opt::new("from-beginning", "Begin with the oldest record where the group has no offset yet.");
const MAX_MESSAGES: Opt =
    Opt::new("max-messages", "End after so many records.").takes("num_messages").of(Kind::Integer);
const TIMEOUT_MS: Opt =
    Opt::new("timeout-ms", "End when no record has come for so long.").takes("timeout_ms").of(Kind::Long);
const SKIP_MESSAGE_ON_ERROR: Opt =
    Opt::new("skip-message-on-error", "Go on behind a record that cannot be shown.");
const BOOTSTRAP_SERVER: Opt =
    Opt::new("bootstrap-server", "REQUIRED: Brokers to ask first.").takes("server to connect to");
const KEY_DESERIALIZER: Opt =
    Opt::new("key-deserializer", "The class that makes objects of keys.").takes("deserializer for keys");
const VALUE_DESERIALIZER: Opt = Opt::new("value-deserializer", "The class that makes objects of values.")
    .takes("deserializer for values");
const ENABLE_SYSTEST_EVENTS: Opt =
    Opt::new("enable-systest-events", "Say when everything is over, for tests.");
const ISOLATION_LEVEL: Opt =
    Opt::new("isolation-level", "read_committed leaves out what transactions have not committed.")
        .takes("")
        .or("read_uncommitted");
const GROUP: Opt = Opt::new("group", "The group to share partitions with.").takes("consumer group id");

pub const PARSER: Parser = Parser::new(&[
    TOPIC,
    INCLUDE,
    PARTITION,
    OFFSET,
    CONSUMER_PROPERTY,
    COMMAND_PROPERTY,
    CONSUMER_CONFIG,
    COMMAND_CONFIG,
    FORMATTER,
    PROPERTY,
    FORMATTER_PROPERTY,
    FORMATTER_CONFIG,
    FROM_BEGINNING,
    MAX_MESSAGES,
    TIMEOUT_MS,
    SKIP_MESSAGE_ON_ERROR,
    BOOTSTRAP_SERVER,
    KEY_DESERIALIZER,
    VALUE_DESERIALIZER,
    ENABLE_SYSTEST_EVENTS,
    ISOLATION_LEVEL,
    GROUP,
]);

/// A command line that holds.
pub struct ConsumerCommand {
    options: Options,
    pub partition: Option<i32>,
    pub start: StartAt,
    pub timeout: Option<Duration>,
    pub consumer_properties: Properties,
    pub formatter: MessageFormatter,
}

impl ConsumerCommand {
    /// Reads and checks, in Kafka's order; warns of old names on standard output.
    ///
    /// # Errors
    /// The end of the command.
    pub fn read(arguments: &[String], world: &mut World<'_>) -> Result<ConsumerCommand, Exit> {
        let options = PARSER.parse(arguments).map_err(|fault| Exit::usage(fault.to_string()))?;
        let purpose = "This tool helps to read data from Kafka topics and outputs it to standard output.";
        checks::maybe_print_help_or_version(&options, purpose)?;
        let partition = check_required(&options)?;
        let command_property = newest(&options, COMMAND_PROPERTY, CONSUMER_PROPERTY)?;
        let command_config = newest(&options, COMMAND_CONFIG, CONSUMER_CONFIG)?;
        say_deprecated(&options, COMMAND_PROPERTY, CONSUMER_PROPERTY, world)?;
        say_deprecated(&options, COMMAND_CONFIG, CONSUMER_CONFIG, world)?;
        let file = self::command_config(&options, &command_config)?;
        let given = checks::parse_key_value_args(&options.values(&command_property), true)?;
        let group = group_id(&options, &file, &given)?;
        if group.is_some() && partition.is_some() {
            return Err(Exit::usage("Options group and partition cannot be specified together."));
        }
        let mut properties = file;
        properties.extend(given);
        let consumer_properties = consumer_properties(&options, properties, group, world)?;
        let start = start_at(&options)?;
        let timeout_ms = options.number::<i64>(&TIMEOUT_MS)?.and_then(|ms| u64::try_from(ms).ok());
        let formatter = formatter(&options, world)?;
        let timeout = timeout_ms.map(Duration::from_millis);
        Ok(ConsumerCommand { options, partition, start, timeout, consumer_properties, formatter })
    }

    /// # Errors
    /// More than one.
    pub fn topic(&self) -> Result<Option<&str>, Exit> {
        Ok(self.options.value(&TOPIC)?)
    }

    /// # Errors
    /// More than one.
    pub fn include(&self) -> Result<Option<&str>, Exit> {
        Ok(self.options.value(&INCLUDE)?)
    }

    /// `None`: without an end.
    ///
    /// # Errors
    /// No number.
    pub fn max_messages(&self) -> Result<Option<u64>, Exit> {
        Ok(match self.options.number::<i32>(&MAX_MESSAGES)? {
            None | Some(-1) => None,
            Some(count) => Some(u64::try_from(count).unwrap_or(0)),
        })
    }

    pub fn skips_errors(&self) -> bool {
        self.options.has(&SKIP_MESSAGE_ON_ERROR)
    }

    pub fn says_events(&self) -> bool {
        self.options.has(&ENABLE_SYSTEST_EVENTS)
    }
}

fn check_required(options: &Options) -> Result<Option<i32>, Exit> {
    checks::check_one_of_args(options, &[&TOPIC, &INCLUDE])?;
    let partition = options.number::<i32>(&PARTITION)?;
    if partition.is_some() && !options.has(&TOPIC) {
        return Err(Exit::usage("The topic is required when partition is specified."));
    }
    if partition.is_some() && options.has(&FROM_BEGINNING) && options.has(&OFFSET) {
        return Err(Exit::usage("Options from-beginning and offset cannot be specified together."));
    }
    if partition.is_none() && options.has(&OFFSET) {
        return Err(Exit::usage("The partition is required when offset is specified."));
    }
    checks::check_required_args(options, &[&BOOTSTRAP_SERVER])?;
    Ok(partition)
}

/// The name that was used; both are too many.
fn newest(options: &Options, new: Opt, old: Opt) -> Result<Opt, Exit> {
    match (options.has(&old), options.has(&new)) {
        (true, true) => {
            let (old, new) = (old.name, new.name);
            Err(Exit::Usage(format!("Options --{old} and --{new} cannot be specified together.")))
        }
        (true, false) => Ok(old),
        _ => Ok(new),
    }
}

fn say_deprecated(options: &Options, new: Opt, old: Opt, world: &mut World<'_>) -> Result<(), Exit> {
    if options.has(&old) {
        let (old, new) = (old.name, new.name);
        writeln!(
            world.out,
            "Option --{old} is deprecated and will be removed in a future version. Use --{new} instead."
        )?;
    }
    Ok(())
}

/// A group may be named in three places, which must agree.
fn group_id(options: &Options, file: &Properties, given: &Properties) -> Result<Option<String>, Exit> {
    let option = options.value(&GROUP)?.map(str::to_owned);
    let places = [option, file.get("group.id").cloned(), given.get("group.id").cloned()];
    let mut ids: Vec<String> = Vec::new();
    for id in places.into_iter().flatten() {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.len() > 1 {
        java::hash_order(&mut ids);
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        return Err(Exit::Usage(format!(
            "The group ids provided in different places (directly using '--group', via '--consumer-property', or via \
             '--consumer.config') do not match. Detected group ids: {}",
            ids.join(", ")
        )));
    }
    Ok(ids.pop())
}

fn consumer_properties(
    options: &Options,
    mut properties: Properties,
    group: Option<String>,
    world: &mut World<'_>,
) -> Result<Properties, Exit> {
    const RANDOM_GROUPS: u64 = 100_000;
    let from_beginning = options.has(&FROM_BEGINNING);
    let reset = properties.entry("auto.offset.reset".to_owned());
    let reset = reset.or_insert_with(|| if from_beginning { "earliest" } else { "latest" }.to_owned());
    if from_beginning && reset != "earliest" {
        return Err(Exit::line(format!(
            "Can't simultaneously specify --from-beginning and 'auto.offset.reset={reset}', please remove one option"
        )));
    }
    let mut set = |key: &str, value: String| properties.insert(key.to_owned(), value);
    set("bootstrap.servers", options.value(&BOOTSTRAP_SERVER)?.unwrap_or_default().to_owned());
    let is_random = group.is_none();
    let random = || format!("console-consumer-{}", world.rng.next_u64() % RANDOM_GROUPS);
    set("group.id", group.unwrap_or_else(random));
    properties.entry("client.id".to_owned()).or_insert_with(|| "console-consumer".to_owned());
    if options.has(&ISOLATION_LEVEL) || !properties.contains_key("isolation.level") {
        let level = options.value(&ISOLATION_LEVEL)?.unwrap_or_default();
        properties.insert("isolation.level".to_owned(), level.to_owned());
    }
    if is_random {
        // Nobody will come back to this group.
        properties.entry("enable.auto.commit".to_owned()).or_insert_with(|| "false".to_owned());
    }
    Ok(properties)
}

fn start_at(options: &Options) -> Result<StartAt, Exit> {
    if !options.has(&OFFSET) {
        let from_beginning = options.has(&FROM_BEGINNING);
        return Ok(StartAt::Spec(if from_beginning { OffsetSpec::Earliest } else { OffsetSpec::Latest }));
    }
    let text = options.value(&OFFSET)?.unwrap_or_default();
    match (text.to_lowercase().as_str(), text.parse::<i64>()) {
        ("earliest", _) => Ok(StartAt::Spec(OffsetSpec::Earliest)),
        ("latest", _) => Ok(StartAt::Spec(OffsetSpec::Latest)),
        (_, Ok(offset)) if offset >= 0 => Ok(StartAt::Offset(offset)),
        _ => Err(Exit::Usage(format!(
            "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a \
             non-negative long."
        ))),
    }
}

/// Whatever is wrong here ends in the usage.
fn formatter(options: &Options, world: &mut World<'_>) -> Result<MessageFormatter, Exit> {
    let as_usage = |exit: Exit| match exit {
        Exit::Option(fault) => Exit::usage(fault.to_string()),
        Exit::Exception(exception) => Exit::usage(exception.message()),
        exit => exit,
    };
    let class = options.value(&FORMATTER).map_err(|fault| as_usage(fault.into()))?.unwrap_or_default();
    if !MessageFormatter::is_class(class) {
        return Err(Exit::usage(class));
    }
    let old_or_new = newest(options, FORMATTER_PROPERTY, PROPERTY)?;
    say_deprecated(options, FORMATTER_PROPERTY, PROPERTY, world)?;
    let properties = formatter_properties(options, &old_or_new).map_err(as_usage)?;
    let (formatter, complaints) = MessageFormatter::new(class, &properties).ok_or(Exit::usage(class))?;
    for complaint in complaints {
        let text = format!("Unable to instantiate a deserializer from {}", complaint.class);
        log::error(world, formatter::DEFAULT_CLASS, text)?;
        writeln!(world.err, "{}", complaint.exception)?;
    }
    Ok(formatter)
}

fn formatter_properties(options: &Options, property: &Opt) -> Result<Properties, Exit> {
    let mut properties = command_config(options, &FORMATTER_CONFIG)?;
    for (option, key) in [(KEY_DESERIALIZER, "key.deserializer"), (VALUE_DESERIALIZER, "value.deserializer")]
    {
        if let Some(class) = options.value(&option)?.filter(|class| !class.is_empty()) {
            properties.insert(key.to_owned(), class.to_owned());
        }
    }
    properties.extend(checks::parse_key_value_args(&options.values(property), true)?);
    Ok(properties)
}
