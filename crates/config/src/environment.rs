//! `KAFKA_*` variables as properties, the way Kafka's official container image maps them.
//!
//! | Variable | Property |
//! |---|---|
//! | `KAFKA_LOG_DIRS` | `log.dirs`: `_` is a dot |
//! | `KAFKA_A__B` | `a_b`: `__` is an underscore |
//! | `KAFKA_A___B` | `a-b`: `___` is a dash, found before the shorter two |
//!
//! The image appends `name=value` lines to a properties file, without escaping anything: a value is read
//! as such a file is, backslashes and line ends included. `KAFKA_LISTENERS` follows from the advertised
//! listeners where it is unset.
//!
//! Kafka: `KafkaDockerWrapper.getServerConfigsFromEnv` and the image's `configure` script.

use crate::properties::{MalformedEscape, Properties, parse_properties};
use std::collections::BTreeMap;
use std::fmt;

const PREFIX: &str = "KAFKA_";

/// Variables that begin like a property and are meant for the image itself.
const NO_PROPERTIES: [&str; 11] = [
    "KAFKA_GC_LOG_OPTS",
    "KAFKA_HEAP_OPTS",
    "KAFKA_JMX_HOSTNAME",
    "KAFKA_JMX_OPTS",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_LOGGERS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_LOG4J_ROOT_LOGLEVEL",
    "KAFKA_OPTS",
    "KAFKA_TOOLS_LOG4J_LOGLEVEL",
    "KAFKA_VERSION",
];

/// Why variables cannot be read as properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvironmentFault {
    /// A node that is a controller only has nothing to advertise.
    AdvertisedOnController,
    /// A value holds a `\u` without four hexadecimal digits.
    Escape(MalformedEscape),
}

impl fmt::Display for EnvironmentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EnvironmentFault::AdvertisedOnController => {
                f.write_str("KAFKA_ADVERTISED_LISTENERS is not supported on a KRaft controller.")
            }
            EnvironmentFault::Escape(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for EnvironmentFault {}

/// The properties that `variables` set, to be put on top of a mounted file's; empty if there are none.
pub fn properties_of_variables(variables: &BTreeMap<String, String>) -> Result<Properties, EnvironmentFault> {
    let mut text = String::new();
    for (name, value) in variables {
        if let Some(property) = property_name(name) {
            text.extend([&property, "=", value, "\n"]);
        }
    }
    // The file is written as UTF-8 and read as Latin-1, as every properties file.
    let mut properties = parse_properties(text.as_bytes()).map_err(EnvironmentFault::Escape)?;
    let is_set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
    let advertised = variables.get("KAFKA_ADVERTISED_LISTENERS").filter(|value| !value.is_empty());
    if variables.get("KAFKA_PROCESS_ROLES").is_some_and(|roles| roles == "controller") {
        properties.remove("advertised.listeners");
        return match advertised {
            Some(_) => Err(EnvironmentFault::AdvertisedOnController),
            None => Ok(properties),
        };
    }
    if let Some(advertised) = advertised.filter(|_| !is_set("KAFKA_LISTENERS")) {
        properties.insert("listeners".to_string(), on_every_interface(advertised));
    }
    Ok(properties)
}

/// The property a variable stands for; None if it is none of Kafka's, or not meant as a property.
pub fn property_name(variable: &str) -> Option<String> {
    let name = variable.strip_prefix(PREFIX).filter(|_| !NO_PROPERTIES.contains(&variable))?;
    Some(name.to_lowercase().replace('_', ".").replace("...", "-").replace("..", "_"))
}

/// `NAME://host:port` with 0.0.0.0 for each host: between `://` and the next colon.
fn on_every_interface(advertised: &str) -> String {
    let mut listeners = String::with_capacity(advertised.len());
    let mut rest = advertised;
    while let Some((before, after)) = rest.split_once("://") {
        let Some((_host, port)) = after.split_once(':') else { break };
        listeners.extend([before, "://0.0.0.0:"]);
        rest = port;
    }
    listeners + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn properties(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        properties_of_variables(&variables(pairs)).expect("readable").into_iter().collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_string(), value.to_string())
    }

    /// Three replacements one after the other, so that five underscores are a dash and an underscore.
    #[test]
    fn names_are_mapped_as_the_image_maps_them() {
        let cases = [
            ("KAFKA_LOG_DIRS", "log.dirs"),
            ("KAFKA_NODE_ID", "node.id"),
            ("KAFKA_A__B", "a_b"),
            ("KAFKA_A___B", "a-b"),
            ("KAFKA_A____B", "a-.b"),
            ("KAFKA_A_____B", "a-_b"),
            (
                "KAFKA_LISTENER_NAME_SASL__SSL_PLAIN_SASL_JAAS_CONFIG",
                "listener.name.sasl_ssl.plain.sasl.jaas.config",
            ),
            ("KAFKA_KAFKA_METRICS_REPORTERS", "kafka.metrics.reporters"),
            ("KAFKA_JMX_PORT", "jmx.port"),
        ];
        for (variable, property) in cases {
            assert_eq!(property_name(variable).as_deref(), Some(property), "{variable}");
        }
        for variable in ["KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_VERSION", "CLUSTER_ID", "kafka_node_id"] {
            assert_eq!(property_name(variable), None, "{variable}");
        }
    }

    #[test]
    fn values_are_read_as_lines_of_a_file() {
        assert_eq!(
            properties(&[("KAFKA_A", "x\\ty"), ("KAFKA_B", "first\nlog.dirs=/two"), ("PATH", "/bin")]),
            vec![pair("a", "x\ty"), pair("b", "first"), pair("log.dirs", "/two")]
        );
        assert_eq!(properties(&[("HOME", "/root")]), vec![]);
        let broken = properties_of_variables(&variables(&[("KAFKA_A", "\\u12")]));
        assert_eq!(broken, Err(EnvironmentFault::Escape(MalformedEscape)));
    }

    #[test]
    fn listeners_follow_from_the_advertised_ones() {
        let advertised = pair("advertised.listeners", "PLAINTEXT://a.b:9092,X://localhost:1");
        let given = ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://a.b:9092,X://localhost:1");
        let derived = pair("listeners", "PLAINTEXT://0.0.0.0:9092,X://0.0.0.0:1");
        assert_eq!(properties(&[given]), vec![advertised.clone(), derived.clone()]);
        assert_eq!(properties(&[given, ("KAFKA_LISTENERS", "")]), vec![advertised.clone(), derived]);
        let own = pair("listeners", "PLAINTEXT://:9092");
        assert_eq!(properties(&[given, ("KAFKA_LISTENERS", "PLAINTEXT://:9092")]), vec![advertised, own]);
    }

    #[test]
    fn a_controller_advertises_nothing() {
        let controller = ("KAFKA_PROCESS_ROLES", "controller");
        let roles = pair("process.roles", "controller");
        assert_eq!(properties(&[controller, ("KAFKA_ADVERTISED_LISTENERS", "")]), vec![roles]);
        let advertised = variables(&[controller, ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://a:1")]);
        assert_eq!(properties_of_variables(&advertised), Err(EnvironmentFault::AdvertisedOnController));
    }
}
