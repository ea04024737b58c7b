//! `kafka-broker-api-versions`: which versions of each API the brokers serve, and which of them this client would use
//! (Kafka: `BrokerApiVersionsCommand`, `NodeApiVersions`).
//!
//! Brokers are named by id; Kafka goes through a hash map.

use std::io;

use klamm_base::codec::{Listener, Versions};
use klamm_client::{ApiRanges, Cluster, Node, properties};
use klamm_wire::ApiKey;

use crate::World;
use crate::bootstrap;
use crate::connect::{self, class_of};
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::{Opt, Parser, checks};

const BOOTSTRAP_SERVER: Opt = Opt::new("bootstrap-server", "REQUIRED: The broker to ask first.")
    .takes("server(s) to use for bootstrapping");
const COMMAND_CONFIG: Opt =
    Opt::new("command-config", "A file of settings of the client.").takes("command config property file");
const PARSER: Parser = Parser::new(&[BOOTSTRAP_SERVER, COMMAND_CONFIG]);

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    // The words of the script that Kafka starts it with.
    writeln!(
        world.err,
        "WARNING: kafka-broker-api-versions.sh is deprecated and will be removed in the next major release. Use \
         'kafka-cluster.sh api-versions' instead."
    )?;
    match perform(arguments, world) {
        Ok(()) => Ok(0),
        Err(exit) => bootstrap::report_message(exit, &PARSER, world),
    }
}

fn perform(arguments: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let options = PARSER.parse(arguments)?;
    checks::maybe_print_help_or_version(&options, "This tool helps to retrieve broker version information.")?;
    checks::check_required_args(&options, &[&BOOTSTRAP_SERVER])?;
    let mut properties = bootstrap::command_config(&options, &COMMAND_CONFIG)?;
    let servers = options.value(&BOOTSTRAP_SERVER)?.unwrap_or_default();
    properties.insert("bootstrap.servers".to_owned(), servers.to_owned());
    // Whoever asks what is served does not wait long for it.
    properties.entry("request.timeout.ms".to_owned()).or_insert_with(|| "5000".to_owned());
    // This tool makes its client itself: what is wrong with its settings is told bare.
    let settings = properties::admin(&properties)
        .map_err(|fault| Exception::new(class_of(&fault), fault.to_string()))?;
    if !connect::is_resolvable(&settings.cluster.bootstrap, world)? {
        return Err(bootstrap::not_resolvable().into());
    }
    let cluster = Cluster::new(settings.cluster);
    connect::block_on(print_all(&cluster, world))?
}

async fn print_all(cluster: &Cluster, world: &mut World<'_>) -> Result<(), Exit> {
    if let Err(fault) = cluster.refresh().await {
        bootstrap::warn_of_connection(cluster, "LegacyAdminClient clientId=admin-1", &fault, world)?;
        return Err(nobody_answers(cluster).into());
    }
    for node in cluster.nodes().await.map_err(|_| nobody_answers(cluster))? {
        let Node { id, address, rack, is_fenced } = &node;
        let (host, port) = (&address.host, address.port);
        let rack = rack.as_deref().unwrap_or("null");
        write!(world.out, "{host}:{port} (id: {id} rack: {rack} isFenced: {is_fenced}) -> ")?;
        match cluster.node(node.id).await {
            Ok(connection) => writeln!(world.out, "{}", text(connection.ranges()))?,
            Err(fault) => {
                writeln!(world.out, "ERROR: {}", Exception::of_fault(fault, "apiVersions").message())?;
            }
        }
    }
    Ok(())
}

fn nobody_answers(cluster: &Cluster) -> Exception {
    let brokers = cluster.options().bootstrap.iter().enumerate();
    let brokers: Vec<String> = brokers.map(|(place, address)| bootstrap::node_text(place, address)).collect();
    let message = format!("Request METADATA failed on brokers [{}]", brokers.join(", "));
    Exception::new("java.lang.RuntimeException", message)
}

/// One line for each API, in brackets.
pub(crate) fn text(ranges: &ApiRanges) -> String {
    let mut rows: Vec<(i16, String)> =
        ranges.rows().map(|(key, versions)| (key, row(key, versions))).collect();
    // A node may be too old to name an API at all.
    for api in ApiKey::ALL.iter().filter(|api| api.is_served_on(Listener::Broker)) {
        if rows.iter().all(|(key, _)| *key != api.key()) {
            rows.push((api.key(), format!("{}({}): UNSUPPORTED", api.name(), api.key())));
        }
    }
    rows.sort();
    let rows: Vec<String> = rows.into_iter().map(|(_, text)| text).collect();
    format!("(\n\t{}\n)", rows.join(",\n\t"))
}

fn row(key: i16, theirs: Versions) -> String {
    let range = match theirs.min == theirs.max {
        true => theirs.min.to_string(),
        false => format!("{} to {}", theirs.min, theirs.max),
    };
    let Some(api) = ApiKey::from_key(key) else { return format!("UNKNOWN({key}): {range}") };
    let ours = api.versions();
    let usable = match () {
        () if ours.max < theirs.min => "unusable: node too new".to_owned(),
        () if theirs.max < ours.min => "unusable: node too old".to_owned(),
        () => format!("usable: {}", ours.max.min(theirs.max)),
    };
    format!("{}({key}): {range} [{usable}]", api.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_what_is_usable() {
        let produce = ApiKey::Produce.versions();
        for (key, min, max, text) in [
            (0, 0, 99, format!("Produce(0): 0 to 99 [usable: {}]", produce.max)),
            (0, 3, 3, "Produce(0): 3 [usable: 3]".to_owned()),
            (0, 98, 99, "Produce(0): 98 to 99 [unusable: node too new]".to_owned()),
            (1, 0, 1, "Fetch(1): 0 to 1 [unusable: node too old]".to_owned()),
            (999, 0, 0, "UNKNOWN(999): 0".to_owned()),
        ] {
            assert_eq!(row(key, Versions::new(min, max)), text);
        }
    }

    #[test]
    fn what_a_node_does_not_name_is_unsupported() {
        let text = text(&ApiRanges::default());
        assert!(text.starts_with("(\n\tProduce(0): UNSUPPORTED,\n\tFetch(1): UNSUPPORTED,\n"));
        assert!(text.ends_with(": UNSUPPORTED\n)"));
        assert!(!text.contains("BrokerHeartbeat"));
    }
}
