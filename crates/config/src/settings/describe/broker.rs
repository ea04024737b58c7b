//! A broker's settings as DescribeConfigs answers them. Kafka: `ConfigHelper.createBrokerConfigEntry`.

use super::ConfigEntry;
use crate::definition::Dynamic;
use crate::settings::Settings;
use crate::settings::layers::ConfigSource;
use crate::settings::synonyms;
use crate::table;

impl Settings {
    /// This broker's settings, sorted by name: every public property, and whatever else is set.
    pub fn describe_broker(&self) -> Vec<ConfigEntry> {
        let public = table::broker().values().filter(|row| !row.internal);
        let mut entries: Vec<ConfigEntry> = public
            .map(|row| self.broker_entry(row.name, self.values.get(row.name).to_text(), true))
            .collect();
        let is_public = |name: &str| table::broker().get(name).is_some_and(|row| !row.internal);
        for (name, text) in self.values.originals().iter().filter(|(name, _)| !is_public(name)) {
            entries.push(self.broker_entry(name, Some(text.clone()), true));
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    /// What is set for all brokers of the cluster, sorted by name.
    pub fn describe_cluster_default(&self) -> Vec<ConfigEntry> {
        let set = self.layers.cluster.iter();
        set.map(|(name, text)| self.broker_entry(name, Some(text.clone()), false)).collect()
    }

    fn broker_entry(&self, name: &str, value: Option<String>, of_this_broker: bool) -> ConfigEntry {
        let row = synonyms::row_of(name);
        let sensitive = synonyms::is_sensitive(row);
        let mut levels = self.synonyms(name, &synonyms::with_synonyms(name), sensitive);
        if !of_this_broker {
            levels.retain(|level| level.source == ConfigSource::DynamicDefaultBroker);
        }
        ConfigEntry {
            name: name.to_string(),
            value: value.filter(|_| !sensitive),
            source: levels.first().map_or(ConfigSource::Default, |level| level.source),
            read_only: !is_dynamic(name),
            sensitive,
            synonyms: levels,
            kind: row.map(|row| row.kind),
            doc: table::broker().get(name).map(|row| row.doc),
        }
    }
}

/// Whether a running broker may be told another value under exactly this name.
fn is_dynamic(name: &str) -> bool {
    let of_file = table::broker().get(name).is_some_and(|row| row.dynamic != Dynamic::ReadOnly);
    of_file || table::broker_dynamic_only().contains_key(name)
}
