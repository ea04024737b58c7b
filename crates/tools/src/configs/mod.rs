//! `kafka-configs`: settings of topics, brokers, their loggers, groups, metrics of clients; quotas of users, clients and
//! ips; credentials of users. Kafka: `ConfigCommand`.
//!
//! - [`options`]: the flags and whom they mean; [`entity`]: the kinds of owners; [`changes`]: what is to be changed
//! - [`describe`], [`alter`]: settings; [`quotas`], [`users`]: what is kept elsewhere

mod alter;
mod changes;
mod describe;
mod entity;
mod options;
mod quotas;
mod users;

use std::io;

use klamm_base::ErrorCode;
use klamm_client::{ClientFault, Cluster};

use crate::World;
use crate::bootstrap::command_config;
use crate::connect;
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::jopt::{Options, checks};
use changes::Changes;
use entity::Entity;
use options::{ALL, ALTER, COMMAND_CONFIG, CONTROLLER, PARSER, SERVER, Target};

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    match perform(arguments, world) {
        Ok(()) => Ok(0),
        Err(Exit::Option(fault)) => writeln!(world.err, "{fault}").map(|()| 1),
        Err(Exit::Exception(exception)) => report(&exception, arguments, world),
        Err(exit) => exit.report(&PARSER, world),
    }
}

/// Of its own refusals and of versions the message is said, of everything else also where it happened.
fn report(exception: &Exception, arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let plain = [
        exception::ILLEGAL_ARGUMENT,
        exception::class(ErrorCode::InvalidConfig),
        exception::class(ErrorCode::UnsupportedVersion),
    ];
    if plain.contains(&exception.class.as_ref()) {
        writeln!(world.err, "{}", exception.message())?;
    } else {
        let line = arguments.join(" ");
        writeln!(world.err, "Error while executing config command with args '{line}'\n{exception}")?;
    }
    Ok(1)
}

/// What a future of Kafka's admin client ends in.
fn of_future(fault: ClientFault, call: &str) -> Exit {
    Exception::of_fault(fault, call).in_future().into()
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let options = PARSER.parse(arguments)?;
    checks::maybe_print_help_or_version(
        &options,
        "This tool helps to manipulate and describe entity config for a topic, client, user, broker, ip, client-metrics \
         or group",
    )?;
    let target = options::check(&options)?;
    let mut properties = command_config(&options, &COMMAND_CONFIG)?;
    checks::bootstrap(&options, &SERVER, &CONTROLLER, &mut properties)?;
    if options.has(&ALTER) && target.types.len() != target.names.len() {
        return Err(
            Exception::illegal_argument("An entity name must be specified for every entity type").into()
        );
    }
    let cluster = connect::cluster(&properties, world)?;
    connect::block_on(act(&options, &target, &cluster, world))?
}

async fn act(
    options: &Options,
    target: &Target,
    cluster: &Cluster,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    if options.has(&ALTER) {
        return alter::alter(cluster, target, &Changes::of(options)?, world).await;
    }
    match target.types[0] {
        Entity::Users | Entity::Clients => {
            quotas::describe(cluster, target, world).await?;
            let is_of_clients = target.types.contains(&Entity::Clients);
            if is_of_clients || target.names.iter().any(String::is_empty) {
                return Ok(());
            }
            users::describe(cluster, &target.names, world).await
        }
        Entity::Ips => quotas::describe(cluster, target, world).await,
        entity => {
            let name = target.names.first().map(String::as_str);
            describe::describe(cluster, entity, name, options.has(&ALL), world).await
        }
    }
}
