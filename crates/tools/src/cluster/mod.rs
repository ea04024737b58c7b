//! `kafka-cluster`: a cluster's id, its nodes and what they serve, and taking a node off its list
//! (Kafka: `ClusterTool`).

mod nodes;

use std::io;

use klamm_client::ClientFault;
use klamm_client::Cluster;
use klamm_client::admin::nodes::{
    ClusterDescription, describe_cluster, unregister_broker, unregister_controller,
};
use klamm_config::Properties;

use crate::argparse::{Matches, Opt, Parsed, Parser, Takes, UsageFault, expand_files};
use crate::exception::Exception;
use crate::exit::Exit;
use crate::{World, connect, log};

const CONFIG: Opt =
    Opt::long_only("config", Takes::Value, "The old name of --command-config, which will go away.");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", 'c', Takes::Value, "A file of settings of the client.");
const SERVER: Opt =
    Opt::new("bootstrap-server", 'b', Takes::Value, "The brokers to ask first, as host:port,host:port.")
        .required()
        .exclusive(1);
const CONTROLLER: Opt = Opt::new(
    "bootstrap-controller",
    'C',
    Takes::Value,
    "The controllers to ask first, as host:port,host:port.",
)
.required()
.exclusive(1);
const BROKER_ID: Opt = Opt::new("id", 'i', Takes::Integer, "The broker.").required();
const CONTROLLER_ID: Opt = Opt::new("id", 'i', Takes::Integer, "The controller.").required();
const FENCED: Opt =
    Opt::long_only("include-fenced-brokers", Takes::Nothing, "List brokers too that are not there.");

const CLUSTER: Parser = Parser {
    prog: "kafka-cluster",
    description: "Asks about a cluster as a whole.",
    options: &[],
    subcommands: &[
        ("cluster-id", "Print the id of the cluster."),
        ("unregister", "Forget a broker."),
        ("unregister-controller", "Forget a controller."),
        ("list-endpoints", "List brokers or controllers, and where they are."),
        ("api-versions", "List what brokers or controllers serve, and in which versions."),
    ],
};

const fn plain(prog: &'static str) -> Parser {
    Parser { prog, description: "", options: &[SERVER, CONTROLLER, CONFIG, COMMAND_CONFIG], subcommands: &[] }
}

const CLUSTER_ID: Parser = plain("kafka-cluster cluster-id");
const API_VERSIONS: Parser = plain("kafka-cluster api-versions");
const UNREGISTER: Parser = Parser {
    options: &[SERVER, CONTROLLER, CONFIG, COMMAND_CONFIG, BROKER_ID],
    ..plain("kafka-cluster unregister")
};
const UNREGISTER_CONTROLLER: Parser = Parser {
    options: &[SERVER, CONTROLLER, CONFIG, COMMAND_CONFIG, CONTROLLER_ID],
    ..plain("kafka-cluster unregister-controller")
};
const LIST_ENDPOINTS: Parser = Parser {
    options: &[SERVER, CONTROLLER, CONFIG, COMMAND_CONFIG, FENCED],
    ..plain("kafka-cluster list-endpoints")
};

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let arguments = match expand_files(arguments, |path| std::fs::read_to_string(path).ok()) {
        Ok(arguments) => arguments,
        Err(fault) => return usage_fault(&CLUSTER, &fault, world),
    };
    let (command, rest) = match CLUSTER.subcommand(&arguments) {
        Ok(Some(found)) => found,
        Ok(None) => return help(&CLUSTER, world),
        Err(fault) => return usage_fault(&CLUSTER, &fault, world),
    };
    let parser = match command {
        "cluster-id" => &CLUSTER_ID,
        "unregister" => &UNREGISTER,
        "unregister-controller" => &UNREGISTER_CONTROLLER,
        "list-endpoints" => &LIST_ENDPOINTS,
        _ => &API_VERSIONS,
    };
    let matches = match parser.parse(rest) {
        Ok(Parsed::Matches(matches)) => matches,
        Ok(Parsed::Help) => return help(parser, world),
        Err(fault) => return usage_fault(parser, &fault, world),
    };
    match perform(command, &matches, world) {
        Ok(()) => Ok(0),
        Err(Exit::Output(fault)) => Err(fault),
        Err(Exit::Exception(exception)) => {
            // What was thrown, and the first line of its trace.
            writeln!(world.err, "{}\n{exception}", exception.message()).map(|()| 1)
        }
        Err(Exit::Line(line) | Exit::Usage(line)) => writeln!(world.err, "{line}").map(|()| 1),
        Err(Exit::Option(fault)) => writeln!(world.err, "{fault}").map(|()| 1),
        Err(Exit::Code(code)) => Ok(code),
        Err(Exit::Version) => Ok(0),
    }
}

/// Help ends with 1 here.
fn help(parser: &Parser, world: &mut World<'_>) -> io::Result<u8> {
    write!(world.out, "{}", parser.help()).map(|()| 1)
}

fn usage_fault(parser: &Parser, fault: &UsageFault, world: &mut World<'_>) -> io::Result<u8> {
    write!(world.err, "{}", parser.fault(CLUSTER.prog, fault)).map(|()| 1)
}

fn perform(command: &str, matches: &Matches, world: &mut World<'_>) -> Result<(), Exit> {
    let properties = properties(matches, world)?;
    let cluster = connect::cluster(&properties, world)?;
    let is_controllers = matches.is_given(CONTROLLER.long);
    let id = matches.value("id").and_then(|id| id.parse().ok()).unwrap_or_default();
    let fenced = matches.is_given(FENCED.long);
    if fenced && is_controllers {
        return Err(Exception::illegal_argument(
            "The option --include-fenced-brokers is only supported with --bootstrap-server option",
        )
        .into());
    }
    let work = async {
        match command {
            "cluster-id" => match describe(&cluster, false).await?.cluster_id {
                Some(cluster_id) => writeln!(world.out, "Cluster ID: {cluster_id}")?,
                None => writeln!(world.out, "No cluster ID found. The Kafka version is probably too old.")?,
            },
            "unregister" => {
                let done = unregister_broker(&cluster, id).await;
                let done =
                    Unregistering { kind: "Broker", api: "broker", call: "unregisterBroker", id, done };
                done.say(world)?;
            }
            "unregister-controller" => {
                let done = unregister_controller(&cluster, id).await;
                let (kind, api, call) = ("Controller", "controller", "unregisterController");
                Unregistering { kind, api, call, id, done }.say(world)?;
            }
            "list-endpoints" => {
                let text = match describe_cluster(&cluster, fenced).await {
                    Ok(description) => nodes::table(&description.nodes, is_controllers),
                    Err(ClientFault::UnsupportedVersion { .. }) => format!("{}\n", nodes::NO_FENCED),
                    Err(fault) => return Err(thrown(fault, "listNodes").into()),
                };
                write!(world.out, "{text}")?;
            }
            _ => {
                let description = describe(&cluster, false).await?;
                nodes::write_versions(&cluster, &description.nodes, world).await?;
            }
        }
        Ok(())
    };
    connect::block_on(work)?
}

/// The client's settings: those of the file, and whom to ask.
fn properties(matches: &Matches, world: &mut World<'_>) -> Result<Properties, Exit> {
    let file = match (matches.value(CONFIG.long), matches.value(COMMAND_CONFIG.long)) {
        (Some(_), Some(_)) => {
            return Err(Exit::line("--config and --command-config cannot be specified together."));
        }
        (Some(old), None) => {
            writeln!(
                world.out,
                "Option --config has been deprecated and will be removed in a future version. Use \
                 --command-config instead."
            )?;
            Some(old)
        }
        (None, new) => new,
    };
    let mut properties = match file {
        Some(path) => connect::load_properties(path)?,
        None => Properties::new(),
    };
    for (option, set, unset) in [
        (&SERVER, "bootstrap.servers", "bootstrap.controllers"),
        (&CONTROLLER, "bootstrap.controllers", "bootstrap.servers"),
    ] {
        if let Some(addresses) = matches.value(option.long) {
            properties.remove(unset);
            properties.insert(set.to_owned(), addresses.to_owned());
        }
    }
    Ok(properties)
}

async fn describe(cluster: &Cluster, fenced: bool) -> Result<ClusterDescription, Exit> {
    let described = describe_cluster(cluster, fenced).await;
    Ok(described.map_err(|fault| thrown(fault, "listNodes"))?)
}

/// What a future throws.
fn thrown(fault: ClientFault, call: &str) -> Exception {
    Exception::of_fault(fault, call).in_future()
}

/// What became of forgetting a node.
struct Unregistering {
    kind: &'static str,
    api: &'static str,
    call: &'static str,
    id: i32,
    done: Result<(), ClientFault>,
}

impl Unregistering {
    fn say(self, world: &mut World<'_>) -> Result<(), Exit> {
        let Unregistering { kind, api, call, id, done } = self;
        let is_unsupported = matches!(done, Err(ClientFault::UnsupportedVersion { .. }));
        match done {
            Ok(()) => writeln!(world.out, "{kind} {id} is no longer registered.")?,
            Err(_) if is_unsupported => {
                writeln!(world.out, "The target cluster does not support the {api} unregistration API.")?;
            }
            Err(fault) => {
                if let ClientFault::Refused { message, .. } = &fault {
                    let message = message.as_deref().unwrap_or("null");
                    let text = format!(
                        "[AdminClient clientId=adminclient-1] Unregister {api} request for {api} ID {id} failed: \
                         {message}"
                    );
                    log::error(world, "org.apache.kafka.clients.admin.KafkaAdminClient", text)?;
                }
                return Err(thrown(fault, call).into());
            }
        }
        Ok(())
    }
}
