//! Properties that a client cannot begin with, in the words of Kafka's clients where they have some.

use std::fmt;

use klamm_config::ConfigFault;

/// Why a client was not made (Kafka: `ConfigException`, unless said otherwise).
#[derive(Clone, Debug, PartialEq)]
pub enum PropertiesFault {
    /// A value by itself.
    Config(ConfigFault),
    InvalidUrl {
        url: String,
    },
    InvalidPort {
        url: String,
    },
    /// Neither brokers nor controllers are named.
    NoBootstrap,
    BothBootstraps,
    InvalidOffsetReset {
        value: String,
    },
    DeliveryTimeoutTooShort,
    IdempotenceNeedsRetries,
    IdempotenceNeedsAllAcks,
    IdempotenceInFlight {
        given: i64,
    },
    TransactionNeedsIdempotence,
    /// Kafka: `InvalidConfigurationException`
    AutoCommitWithoutGroup,
    NotInClassicGroups {
        names: String,
    },
    /// Kafka: `IllegalArgumentException`
    HeartbeatTooSlow,
    /// Kafka: `KafkaException`
    UnknownClass {
        class: String,
    },
    /// Kafka can, this client cannot.
    NotServed {
        name: &'static str,
        value: String,
    },
}

impl From<ConfigFault> for PropertiesFault {
    fn from(fault: ConfigFault) -> PropertiesFault {
        PropertiesFault::Config(fault)
    }
}

impl fmt::Display for PropertiesFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PropertiesFault::Config(fault) => fault.fmt(f),
            PropertiesFault::InvalidUrl { url } => write!(f, "Invalid url in bootstrap.servers: {url}"),
            PropertiesFault::InvalidPort { url } => write!(f, "Invalid port in bootstrap.servers: {url}"),
            PropertiesFault::NoBootstrap => {
                f.write_str("You must set either bootstrap.servers or bootstrap.controllers")
            }
            PropertiesFault::BothBootstraps => {
                f.write_str("You cannot set both bootstrap.servers and bootstrap.controllers")
            }
            PropertiesFault::InvalidOffsetReset { value } => write!(
                f,
                "Invalid value {value} for configuration auto.offset.reset: Invalid value `{value}` for \
                 configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of \
                 the format 'by_duration:<PnDTnHnMn.nS.>'."
            ),
            PropertiesFault::DeliveryTimeoutTooShort => f.write_str(
                "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
            ),
            PropertiesFault::IdempotenceNeedsRetries => {
                f.write_str("Must set retries to non-zero when using the idempotent producer.")
            }
            PropertiesFault::IdempotenceNeedsAllAcks => f.write_str(
                "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee \
                 idempotence.",
            ),
            PropertiesFault::IdempotenceInFlight { given } => write!(
                f,
                "To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. \
                 Current value is {given}."
            ),
            PropertiesFault::TransactionNeedsIdempotence => {
                f.write_str("Cannot set a transactional.id without also enabling idempotence.")
            }
            PropertiesFault::AutoCommitWithoutGroup => {
                f.write_str("enable.auto.commit cannot be set to true when default group id (null) is used.")
            }
            PropertiesFault::NotInClassicGroups { names } => {
                write!(f, "{names} cannot be set when group.protocol=CLASSIC")
            }
            PropertiesFault::HeartbeatTooSlow => {
                f.write_str("Heartbeat must be set lower than the session timeout")
            }
            PropertiesFault::UnknownClass { class } => {
                write!(f, "{class} ClassNotFoundException exception occurred")
            }
            PropertiesFault::NotServed { name, value } => {
                write!(f, "{name}={value} is not served by Klamm's own client")
            }
        }
    }
}

impl std::error::Error for PropertiesFault {}

/// What Kafka's clients log while they are made. `Display` is the line without date and logger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropertiesNote {
    /// Level INFO: names that no client of this kind knows, or that it has no use for.
    Unused { names: Vec<String> },
    /// Level INFO
    IdempotenceOff { name: &'static str, value: i64 },
    /// Level WARN
    ReconnectBackoffStatic,
    /// Level WARN
    RetryBackoffStatic { backoff_ms: i64, max_ms: i64 },
    /// Level WARN
    DeliveryTimeoutRaised { to_ms: i64 },
}

impl PropertiesNote {
    /// True for level WARN; the tools show that and not INFO.
    pub fn is_warning(&self) -> bool {
        !matches!(self, PropertiesNote::Unused { .. } | PropertiesNote::IdempotenceOff { .. })
    }
}

impl fmt::Display for PropertiesNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PropertiesNote::Unused { names } => {
                write!(f, "These configurations '[{}]' were supplied but are not used yet.", names.join(", "))
            }
            PropertiesNote::IdempotenceOff { name: "acks", value } => {
                write!(f, "Idempotence will be disabled because acks is set to {value}, not set to 'all'.")
            }
            PropertiesNote::IdempotenceOff { name, value } => {
                write!(f, "Idempotence will be disabled because {name} is set to {value}.")
            }
            PropertiesNote::ReconnectBackoffStatic => f.write_str(
                "Disabling exponential reconnect backoff because reconnect.backoff.ms is set, but \
                 reconnect.backoff.max.ms is not.",
            ),
            PropertiesNote::RetryBackoffStatic { backoff_ms, max_ms } => write!(
                f,
                "Configuration 'retry.backoff.ms' with value '{backoff_ms}' is greater than configuration \
                 'retry.backoff.max.ms' with value '{max_ms}'. A static backoff with value '{max_ms}' will be \
                 applied."
            ),
            PropertiesNote::DeliveryTimeoutRaised { to_ms } => write!(
                f,
                "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms. Setting \
                 it to {to_ms}."
            ),
        }
    }
}
