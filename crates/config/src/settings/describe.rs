//! What a topic's configs look like to a client: values, sources, synonyms.

use crate::definition::Synonym;
use crate::properties::Properties;
use crate::settings::Settings;
use crate::settings::layers::ConfigSource;
use crate::table;
use crate::value::Value;

/// One line of a description of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntry {
    pub name: &'static str,
    /// None = null, also for everything sensitive.
    pub value: Option<String>,
    pub source: ConfigSource,
    pub read_only: bool,
    pub sensitive: bool,
    /// Strongest first.
    pub synonyms: Vec<ConfigSynonym>,
}

/// One level that has something to say about a value.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigSynonym {
    pub name: &'static str,
    pub value: Option<String>,
    pub source: ConfigSource,
}

impl Settings {
    /// The configs a created topic starts with, sorted by name, as CreateTopics answers them: texts as
    /// set, in the topic's unit, without synonyms. Kafka: `KafkaConfigSchema.resolveEffectiveTopicConfigs`.
    pub fn describe_topic(&self, overrides: &Properties) -> Vec<ConfigEntry> {
        let mut entries = Vec::new();
        for (name, definition) in table::topic() {
            let own = overrides.get(*name);
            if definition.internal && own.is_none() {
                continue;
            }
            let (value, source) = match own {
                Some(text) => (Some(text.clone()), ConfigSource::Topic),
                None => self.broker_level(definition.synonyms).unwrap_or((None, ConfigSource::Default)),
            };
            let value = if source == ConfigSource::Default { definition.default_text() } else { value };
            let (sensitive, synonyms) = (definition.sensitive(), Vec::new());
            entries.push(ConfigEntry { name, value, source, read_only: false, sensitive, synonyms });
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
        for (name, definition) in table::topic() {
            let own = overrides.contains_key(*name);
            if definition.internal && !own {
                continue;
            }
            let value = values.get(name).and_then(Value::to_text);
            let mut synonyms = self.broker_synonyms(definition.synonyms);
            if own {
                let source = ConfigSource::Topic;
                synonyms.insert(0, ConfigSynonym { name, value: value.clone(), source });
            }
            let source = synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source);
            let sensitive = definition.sensitive();
            entries.push(ConfigEntry { name, value, source, read_only: false, sensitive, synonyms });
        }
        entries
    }

    /// Level by level what the broker properties behind a topic's say, in their own units. What comes
    /// before the first mention of the first of them is dropped, as Kafka does: a topic property whose
    /// first synonym is unset shows none at all.
    fn broker_synonyms(&self, synonyms: &'static [Synonym]) -> Vec<ConfigSynonym> {
        let mut found = Vec::new();
        for (source, level) in self.layers.levels() {
            for synonym in synonyms {
                if let Some(text) = level.get(synonym.name) {
                    found.push(ConfigSynonym { name: synonym.name, value: Some(text.clone()), source });
                }
            }
        }
        for synonym in synonyms {
            let default = table::broker().get(synonym.name).and_then(|definition| definition.default_text());
            if let Some(text) = default {
                let source = ConfigSource::Default;
                found.push(ConfigSynonym { name: synonym.name, value: Some(text), source });
            }
        }
        let first = synonyms.first().and_then(|first| found.iter().position(|s| s.name == first.name));
        first.map_or_else(Vec::new, |at| found.split_off(at))
    }
}
