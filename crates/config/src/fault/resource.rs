//! Settings of topics, groups and client-metrics subscriptions that do not hold.
//! Kafka: `GroupConfig.validate`, `ClientMetricsConfigs.validate`, `LogConfig.validate`.

use std::fmt;

/// A group's settings beside the broker's bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupFault {
    Range { name: &'static str, min: i64, max: i64 },
    AtLeast { name: &'static str, min: i64 },
    AtMost { name: &'static str, max: i64 },
    SessionWithinHeartbeat { session: &'static str, heartbeat: &'static str },
    UnknownAssignor { name: String, known: Vec<String> },
    TagTwice,
    ReservedTopic,
}

/// A subscription's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMetricsFault {
    NoName,
    Unknown { name: String },
    Interval { ms: i64 },
    Pattern { pattern: String },
}

impl fmt::Display for GroupFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GroupFault::Range { name, min, max } => {
                write!(f, "{name} must be in the range {min} to {max} inclusive.")
            }
            GroupFault::AtLeast { name, min } => write!(f, "{name} must be greater than or equal to {min}"),
            GroupFault::AtMost { name, max } => write!(f, "{name} must be less than or equal to {max}"),
            GroupFault::SessionWithinHeartbeat { session, heartbeat } => {
                write!(f, "{session} must be greater than {heartbeat}")
            }
            GroupFault::UnknownAssignor { name, known } => write!(
                f,
                "streams.assignor.name '{name}' is not a registered task assignor. Registered assignors are: \
                 [{}].",
                known.join(", ")
            ),
            GroupFault::TagTwice => {
                f.write_str("streams.rack.aware.assignment.tags must not contain duplicate tag keys.")
            }
            GroupFault::ReservedTopic => {
                f.write_str("errors.deadletterqueue.topic.name: DLQ topic name must not start with '__'")
            }
        }
    }
}

impl fmt::Display for ClientMetricsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientMetricsFault::NoName => f.write_str("Subscription name can't be empty"),
            ClientMetricsFault::Unknown { name } => {
                write!(f, "Unknown client metrics configuration: {name}")
            }
            ClientMetricsFault::Interval { ms } => write!(
                f,
                "Invalid value {ms} for interval.ms, interval must be between 100 and 3600000 (1 hour)"
            ),
            ClientMetricsFault::Pattern { pattern } => {
                write!(f, "Illegal client matching pattern: {pattern}")
            }
        }
    }
}
