//! Why a setting was not accepted, in the words Kafka uses for it.
//!
//! In the order they are met: one value ([`ConfigFault`]), listeners and voters ([`ListenerFault`],
//! [`QuorumFault`]), how everything fits together ([`Rule`], [`Conflict`]), changes while running
//! ([`DynamicFault`]), settings of groups and subscriptions ([`GroupFault`], [`ClientMetricsFault`]).

mod dynamic;
mod listener;
mod resource;
mod rule;

use crate::definition::Kind;
use std::fmt;

pub use dynamic::{DynamicFault, Reconfiguration};
pub use listener::{ListWhy, ListenerFault, ListenerRule, QuorumFault};
pub use resource::{ClientMetricsFault, GroupFault};
pub use rule::{Conflict, Relation, Rule};

/// A rejected setting. `Display` is one line and Kafka's message where Kafka has one.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigFault {
    /// No property of that name in the resource's table; `resource` as in Kafka's message, e.g. `topic`.
    UnknownName {
        resource: &'static str,
        name: String,
    },
    /// A property without default was not set.
    Missing {
        name: &'static str,
    },
    /// The value does not parse or lies outside the bounds.
    Invalid {
        name: &'static str,
        value: String,
        expected: Expected,
    },
    /// A list that must have elements has none.
    ListEmpty {
        name: &'static str,
        allowed: &'static [&'static str],
    },
    /// `a,,b`.
    ListElementEmpty {
        name: &'static str,
    },
    /// Stored as a dynamic value of a level it cannot have.
    NotDynamic {
        name: String,
    },
    /// Listeners that do not fit together.
    Listener(ListenerFault),
    Quorum(QuorumFault),
    /// Settings that do not fit together.
    Rule(Rule),
    Conflict(Conflict),
    Dynamic(DynamicFault),
    Group(GroupFault),
    ClientMetrics(ClientMetricsFault),
    /// Kafka would accept it; it is refused here, for this reason.
    Refused {
        name: &'static str,
        reason: &'static str,
    },
}

/// What a value should have been.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    Boolean,
    Number(Kind),
    AtLeast(f64),
    AtMost(f64),
    GzipLevel,
    OneOf(&'static [&'static str]),
    OneOfIgnoringCase(&'static [&'static str]),
    NonEmpty,
    ThrottledReplicas(&'static str),
    OffsetReset,
    /// A class that can be loaded, of which there are none.
    Class,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigFault::UnknownName { resource, name } => {
                write!(f, "Unknown {resource} config name: {name}")
            }
            ConfigFault::Missing { name } => {
                write!(f, "Missing required configuration \"{name}\" which has no default value.")
            }
            ConfigFault::Invalid { name, value, expected } => {
                write!(f, "Invalid value {value} for configuration {name}: ")?;
                write_expected(f, expected, value, name)
            }
            ConfigFault::ListEmpty { name, allowed } => {
                write!(f, "Configuration '{name}' must not be empty. Valid values include: ")?;
                match allowed {
                    [] => f.write_str("any non-empty value"),
                    _ => write!(f, "[{}]", allowed.join(", ")),
                }
            }
            ConfigFault::ListElementEmpty { name } => {
                write!(f, "Configuration '{name}' values must not be empty.")
            }
            ConfigFault::NotDynamic { name } => write!(f, "{name} cannot be set dynamically at this level"),
            ConfigFault::Listener(fault) => fault.fmt(f),
            ConfigFault::Quorum(fault) => fault.fmt(f),
            ConfigFault::Rule(rule) => rule.fmt(f),
            ConfigFault::Conflict(conflict) => conflict.fmt(f),
            ConfigFault::Dynamic(fault) => fault.fmt(f),
            ConfigFault::Group(fault) => fault.fmt(f),
            ConfigFault::ClientMetrics(fault) => fault.fmt(f),
            ConfigFault::Refused { name, reason } => write!(f, "{name} is refused: {reason}"),
        }
    }
}

fn write_expected(f: &mut fmt::Formatter<'_>, expected: &Expected, value: &str, name: &str) -> fmt::Result {
    match expected {
        Expected::Boolean => f.write_str("Expected value to be either true or false"),
        Expected::Number(kind) => write!(f, "Not a number of type {}", kind.java_name()),
        Expected::AtLeast(min) => write!(f, "Value must be at least {min}"),
        Expected::AtMost(max) => write!(f, "Value must be no more than {max}"),
        Expected::GzipLevel => f.write_str("Value must be between 1 and 9 or equal to -1"),
        Expected::OneOf(allowed) => write!(f, "String must be one of: {}", allowed.join(", ")),
        Expected::OneOfIgnoringCase(allowed) => {
            write!(f, "String must be one of (case insensitive): {}", allowed.join(", "))
        }
        Expected::NonEmpty => f.write_str("String must be non-empty"),
        Expected::ThrottledReplicas(name) => write!(
            f,
            "{name} must be the literal '*' or a list of replicas in the following format: \
             [partitionId]:[brokerId],[partitionId]:[brokerId],..."
        ),
        Expected::Class => write!(f, "Class {value} could not be found."),
        Expected::OffsetReset => write!(
            f,
            "Invalid value `{value}` for configuration {name}. The value must be either 'earliest', \
             'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'."
        ),
    }
}

impl ConfigFault {
    /// The text as an answer to a client has it: rules that Kafka states with Scala's `require` begin with
    /// words of Scala.
    pub fn java_message(&self) -> String {
        let of_scala = match self {
            ConfigFault::Rule(rule) => rule.is_scala_require(),
            ConfigFault::Conflict(conflict) => conflict.is_scala_require(),
            ConfigFault::Listener(fault) => fault.is_scala_require(),
            _ => false,
        };
        if of_scala { format!("requirement failed: {self}") } else { self.to_string() }
    }
}

impl std::error::Error for ConfigFault {}

impl From<ListenerFault> for ConfigFault {
    fn from(fault: ListenerFault) -> ConfigFault {
        ConfigFault::Listener(fault)
    }
}

impl From<QuorumFault> for ConfigFault {
    fn from(fault: QuorumFault) -> ConfigFault {
        ConfigFault::Quorum(fault)
    }
}

impl From<Rule> for ConfigFault {
    fn from(fault: Rule) -> ConfigFault {
        ConfigFault::Rule(fault)
    }
}

impl From<Conflict> for ConfigFault {
    fn from(fault: Conflict) -> ConfigFault {
        ConfigFault::Conflict(fault)
    }
}

impl From<ListenerRule> for ConfigFault {
    fn from(rule: ListenerRule) -> ConfigFault {
        ConfigFault::Listener(ListenerFault::Rule(rule))
    }
}

impl From<DynamicFault> for ConfigFault {
    fn from(fault: DynamicFault) -> ConfigFault {
        ConfigFault::Dynamic(fault)
    }
}

impl From<GroupFault> for ConfigFault {
    fn from(fault: GroupFault) -> ConfigFault {
        ConfigFault::Group(fault)
    }
}

impl From<ClientMetricsFault> for ConfigFault {
    fn from(fault: ClientMetricsFault) -> ConfigFault {
        ConfigFault::ClientMetrics(fault)
    }
}
