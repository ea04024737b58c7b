//! Why a setting was not accepted, in the words Kafka's `ConfigException` uses.

use std::fmt;

/// A rejected setting. `Display` is one line, without a trailing full stop unless Kafka has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigFault {
    /// No definition of that name in the resource's table (Kafka: `Unknown topic config name: x`).
    UnknownName { resource: &'static str, name: String },
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigFault::UnknownName { resource, name } => {
                write!(f, "Unknown {resource} config name: {name}")
            }
        }
    }
}

impl std::error::Error for ConfigFault {}
