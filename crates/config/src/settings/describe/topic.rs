//! A topic's configs as CreateTopics and DescribeConfigs answer them.

use super::{ConfigEntry, ConfigSynonym, entry_of};
use crate::definition::Synonym;
use crate::properties::Properties;
use crate::settings::Settings;
use crate::settings::layers::ConfigSource;
use crate::table;
use crate::value::Value;

impl Settings {
    /// The configs a created topic starts with, sorted by name, as CreateTopics answers them: texts as
    /// set, in the topic's unit, without synonyms. Kafka: `KafkaConfigSchema.resolveEffectiveTopicConfigs`.
    pub fn describe_topic(&self, overrides: &Properties) -> Vec<ConfigEntry> {
        let mut entries = Vec::new();
        for (name, row) in table::topic() {
            let own = overrides.get(*name);
            if row.internal && own.is_none() {
                continue;
            }
            let (value, source) = match own {
                Some(text) => (Some(text.clone()), ConfigSource::Topic),
                None => self.broker_level(row.synonyms).unwrap_or((None, ConfigSource::Default)),
            };
            let value = if source == ConfigSource::Default { row.default_text() } else { value };
            entries.push(ConfigEntry { source, ..entry_of(row, value, Vec::new()) });
        }
        entries
    }

    /// The text of the strongest synonym that is set, converted to the topic's unit.
    fn broker_level(&self, synonyms: &[Synonym]) -> Option<(Option<String>, ConfigSource)> {
        for (source, level) in self.layers.levels() {
            for synonym in synonyms {
                if let Some(text) = level.get(synonym.name) {
                    let scaled = text.trim().parse::<i64>().ok().and_then(|n| n.checked_mul(synonym.factor));
                    let text = match synonym.factor {
                        1 => text.clone(),
                        _ => scaled.map_or_else(|| text.clone(), |n| n.to_string()),
                    };
                    return Some((Some(text), source));
                }
            }
        }
        None
    }

    /// The topic properties as DescribeConfigs answers them, sorted by name; internal ones only if set.
    /// Kafka: `ConfigHelper.createTopicConfigEntry`.
    pub fn describe_topic_with_synonyms(&self, overrides: &Properties) -> Vec<ConfigEntry> {
        let values = self.topic_values(overrides);
        let mut entries = Vec::new();
        for (name, row) in table::topic() {
            let own = overrides.contains_key(*name);
            if row.internal && !own {
                continue;
            }
            let value = values.get(name).and_then(Value::to_text);
            let names: Vec<&str> = row.synonyms.iter().map(|synonym| synonym.name).collect();
            let first = names.first().copied().unwrap_or_default();
            let mut synonyms = self.synonyms(first, &names, row.sensitive());
            if own {
                synonyms.insert(0, ConfigSynonym::new(name, value.clone(), ConfigSource::Topic));
            }
            entries.push(entry_of(row, value, synonyms));
        }
        entries
    }
}
