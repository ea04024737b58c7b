//! `klamm serve`: a node as a properties file, `KAFKA_*` variables, or both describe it.
//!
//! As in Kafka's container image: variables win over the file, with neither there is a node for trying things out, and
//! the log directories are formatted before the first start for the cluster that `CLUSTER_ID` names. Without a file
//! there is a default for that id; with one, directories are formatted only when `CLUSTER_ID` asks for it, since outside
//! of a container that is the user's own step. `kafka-server-start` knows nothing of variables.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use klamm_server::logging::{self, Levels};
use klamm_server::{
    Clock, OsRng, Properties, RealDisk, Settings, StoppedBy, parse_properties, properties_of_variables,
};
use klamm_tools::World;
use klamm_tools::storage::fresh::format_first_start;

use crate::arguments::ServeArguments;
use crate::fault::{DoorFault, Origin, StartedAs};

/// The cluster of containers that were told none; Kafka's image has the same.
const DEFAULT_CLUSTER_ID: &str = "5L6g3nShT-eMCtK--X86sw";

/// What Kafka's image serves when it is told nothing: one node, for clients on the same machine.
const TRYING_OUT: [(&str, &str); 12] = [
    ("process.roles", "broker,controller"),
    ("node.id", "1"),
    ("controller.quorum.voters", "1@localhost:9093"),
    ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
    ("advertised.listeners", "PLAINTEXT://localhost:9092"),
    ("controller.listener.names", "CONTROLLER"),
    ("log.dirs", "/tmp/kraft-combined-logs"),
    ("offsets.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
];

/// Serves until it is told to stop; by which signal.
pub fn run(arguments: &ServeArguments) -> Result<StoppedBy, DoorFault> {
    let variables = match arguments.variables {
        true => text_variables(std::env::vars_os()),
        false => BTreeMap::new(),
    };
    let (settings, origin) = read(arguments, &variables)?;
    logging::init(Levels::of_variables(|name| variables.get(name).map(String::as_str)));
    logging::adopt(&settings.observing);
    let cluster_id = match variables.get("CLUSTER_ID").filter(|id| !id.is_empty()) {
        Some(id) => Some((id.as_str(), true)),
        None => origin.file.is_none().then_some((DEFAULT_CLUSTER_ID, false)),
    };
    if let Some((id, is_expected)) = cluster_id
        && format(&settings, id, is_expected, &origin)?
    {
        let dirs: Vec<_> = settings.log.dirs.iter().map(|dir| dir.to_string_lossy()).collect();
        logging::note(
            "kafka.tools.StorageTool",
            format_args!("formatted {} for cluster {id}", dirs.join(", ")),
        );
    }
    let faulted = settings.clone();
    klamm_server::serve(settings, |_| {}).map_err(|fault| DoorFault::Server {
        fault: Box::new(fault),
        started_as: StartedAs::Serve(origin),
        settings: Box::new(faulted),
    })
}

/// Variables that are not text are none of ours.
fn text_variables(
    all: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> BTreeMap<String, String> {
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect()
}

fn read(
    arguments: &ServeArguments,
    variables: &BTreeMap<String, String>,
) -> Result<(Settings, Origin), DoorFault> {
    let mut properties = match &arguments.file {
        Some(file) => read_file(file)?,
        None => Properties::new(),
    };
    let from_variables = properties_of_variables(variables).map_err(DoorFault::Variables)?;
    let origin = Origin { file: arguments.file.clone(), variables: !from_variables.is_empty() };
    properties.extend(from_variables);
    if properties.is_empty() && origin.file.is_none() {
        properties.extend(TRYING_OUT.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    match Settings::from_properties(&properties, &arguments.overrides) {
        Ok(settings) => Ok((settings, origin)),
        Err(fault) => Err(DoorFault::Setting { origin, fault: Box::new(fault) }),
    }
}

fn read_file(file: &Path) -> Result<Properties, DoorFault> {
    let text = std::fs::read(file).map_err(|source| DoorFault::File { file: file.to_owned(), source })?;
    parse_properties(&text).map_err(|fault| DoorFault::Properties { file: file.to_owned(), fault })
}

fn format(
    settings: &Settings,
    cluster_id: &str,
    is_expected: bool,
    origin: &Origin,
) -> Result<bool, DoorFault> {
    let now_ms = Clock::start().now().wall_ms;
    let (out, err) = (&mut io::sink(), &mut io::sink());
    let mut rng = OsRng;
    let mut world = World::new(out, err, RealDisk::shared(), &mut rng, now_ms);
    format_first_start(settings, cluster_id, is_expected, &mut world)
        .map_err(|fault| DoorFault::FormatForServe { fault: Box::new(fault), origin: origin.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn without_file() -> ServeArguments {
        ServeArguments { file: None, overrides: Vec::new(), variables: true }
    }

    #[test]
    fn told_nothing_it_serves_a_node_for_trying_out() {
        let (settings, origin) =
            read(&without_file(), &variables(&[("KAFKA_HEAP_OPTS", "-Xmx1G")])).ok().expect("valid");
        assert_eq!(settings.listeners.advertised[0].host, "localhost");
        assert_eq!(settings.log.dirs, [Path::new("/tmp/kraft-combined-logs")]);
        assert!(origin.file.is_none() && !origin.variables);
    }

    #[test]
    fn variables_alone_have_to_say_everything() {
        let fault = read(&without_file(), &variables(&[("KAFKA_NODE_ID", "1")])).err().expect("no roles");
        assert!(fault.to_string().starts_with("KAFKA_* variables: "), "{fault}");
    }

    #[test]
    fn the_command_line_wins_over_variables_and_those_over_the_file() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("server.properties");
        let base: String = TRYING_OUT.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        std::fs::write(&file, base + "num.partitions=2\nlog.retention.hours=2\n").expect("a file");
        let arguments = ServeArguments {
            file: Some(file),
            overrides: vec![("num.partitions".to_owned(), "4".to_owned())],
            variables: true,
        };
        let set = variables(&[("KAFKA_NUM_PARTITIONS", "3"), ("KAFKA_LOG_RETENTION_HOURS", "3")]);
        let (settings, origin) = read(&arguments, &set).ok().expect("valid");
        assert_eq!(settings.topics.num_partitions, 4);
        assert_eq!(settings.topic_defaults.retention_ms, 3 * 3_600_000);
        assert!(origin.file.is_some() && origin.variables);
    }
}
