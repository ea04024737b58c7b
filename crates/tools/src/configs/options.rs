//! The flags of `kafka-configs`, which of them go together, and whom they mean.

use std::net::ToSocketAddrs;

use super::entity::Entity;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::{Opt, Options, Parser, checks};

pub const SERVER: Opt = Opt::new("bootstrap-server", "Brokers to ask first.").takes("server to connect to");
pub const CONTROLLER: Opt = Opt::new("bootstrap-controller", "Controllers to ask, in place of brokers.")
    .takes("controller to connect to");
pub const COMMAND_CONFIG: Opt = Opt::new("command-config", "A properties file with settings of the client.")
    .takes("command config property file");
pub const ALTER: Opt = Opt::new("alter", "Change settings.");
pub const DESCRIBE: Opt = Opt::new("describe", "Print settings.");
pub const ALL: Opt = Opt::new("all", "Print all settings, also those that nobody has changed.");
const ENTITY_TYPE: Opt = Opt::new(
    "entity-type",
    "Whose settings: topics, clients, users, brokers, broker-loggers, ips, client-metrics or groups.",
)
.takes("");
const ENTITY_NAME: Opt =
    Opt::new("entity-name", "The name of the topic, client, user, ip or group, or the id of the broker.")
        .takes("");
const ENTITY_DEFAULT: Opt = Opt::new(
    "entity-default",
    "What holds for all clients, users, brokers or ips that have no setting of their own.",
);
pub const ADD_CONFIG: Opt = Opt::new(
    "add-config",
    "Settings to put in: 'k1=v1,k2=[v1,v2,v2],k3=v3', with brackets around values that hold commas. Users and clients \
     have producer_byte_rate, consumer_byte_rate, request_percentage and controller_mutation_rate, users also \
     SCRAM-SHA-256 and SCRAM-SHA-512, ips connection_creation_rate.",
)
.takes("");
pub const ADD_CONFIG_FILE: Opt =
    Opt::new("add-config-file", "A properties file with settings to put in.").takes("");
pub const DELETE_CONFIG: Opt =
    Opt::new("delete-config", "Settings to take out: 'k1,k2'.").takes("").separated_by(',');
const TOPIC: Opt = Opt::new("topic", "The topic.").takes("");
const CLIENT: Opt = Opt::new("client", "The client's id.").takes("");
const CLIENT_DEFAULTS: Opt = Opt::new("client-defaults", "All clients.");
const USER: Opt = Opt::new("user", "The user's name.").takes("");
const USER_DEFAULTS: Opt = Opt::new("user-defaults", "All users.");
const BROKER: Opt = Opt::new("broker", "The broker's id.").takes("");
const BROKER_DEFAULTS: Opt = Opt::new("broker-defaults", "All brokers.");
const BROKER_LOGGER: Opt =
    Opt::new("broker-logger", "The id of the broker whose loggers are meant.").takes("");
const IP_DEFAULTS: Opt = Opt::new("ip-defaults", "All ips.");
const IP: Opt = Opt::new("ip", "The ip.").takes("");
const GROUP: Opt = Opt::new("group", "The group.").takes("");
const CLIENT_METRICS: Opt = Opt::new("client-metrics", "The subscription to metrics of clients.").takes("");

pub const PARSER: Parser = Parser::new(&[
    SERVER,
    CONTROLLER,
    COMMAND_CONFIG,
    ALTER,
    DESCRIBE,
    ALL,
    ENTITY_TYPE,
    ENTITY_NAME,
    ENTITY_DEFAULT,
    ADD_CONFIG,
    ADD_CONFIG_FILE,
    DELETE_CONFIG,
    TOPIC,
    CLIENT,
    CLIENT_DEFAULTS,
    USER,
    USER_DEFAULTS,
    BROKER,
    BROKER_DEFAULTS,
    BROKER_LOGGER,
    IP_DEFAULTS,
    IP,
    GROUP,
    CLIENT_METRICS,
]);

/// Short forms that take a name, and those that mean all.
const NAMED: [(Opt, Entity); 8] = [
    (TOPIC, Entity::Topics),
    (CLIENT, Entity::Clients),
    (USER, Entity::Users),
    (BROKER, Entity::Brokers),
    (BROKER_LOGGER, Entity::BrokerLoggers),
    (IP, Entity::Ips),
    (CLIENT_METRICS, Entity::ClientMetrics),
    (GROUP, Entity::Groups),
];
const DEFAULTS: [(Opt, Entity); 4] = [
    (CLIENT_DEFAULTS, Entity::Clients),
    (USER_DEFAULTS, Entity::Users),
    (BROKER_DEFAULTS, Entity::Brokers),
    (IP_DEFAULTS, Entity::Ips),
];

/// Whose settings are meant; the empty name stands for all of a kind.
#[derive(Debug)]
pub struct Target {
    pub types: Vec<Entity>,
    pub names: Vec<String>,
}

fn refused(text: impl Into<String>) -> Exit {
    Exception::illegal_argument(text).into()
}

/// Kafka: `ConfigCommandOptions.checkArgs`.
///
/// # Errors
/// The end of the command.
pub fn check(options: &Options) -> Result<Target, Exit> {
    if options.has(&ALTER) == options.has(&DESCRIBE) {
        return Err(Exit::usage("Command must include exactly one action: --describe, --alter"));
    }
    checks::check_invalid_args(options, &DESCRIBE, &[&ALTER, &ADD_CONFIG, &DELETE_CONFIG])?;
    let types = check_types(options)?;
    let long = [&ENTITY_NAME, &ENTITY_TYPE, &ENTITY_DEFAULT].iter().any(|option| options.has(option));
    if long && NAMED.iter().chain(&DEFAULTS).any(|(option, _)| options.has(option)) {
        return Err(refused(
            "--entity-{type,name,default} should not be used in conjunction with specific entity flags",
        ));
    }
    let target = Target { types, names: names(options)? };
    if options.has(&SERVER) && options.has(&CONTROLLER) {
        return Err(refused("Only one of --bootstrap-server or --bootstrap-controller can be specified"));
    }
    check_names(options, &target)?;
    match options.has(&DESCRIBE) {
        true => check_describe(options, &target)?,
        false => check_alter(options, &target)?,
    }
    Ok(target)
}

fn check_types(options: &Options) -> Result<Vec<Entity>, Exit> {
    let mut texts: Vec<&str> = options.values(&ENTITY_TYPE);
    let short = NAMED.iter().chain(&DEFAULTS).filter(|(option, _)| options.has(option));
    texts.extend(short.map(|(_, entity)| entity.name()));
    let mut again: Vec<&str> = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        if texts[..at].contains(text) && !again.contains(text) {
            again.push(text);
        }
    }
    if !again.is_empty() {
        return Err(refused(format!("Duplicate entity type(s) specified: {}", again.join(","))));
    }
    if !options.has(&SERVER) && !options.has(&CONTROLLER) {
        return Err(refused("Either --bootstrap-server or --bootstrap-controller must be specified."));
    }
    let unknown = |text: &str| {
        let all: Vec<&str> = Entity::ALL.iter().map(|entity| entity.name()).collect();
        refused(format!(
            "Invalid entity type {text}, the entity type must be one of {} with a --bootstrap-server or \
             --bootstrap-controller argument",
            all.join(", ")
        ))
    };
    let types: Vec<Entity> = texts
        .into_iter()
        .map(|text| Entity::of_name(text).ok_or_else(|| unknown(text)))
        .collect::<Result<_, Exit>>()?;
    match types[..] {
        [] => Err(refused("At least one entity type must be specified")),
        [_] | [Entity::Users, Entity::Clients] | [Entity::Clients, Entity::Users] => Ok(types),
        _ => Err(refused("Only 'users' and 'clients' entity types may be specified together")),
    }
}

/// Names in the order given, then those of the short forms.
fn names(options: &Options) -> Result<Vec<String>, Exit> {
    let mut given = options.values(&ENTITY_NAME).into_iter();
    let mut names = Vec::new();
    for option in options.order() {
        match *option {
            option if option == ENTITY_NAME.name => {
                names.push(given.next().unwrap_or_default().to_owned());
            }
            option if option == ENTITY_DEFAULT.name => names.push(String::new()),
            _ => {}
        }
    }
    for (option, _) in NAMED.iter().filter(|(option, _)| options.has(option)) {
        names.push(options.value(option)?.unwrap_or_default().to_owned());
    }
    names.extend(DEFAULTS.iter().filter(|(option, _)| options.has(option)).map(|_| String::new()));
    Ok(names)
}

/// Brokers are numbers, ips are addresses.
fn check_names(options: &Options, target: &Target) -> Result<(), Exit> {
    if !target.has_name() {
        return Ok(());
    }
    let first = target.types[0].name();
    if target.has_type(&[Entity::Brokers, Entity::BrokerLoggers]) {
        for option in [&ENTITY_NAME, &BROKER, &BROKER_LOGGER] {
            if let Some(id) = options.value(option)?
                && id.parse::<i32>().is_err()
            {
                let text =
                    format!("The entity name for {first} must be a valid integer broker id, but it is: {id}");
                return Err(refused(text));
            }
        }
    }
    if target.has_type(&[Entity::Ips]) {
        for option in [&ENTITY_NAME, &IP] {
            if let Some(ip) = options.value(option)?
                && (ip, 0).to_socket_addrs().is_err()
            {
                let text = format!(
                    "The entity name for {first} must be a valid IP or resolvable host, but it is: {ip}"
                );
                return Err(refused(text));
            }
        }
    }
    Ok(())
}

fn check_describe(options: &Options, target: &Target) -> Result<(), Exit> {
    let with_defaults = [Entity::Users, Entity::Clients, Entity::Brokers, Entity::Ips];
    if !target.has_type(&with_defaults) && options.has(&ENTITY_DEFAULT) {
        let text =
            format!("--entity-default must not be specified with --describe of {}", target.type_names());
        return Err(refused(text));
    }
    if target.has_type(&[Entity::BrokerLoggers]) && !target.has_name() {
        let text = format!("An entity name must be specified with --describe of {}", target.type_names());
        return Err(refused(text));
    }
    Ok(())
}

fn check_alter(options: &Options, target: &Target) -> Result<(), Exit> {
    if target.has_type(&[Entity::Users, Entity::Clients, Entity::Brokers, Entity::Ips]) {
        if target.names.is_empty() {
            return Err(refused(
                "An entity-name or default entity must be specified with --alter of users, clients, brokers or ips",
            ));
        }
    } else if !target.has_name() {
        let text = format!("An entity name must be specified with --alter of {}", target.type_names());
        return Err(refused(text));
    }
    let (add, file) = (options.has(&ADD_CONFIG), options.has(&ADD_CONFIG_FILE));
    if add && file {
        return Err(refused("Only one of --add-config or --add-config-file must be specified"));
    }
    if !add && !file && !options.has(&DELETE_CONFIG) {
        return Err(refused(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter",
        ));
    }
    Ok(())
}

impl Target {
    fn has_name(&self) -> bool {
        self.names.iter().any(|name| !name.is_empty())
    }

    fn has_type(&self, types: &[Entity]) -> bool {
        self.types.iter().any(|entity| types.contains(entity))
    }

    fn type_names(&self) -> String {
        self.types.iter().map(|entity| entity.name()).collect::<Vec<&str>>().join(",")
    }
}
