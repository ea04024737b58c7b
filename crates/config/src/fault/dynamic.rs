//! Changes that a running broker does not take. Kafka: `DynamicBrokerConfig`.

use std::fmt;

/// Why dynamic settings are refused as a whole. Lists of names are printed as Java prints them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DynamicFault {
    ReadOnly {
        names: String,
    },
    /// Of a key store, which differs by listener.
    WithoutListener {
        names: String,
    },
    /// Set for all brokers.
    OfOneBroker {
        names: String,
    },
    /// A part of the running broker would not take it.
    Reconfiguration(Reconfiguration),
}

/// What a part of the broker says to its new settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reconfiguration {
    FewerThreads {
        name: &'static str,
        then: i32,
        now: i32,
    },
    MoreThreads {
        name: &'static str,
        then: i32,
        now: i32,
    },
    NoCleanerThread,
    FewerCleanerThreads {
        now: i32,
    },
    MoreCleanerThreads {
        now: i32,
    },
    NoConnection {
        name: &'static str,
        value: i32,
    },
    Reporters {
        changed: String,
    },
    /// Of a listener that is open.
    Protocol {
        listener: String,
    },
    LocalUnlimited {
        local: &'static str,
        whole: &'static str,
        most: i64,
    },
    LocalMore {
        local: &'static str,
        whole: &'static str,
        value: i64,
        most: i64,
    },
    CopyLag {
        lag: &'static str,
        local: &'static str,
        value: i64,
        most: i64,
    },
}

impl fmt::Display for DynamicFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DynamicFault::ReadOnly { names } => {
                write!(f, "Cannot update these configs dynamically: {names}")
            }
            DynamicFault::WithoutListener { names } => write!(
                f,
                "These security configs can be dynamically updated only per-listener using the listener prefix: \
                 {names}"
            ),
            DynamicFault::OfOneBroker { names } => write!(
                f,
                "Cannot update these configs at default cluster level, broker id must be specified: {names}"
            ),
            // Kafka hands its inner exception to the constructor that takes a name and a value.
            DynamicFault::Reconfiguration(why) => write!(
                f,
                "Invalid value org.apache.kafka.common.config.ConfigException: {why} for configuration Invalid \
                 dynamic configuration"
            ),
        }
    }
}

impl fmt::Display for Reconfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const THREADS: &str = "Dynamic thread count update validation failed for";
        match self {
            Reconfiguration::FewerThreads { name, then, now } => {
                write!(f, "{THREADS} {name}={then}, value should be at least half the current value {now}")
            }
            Reconfiguration::MoreThreads { name, then, now } => write!(
                f,
                "{THREADS} {name}={then}, value should not be greater than double the current value {now}"
            ),
            Reconfiguration::NoCleanerThread => f.write_str("Log cleaner threads should be at least 1"),
            Reconfiguration::FewerCleanerThreads { now } => {
                write!(f, "Log cleaner threads cannot be reduced to less than half the current value {now}")
            }
            Reconfiguration::MoreCleanerThreads { now } => write!(
                f,
                "Log cleaner threads cannot be increased to more than double the current value {now}"
            ),
            Reconfiguration::NoConnection { name, value } => write!(f, "Invalid {name} {value}"),
            Reconfiguration::Reporters { changed } => write!(
                f,
                "Validation of dynamic config update of {changed} failed with class class \
                 kafka.server.DynamicMetricsReporters"
            ),
            Reconfiguration::Protocol { listener } => write!(
                f,
                "Security protocol cannot be updated for existing listener ListenerName({listener})"
            ),
            Reconfiguration::LocalUnlimited { local, whole, most } => write!(
                f,
                "Invalid value -1 for configuration {local}: Value must not be -1 as {whole} value is set as \
                 {most}."
            ),
            Reconfiguration::LocalMore { local, whole, value, most } => write!(
                f,
                "Invalid value {value} for configuration {local}: Value must not be more than {whole} property \
                 value: {most}"
            ),
            Reconfiguration::CopyLag { lag, local, value, most } => write!(
                f,
                "Invalid value {value} for configuration {lag}: Value must not exceed {local} (effective value: \
                 {most})"
            ),
        }
    }
}
