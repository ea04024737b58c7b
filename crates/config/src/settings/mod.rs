//! The settings of one node as typed values, grouped by who reads them. Kafka: `KafkaConfig`.
//!
//! [`Settings`] is immutable. A dynamic change yields a new one ([`Settings::with_dynamic`]); readers
//! keep an `Arc` and take the fresh one at their next decision, so that no change needs a restart.

mod client_metrics;
mod describe;
mod dynamic;
mod group_rules;
mod groups;
mod internal_topics;
mod java_pattern;
mod layers;
mod limits;
mod listeners;
mod observing;
mod quorum;
mod reconfigure;
mod rules;
mod sockets;
mod synonyms;
#[cfg(test)]
mod tests;
pub mod topic;
mod values;
mod views;

use crate::definition::{Default, Status};
use crate::fault::ConfigFault;
use crate::properties::Properties;
use crate::table;
use crate::value::Value;
use layers::Layers;
use std::path::Path;
use std::sync::Arc;
use topic::{TopicConfig, TopicValues};
use values::Values;

pub use crate::addresses::Voter;
pub use client_metrics::check_client_metrics;
pub use describe::{ConfigEntry, ConfigSynonym};
pub use dynamic::DynamicLevel;
pub use groups::GroupSettings;
pub use internal_topics::{InternalTopic, InternalTopicSettings};
pub use layers::ConfigSource;
pub use limits::LimitSettings;
pub use listeners::{Endpoint, ListenerSettings, SecurityProtocol};
pub use observing::{HttpAddress, ObservingSettings};
pub use quorum::QuorumSettings;
pub use sockets::{ConnectionSettings, ListenerLimits, SocketSettings};
pub use views::{
    FetchSettings, IdentitySettings, LifecycleSettings, LogSettings, MetadataSettings, TopicSettings,
    TransactionSettings,
};

/// What one node was told: static file, then dynamic cluster default, then dynamic for this broker.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub identity: IdentitySettings,
    pub listeners: ListenerSettings,
    pub quorum: QuorumSettings,
    pub metadata: MetadataSettings,
    pub lifecycle: LifecycleSettings,
    pub log: LogSettings,
    pub topics: TopicSettings,
    pub internal_topics: InternalTopicSettings,
    pub groups: GroupSettings,
    pub transactions: TransactionSettings,
    pub sockets: SocketSettings,
    pub fetch: FetchSettings,
    pub limits: LimitSettings,
    pub observing: ObservingSettings,
    /// What a topic without own configs gets: defaults and broker-level synonyms resolved.
    pub topic_defaults: TopicConfig,
    /// Names in the file that Kafka does not know, sorted; accepted as Kafka does, to be named once at
    /// start.
    pub unknown: Vec<String>,
    /// Names that were set to something else than the default and change nothing here yet, sorted; to be
    /// named once at start.
    pub without_effect: Vec<String>,
    layers: Layers,
    values: Arc<Values>,
}

impl Settings {
    /// Reads a properties file's pairs with `overrides` on top (later ones win), for a node that is to
    /// serve.
    ///
    /// Fails with the first rejected value, as Kafka's start does: a bound of the table, a cross-key rule
    /// of `KafkaConfig`, or a setting that is refused here.
    pub fn from_properties(
        properties: &Properties,
        overrides: &[(String, String)],
    ) -> Result<Settings, ConfigFault> {
        let layers = Layers { file: with_overrides(properties, overrides), ..Layers::default() };
        let settings = Settings::from_layers(layers)?;
        rules::check_served(&settings, &settings.values)?;
        Ok(settings)
    }

    /// Like [`Settings::from_properties`] for a tool that only looks at the file: what Kafka accepts and
    /// this broker refuses to serve (other roles, more voters, TLS) passes.
    pub fn for_tool(properties: &Properties) -> Result<Settings, ConfigFault> {
        let layers = Layers { file: with_overrides(properties, &[]), ..Layers::default() };
        Settings::from_layers(layers)
    }

    /// The settings of `klamm dev`: one combined node 1 on loopback, broker on `port`, controller on
    /// `controller_port`, data in `dir`, internal topics with one replica, groups without a first delay.
    pub fn dev(
        dir: &Path,
        port: u16,
        controller_port: u16,
        overrides: &[(String, String)],
    ) -> Result<Settings, ConfigFault> {
        Settings::from_properties(&dev_properties(dir, port, controller_port), overrides)
    }

    /// These settings on a machine that gives the process so many descriptors: the defaults of
    /// `max.connections` and `max.connections.per.ip` are lowered so far that a quarter is left for files, and that of
    /// `klamm.max.open.files` so far that some of it is left for others.
    pub fn with_descriptors(&self, descriptors: u64) -> Settings {
        let most = i64::try_from(descriptors - descriptors / 4).unwrap_or(i64::MAX);
        let mut layers = self.layers.clone();
        let files = i64::try_from(descriptors / 8).unwrap_or(i64::MAX);
        let lowered = [
            ("klamm.max.open.files", files.max(16)),
            ("max.connections", most),
            ("max.connections.per.ip", most - most / 4),
        ];
        for (name, most) in lowered {
            if let Default::Number(default) = table::broker()[name].default {
                layers.machine.insert(name.to_string(), default.min(most.max(1)).to_string());
            }
        }
        match Settings::resolve(layers.merged(), layers) {
            Ok(settings) => Settings { listeners: self.listeners.clone(), ..settings },
            Err(_) => self.clone(),
        }
    }

    fn from_layers(layers: Layers) -> Result<Settings, ConfigFault> {
        Settings::resolve(layers.merged(), layers)
    }

    /// Kafka: `new KafkaConfig`.
    fn resolve(originals: Properties, layers: Layers) -> Result<Settings, ConfigFault> {
        let values = Arc::new(Values::resolve(originals, &layers.machine)?);
        let quorum = QuorumSettings::from_values(&values)?;
        let log = LogSettings::from_values(&values);
        let settings = Settings {
            identity: IdentitySettings::from_values(&values),
            listeners: ListenerSettings::from_values(&values, &quorum)?,
            quorum,
            metadata: MetadataSettings::from_values(&values, &log.dirs),
            lifecycle: LifecycleSettings::from_values(&values),
            log,
            topics: TopicSettings::from_values(&values),
            internal_topics: InternalTopicSettings::from_values(&values),
            groups: GroupSettings::from_values(&values),
            transactions: TransactionSettings::from_values(&values),
            sockets: SocketSettings::from_values(&values),
            fetch: FetchSettings::from_values(&values),
            limits: LimitSettings::from_values(&values),
            observing: ObservingSettings::from_values(&values)?,
            topic_defaults: TopicConfig::from_values(&TopicValues::of_broker(&values)),
            unknown: unknown_names(&layers.file),
            without_effect: names_without_effect(&layers.file, &values),
            layers,
            values,
        };
        rules::check_kafkas_rules(&settings, &settings.values)?;
        Ok(settings)
    }

    /// These settings with the dynamic layers of the metadata image on top: `cluster_default` (resource
    /// BROKER, name ""), then `own` (resource BROKER, name = node id); earlier dynamic layers are
    /// replaced.
    ///
    /// Values that do not hold are left out, as Kafka does, and returned beside the settings. Should the
    /// rest not fit together, what counts stays as it is here. The listeners stay as they are always: they
    /// are bound.
    pub fn with_dynamic(
        &self,
        cluster_default: &Properties,
        own: &Properties,
    ) -> (Settings, Vec<ConfigFault>) {
        let mut faults = Vec::new();
        let layers = Layers {
            machine: self.layers.machine.clone(),
            file: self.layers.file.clone(),
            cluster: dynamic::layer(cluster_default, DynamicLevel::Cluster, &mut faults),
            own: dynamic::layer(own, DynamicLevel::Broker, &mut faults),
        };
        let mut originals = layers.merged();
        group_rules::clamp(&mut originals);
        match Settings::resolve(originals, layers.clone()) {
            Ok(settings) => (Settings { listeners: self.listeners.clone(), ..settings }, faults),
            Err(fault) => {
                faults.push(fault);
                (Settings { layers, ..self.clone() }, faults)
            }
        }
    }

    /// The typed config of a topic whose own configs are `overrides`. Values that do not hold (written by
    /// another version) fall back to the broker level.
    pub fn topic_config(&self, overrides: &Properties) -> TopicConfig {
        if overrides.is_empty() {
            return self.topic_defaults.clone();
        }
        TopicConfig::from_values(&self.topic_values(overrides))
    }

    /// Checks the configs of a CreateTopics or AlterConfigs request as the controller does
    /// (Kafka: `LogConfig.validate`). The fault's text is the error message of the answer (INVALID_CONFIG).
    pub fn check_topic_configs(&self, overrides: &Properties) -> Result<(), ConfigFault> {
        topic::check_topic_configs(overrides, self.topic_values(&Properties::new()))
    }

    /// Checks all configs that an existing topic would have in place of those it has (Kafka:
    /// `LogConfig.validate` with existing configs).
    pub fn check_topic_change(
        &self,
        existing: &Properties,
        proposed: &Properties,
    ) -> Result<(), ConfigFault> {
        self.check_topic_configs(proposed)?;
        topic::check_remote_storage_kept(existing, proposed)
    }

    fn topic_values(&self, overrides: &Properties) -> TopicValues {
        TopicValues::of_broker(&self.values).with(overrides)
    }
}

/// The file with the command line on top and `broker.id` and `node.id` standing in for each other.
/// Kafka: `AbstractKafkaConfig.populateSynonyms`.
fn with_overrides(properties: &Properties, overrides: &[(String, String)]) -> Properties {
    let mut file = properties.clone();
    file.extend(overrides.iter().cloned());
    for (missing, given) in [("broker.id", "node.id"), ("node.id", "broker.id")] {
        if let (false, Some(id)) = (file.contains_key(missing), file.get(given).cloned()) {
            file.insert(missing.to_string(), id);
        }
    }
    file
}

/// Names Kafka reads though its table does not list them: per-listener overrides, plug-in settings and
/// those of its authorizer.
fn is_known_beside_the_table(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["listener.name.", "rsm.config.", "rlmm.config.", "config.providers."];
    const NAMES: [&str; 2] = ["super.users", "allow.everyone.if.no.acl.found"];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

fn unknown_names(file: &Properties) -> Vec<String> {
    let known = |name: &str| table::broker().contains_key(name) || is_known_beside_the_table(name);
    file.keys().filter(|name| !known(name)).cloned().collect()
}

fn names_without_effect(file: &Properties, values: &Values) -> Vec<String> {
    let without_effect = |name: &str| match table::broker().get(name) {
        Some(row) => row.status == Status::NoEffectYet && *values.get(name) != Value::default_of(row),
        None => is_known_beside_the_table(name) && !sockets::is_limit_of_a_listener(name),
    };
    file.keys().filter(|name| without_effect(name)).cloned().collect()
}

fn dev_properties(dir: &Path, port: u16, controller_port: u16) -> Properties {
    let dir = dir.to_string_lossy();
    let pairs = [
        ("process.roles", "broker,controller".to_string()),
        ("node.id", "1".to_string()),
        ("controller.quorum.voters", format!("1@localhost:{controller_port}")),
        ("listeners", format!("PLAINTEXT://localhost:{port},CONTROLLER://localhost:{controller_port}")),
        ("advertised.listeners", format!("PLAINTEXT://localhost:{port}")),
        ("controller.listener.names", "CONTROLLER".to_string()),
        ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT".to_string()),
        ("log.dirs", dir.into_owned()),
        ("offsets.topic.replication.factor", "1".to_string()),
        ("transaction.state.log.replication.factor", "1".to_string()),
        ("transaction.state.log.min.isr", "1".to_string()),
        ("share.coordinator.state.topic.replication.factor", "1".to_string()),
        ("share.coordinator.state.topic.min.isr", "1".to_string()),
        ("group.initial.rebalance.delay.ms", "0".to_string()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}
