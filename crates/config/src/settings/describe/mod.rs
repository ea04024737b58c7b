//! What settings look like to a client: values, sources, synonyms. Kafka: `ConfigHelper`.
//!
//! - [`topic`](self) – `topic`: a topic's configs, and those a new topic starts with
//! - `broker`: this broker's settings, and the defaults of all brokers
//! - `resource`: groups and client-metrics subscriptions

mod broker;
mod resource;
mod topic;

use crate::definition::{Definition, Kind};
use crate::settings::Settings;
use crate::settings::layers::ConfigSource;
use crate::table;

/// One line of a description of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    pub name: String,
    /// None = null, also for everything sensitive.
    pub value: Option<String>,
    pub source: ConfigSource,
    pub read_only: bool,
    pub sensitive: bool,
    /// Strongest first.
    pub synonyms: Vec<ConfigSynonym>,
    /// None = a name that the table does not have.
    pub kind: Option<Kind>,
    pub doc: Option<&'static str>,
}

/// One level that has something to say about a value.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigSynonym {
    pub name: String,
    /// None = null, also for everything sensitive.
    pub value: Option<String>,
    pub source: ConfigSource,
}

impl ConfigSynonym {
    fn new(name: &str, value: Option<String>, source: ConfigSource) -> ConfigSynonym {
        ConfigSynonym { name: name.to_string(), value, source }
    }
}

/// The entry of a property of a topic, group or subscription, which can be set always.
fn entry_of(row: &Definition, value: Option<String>, synonyms: Vec<ConfigSynonym>) -> ConfigEntry {
    ConfigEntry {
        name: row.name.to_string(),
        value,
        source: synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source),
        read_only: false,
        sensitive: row.sensitive(),
        synonyms,
        kind: Some(row.kind),
        doc: Some(row.doc),
    }
}

impl Settings {
    /// Level by level what the broker properties `names` say, in their own units, defaults last. What
    /// comes before the first mention of `first` is dropped, as Kafka does, so that a name shows none at
    /// all if it is neither set nor has a default.
    fn synonyms(&self, first: &str, names: &[&str], sensitive: bool) -> Vec<ConfigSynonym> {
        let shown = |text: String| (!sensitive).then_some(text);
        let mut found = Vec::new();
        for (source, level) in self.layers.levels() {
            for name in names {
                if let Some(text) = level.get(*name) {
                    found.push(ConfigSynonym::new(name, shown(text.clone()), source));
                }
            }
        }
        for name in names {
            let of_table = || table::broker().get(name).and_then(|row| row.default_text());
            if let Some(text) = self.layers.machine.get(*name).cloned().or_else(of_table) {
                found.push(ConfigSynonym::new(name, shown(text), ConfigSource::Default));
            }
        }
        let at = found.iter().position(|synonym| synonym.name == first);
        at.map_or_else(Vec::new, |at| found.split_off(at))
    }
}
