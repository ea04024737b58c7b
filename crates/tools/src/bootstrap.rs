//! What the tools do around `--bootstrap-server` and `--command-config`, and how some of them end
//! (Kafka: `ToolsUtils`, `Utils.getPort`).

use std::io;

use klamm_client::properties::PropertiesFault;
use klamm_client::{Address, ClientFault, Cluster, ClusterOptions};
use klamm_config::Properties;

use crate::World;
use crate::connect::{UNRESOLVABLE, class_of, is_resolvable, load_properties};
use crate::exception::{CONFIG, Exception, KAFKA};
use crate::exit::Exit;
use crate::jopt::{Opt, Options, Parser};
use crate::log;

/// Every server of the list has a port (Kafka: `ToolsUtils.validateBootstrapServer`).
///
/// # Errors
/// The end of the command.
pub fn validate_servers(list: Option<&str>) -> Result<(), Exit> {
    let Some(list) = list.filter(|list| !list.trim().is_empty()) else {
        return Err(Exit::usage("Error while validating the bootstrap address\n"));
    };
    // Java drops what is empty at the end of a list, and nothing else.
    let servers = list.trim_end_matches(',').split(',');
    if !list.trim_end_matches(',').is_empty() && servers.into_iter().all(has_port) {
        return Ok(());
    }
    Err(Exit::usage("Please provide valid host:port like host1:9091,host2:9092\n"))
}

fn has_port(server: &str) -> bool {
    let port = server.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The settings of the file that `option` names; none without it.
///
/// # Errors
/// The end of the command: a file that cannot be read.
pub fn command_config(options: &Options, option: &Opt) -> Result<Properties, Exit> {
    match options.value(option)? {
        Some(path) => Ok(load_properties(path)?),
        None => Ok(Properties::new()),
    }
}

/// What making a `client` (`producer`, `consumer`) of such settings ends in: some are looked at before it is begun.
pub fn of_settings(fault: &PropertiesFault, client: &str) -> Exception {
    let exception = Exception::new(class_of(fault), fault.to_string());
    match fault {
        PropertiesFault::InvalidUrl { .. }
        | PropertiesFault::InvalidPort { .. }
        | PropertiesFault::DeliveryTimeoutTooShort
        | PropertiesFault::HeartbeatTooSlow
        | PropertiesFault::UnknownClass { .. } => not_constructed(client, &exception),
        _ => exception,
    }
}

fn not_constructed(client: &str, cause: &Exception) -> Exception {
    Exception::new(KAFKA, format!("Failed to construct kafka {client}\nCaused by: {cause}"))
}

/// One of the servers has an address, or no `client` can be made.
///
/// # Errors
/// The end of the command.
pub fn check_names(cluster: &ClusterOptions, client: &str, world: &mut World<'_>) -> Result<(), Exit> {
    match is_resolvable(&cluster.bootstrap, world)? {
        true => Ok(()),
        false => Err(not_constructed(client, &not_resolvable()).into()),
    }
}

/// None of the servers has an address.
pub fn not_resolvable() -> Exception {
    Exception::new(CONFIG, UNRESOLVABLE)
}

/// As Java prints a broker that is known by its address only; `place` is its place in the list.
pub fn node_text(place: usize, address: &Address) -> String {
    format!("{}:{} (id: -{} rack: null isFenced: false)", address.host, address.port, place + 1)
}

/// Says what Java's client logs while nobody answers.
pub fn warn_of_connection(
    cluster: &Cluster,
    who: &str,
    fault: &ClientFault,
    world: &mut World<'_>,
) -> io::Result<()> {
    const CLASS: &str = "org.apache.kafka.clients.NetworkClient";
    if !matches!(fault, ClientFault::Unreachable { .. } | ClientFault::Disconnected { .. }) {
        return Ok(());
    }
    for (place, address) in cluster.options().bootstrap.iter().enumerate() {
        let Address { host, port } = address;
        let id = place + 1;
        let text = format!(
            "[{who}] Connection to node -{id} ({host}:{port}) could not be established. Node may not be available."
        );
        log::warn(world, CLASS, text)?;
        let text = format!("[{who}] Bootstrap broker {} disconnected", node_text(place, address));
        log::warn(world, CLASS, text)?;
    }
    Ok(())
}

/// The end of those tools that print the message of whatever was thrown and behind it the first line of its stack trace.
pub fn report_message(exit: Exit, parser: &Parser, world: &mut World<'_>) -> io::Result<u8> {
    match exit {
        Exit::Option(fault) => writeln!(world.err, "{fault}\n{}: {fault}", fault.class())?,
        Exit::Exception(exception) => writeln!(world.err, "{}\n{exception}", exception.message())?,
        exit => return exit.report(parser, world),
    }
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_have_ports() {
        for list in ["a:1", "a:1,b:2", "[::1]:9092", "PLAINTEXT://a:1,", " a:1"] {
            assert!(validate_servers(Some(list)).is_ok(), "{list}");
        }
        for (list, said) in [
            (None, "Error while validating the bootstrap address\n"),
            (Some(" "), "Error while validating the bootstrap address\n"),
            (Some("a"), "Please provide valid host:port like host1:9091,host2:9092\n"),
            (Some("a:1,,b:2"), "Please provide valid host:port like host1:9091,host2:9092\n"),
            (Some("a:1,b"), "Please provide valid host:port like host1:9091,host2:9092\n"),
            (Some("a:x"), "Please provide valid host:port like host1:9091,host2:9092\n"),
            (Some(","), "Please provide valid host:port like host1:9091,host2:9092\n"),
        ] {
            let refused = validate_servers(list);
            assert!(matches!(&refused, Err(Exit::Usage(text)) if text == said), "{list:?}: {refused:?}");
        }
    }
}
