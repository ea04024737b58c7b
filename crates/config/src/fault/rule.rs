//! Settings that are fine alone and do not fit together. Kafka: `KafkaConfig.validateValues`,
//! `LogConfig.validate`. Kafka puts "requirement failed: " before most of them, which is left out here.

use std::fmt;

/// A rule whose message names no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    NodeIdIsBrokerId,
    RollTime,
    RollJitter,
    RetentionTime,
    DedupeBuffer,
    FetchWaitWithinSocketTimeout,
    FetchWaitWithinReplicaLag,
    /// Voters or bootstrap servers must be there.
    SomeQuorum,
    QueuedBytesHoldARequest,
    SomeConnections,
    CordonedAllAlone,
    ClassicProtocol,
    TieredStorageDisabled,
    AutoJoinIsForControllers,
    RackTagTwice,
    RemoteStorageTurnedOff,
    /// Only `process.roles=broker,controller` is served.
    BothRoles,
}

impl Rule {
    /// Whether Kafka states the rule with Scala's `require`, which puts two words before the message.
    pub(super) fn is_scala_require(self) -> bool {
        !matches!(
            self,
            Rule::NodeIdIsBrokerId
                | Rule::SomeQuorum
                | Rule::ClassicProtocol
                | Rule::TieredStorageDisabled
                | Rule::RackTagTwice
                | Rule::RemoteStorageTurnedOff
                | Rule::BothRoles
        )
    }
}

/// How two settings must lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    AtLeast,
    AtMost,
    Less,
}

impl Relation {
    pub(crate) fn holds(self, value: i64, other: i64) -> bool {
        match self {
            Relation::AtLeast => value >= other,
            Relation::AtMost => value <= other,
            Relation::Less => value < other,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Rule::NodeIdIsBrokerId => {
                "`node.id` and `broker.id` must be set to the same value. `broker.id` is deprecated, please use \
                 `node.id` instead."
            }
            Rule::RollTime => "log.roll.ms must be greater than or equal to 1",
            Rule::RollJitter => "log.roll.jitter.ms must be greater than or equal to 0",
            Rule::RetentionTime => "log.retention.ms must be unlimited (-1) or, greater than or equal to 1",
            Rule::DedupeBuffer => "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
            Rule::FetchWaitWithinSocketTimeout => {
                "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent \
                 unnecessary socket timeouts"
            }
            Rule::FetchWaitWithinReplicaLag => {
                "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to \
                 prevent frequent changes in ISR"
            }
            Rule::SomeQuorum => {
                "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of \
                 bootstrap controllers or controller.quorum.voters must contain a parseable set of controllers."
            }
            Rule::QueuedBytesHoldARequest => {
                "queued.max.request.bytes must be larger or equal to socket.request.max.bytes"
            }
            Rule::SomeConnections => {
                "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is \
                 set."
            }
            Rule::CordonedAllAlone => "When cordoned.log.dirs is set to *, it must not contain other values",
            Rule::ClassicProtocol => "Disabling the 'classic' protocol is not supported.",
            Rule::TieredStorageDisabled => {
                "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote \
                 log storage."
            }
            Rule::RackTagTwice => {
                "group.streams.rack.aware.assignment.tags must not contain duplicate tag keys."
            }
            Rule::RemoteStorageTurnedOff => {
                "It is invalid to disable remote storage without deleting remote data. If you want to keep the \
                 remote data and turn to read only, please set \
                 `remote.storage.enable=true,remote.log.copy.disable=true`. If you want to disable remote storage \
                 and delete all remote data, please set \
                 `remote.storage.enable=false,remote.log.delete.on.disable=true`."
            }
            Rule::AutoJoinIsForControllers => {
                "controller.quorum.auto.join.enable is only supported when process.roles contains the \
                 'controller' role."
            }
            Rule::BothRoles => {
                "process.roles is refused: only a combined node is served yet, set process.roles=broker,controller"
            }
        })
    }
}

/// A rule whose message names the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    NotAmongTheVoters {
        node_id: i32,
        voters: Vec<i32>,
    },
    /// `process.roles=broker`.
    AmongTheVoters {
        node_id: i32,
        voters: Vec<i32>,
    },
    /// `process.roles=broker`; the name must be in the protocol map.
    ControllerListenerNotMapped {
        listener: String,
    },
    ConnectionOverrideAddresses {
        addresses: Vec<String>,
    },
    ConnectionOverrideCount {
        text: String,
    },
    FailedAuthenticationDelay {
        delay_ms: i64,
        max_idle_ms: i64,
    },
    CordonedUnknown {
        missing: Vec<String>,
    },
    CompactionLags {
        min_ms: i64,
        max_ms: i64,
    },
    /// An entry of a `key:value` list without a colon.
    NotAPair {
        name: &'static str,
        entry: String,
    },
    /// Two settings that must lie otherwise.
    Order {
        name: &'static str,
        relation: Relation,
        other: &'static str,
    },
    OneShareAssignor {
        found: usize,
    },
    UnknownCodec {
        id: i32,
    },
    /// More than one entry in `controller.quorum.voters`, which Kafka would accept.
    VotersBesideThisNode {
        voters: usize,
    },
}

impl Conflict {
    /// Whether Kafka states it with Scala's `require`.
    pub(super) fn is_scala_require(&self) -> bool {
        matches!(
            self,
            Conflict::NotAmongTheVoters { .. }
                | Conflict::AmongTheVoters { .. }
                | Conflict::FailedAuthenticationDelay { .. }
                | Conflict::CordonedUnknown { .. }
        )
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Conflict::NotAmongTheVoters { node_id, voters } => write!(
                f,
                "If process.roles contains the 'controller' role, the node id {node_id} must be included in the \
                 set of voters controller.quorum.voters={}",
                scala_set(voters)
            ),
            Conflict::AmongTheVoters { node_id, voters } => write!(
                f,
                "If process.roles contains just the 'broker' role, the node id {node_id} must not be included in \
                 the set of voters controller.quorum.voters={}",
                scala_set(voters)
            ),
            Conflict::ControllerListenerNotMapped { listener } => write!(
                f,
                "Controller listener with name {listener} defined in controller.listener.names not found in \
                 listener.security.protocol.map  (an explicit security mapping for each controller listener is \
                 required if listener.security.protocol.map is non-empty, or if there are security protocols \
                 other than PLAINTEXT in use)"
            ),
            Conflict::ConnectionOverrideAddresses { addresses } => {
                let addresses = addresses.join(",");
                write!(f, "max.connections.per.ip.overrides contains invalid addresses : {addresses}")
            }
            Conflict::ConnectionOverrideCount { text } => write!(f, "For input string: \"{text}\""),
            Conflict::FailedAuthenticationDelay { delay_ms, max_idle_ms } => write!(
                f,
                "connection.failed.authentication.delay.ms={delay_ms} should always be less than \
                 connections.max.idle.ms={max_idle_ms} to prevent failed authentication responses from timing out"
            ),
            Conflict::CordonedUnknown { missing } => write!(
                f,
                "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : {}",
                missing.join(", ")
            ),
            Conflict::CompactionLags { min_ms, max_ms } => write!(
                f,
                "conflict topic config setting min.compaction.lag.ms ({min_ms}) > max.compaction.lag.ms ({max_ms})"
            ),
            Conflict::NotAPair { name, entry } => write!(
                f,
                "Error parsing configuration property '{name}': begin 0, end -1, length {}",
                entry.chars().count()
            ),
            Conflict::Order { name, relation: Relation::AtLeast, other } => {
                write!(f, "{name} must be greater than or equal to {other}")
            }
            Conflict::Order { name, relation: Relation::AtMost, other } => {
                write!(f, "{name} must be less than or equal to {other}")
            }
            Conflict::Order { name, relation: Relation::Less, other } => {
                write!(f, "{name} must be less than {other}")
            }
            Conflict::OneShareAssignor { found } => {
                write!(f, "group.share.assignors must contain exactly one assignor, but found {found}")
            }
            Conflict::UnknownCodec { id } => write!(f, "Unknown compression type id: {id}"),
            Conflict::VotersBesideThisNode { voters } => write!(
                f,
                "controller.quorum.voters is refused: it names {voters} voters and only a quorum of one is served \
                 yet, name this node alone"
            ),
        }
    }
}

fn scala_set(ids: &[i32]) -> String {
    let ids: Vec<String> = ids.iter().map(i32::to_string).collect();
    format!("Set({})", ids.join(", "))
}
