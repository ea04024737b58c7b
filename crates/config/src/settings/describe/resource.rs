//! The settings of groups and client-metrics subscriptions as DescribeConfigs answers them.
//! Kafka: `ConfigHelper.createGroupConfigEntry`, `createClientMetricsConfigEntry`.

use super::{ConfigEntry, ConfigSynonym, entry_of};
use crate::ConfigFault;
use crate::definition::Definition;
use crate::properties::Properties;
use crate::settings::Settings;
use crate::settings::layers::ConfigSource;
use crate::table;
use crate::value::Value;

impl Settings {
    /// A group's settings over the broker's, sorted by name. Internal ones are there if the group or the
    /// broker sets them.
    ///
    /// Fails if a stored value does not hold (it was written by another version).
    pub fn describe_group(&self, own: &Properties) -> Result<Vec<ConfigEntry>, ConfigFault> {
        let mut entries = Vec::new();
        for (name, row) in table::group() {
            let own = own.get(*name);
            let synonym = row.synonyms.first().map(|synonym| synonym.name);
            let is_set = own.is_some() || synonym.is_some_and(|synonym| self.values.is_set(synonym));
            if row.internal && !is_set {
                continue;
            }
            let value = match own {
                Some(text) => Value::parse(row, text)?,
                None => self.group_default(row),
            };
            let mut synonyms = match synonym {
                Some(synonym) => self.synonyms(synonym, &[synonym], row.sensitive()),
                None => default_of(row),
            };
            if own.is_some() {
                synonyms.insert(0, ConfigSynonym::new(name, value.to_text(), ConfigSource::Group));
            }
            entries.push(entry_of(row, value.to_text(), synonyms));
        }
        Ok(entries)
    }

    /// A client-metrics subscription's settings, sorted by name.
    ///
    /// Fails if a stored value does not hold.
    pub fn describe_client_metrics(&self, own: &Properties) -> Result<Vec<ConfigEntry>, ConfigFault> {
        let mut entries = Vec::new();
        for (name, row) in table::client_metrics() {
            let own = own.get(*name);
            let value = own.map_or_else(|| Ok(Value::default_of(row)), |text| Value::parse(row, text))?;
            let set = || ConfigSynonym::new(name, value.to_text(), ConfigSource::ClientMetrics);
            let synonyms = own.map(|_| set()).into_iter().collect();
            entries.push(entry_of(row, value.to_text(), synonyms));
        }
        Ok(entries)
    }

    /// What the broker says about a property of groups. An assignor's name is the first of the broker's.
    pub(crate) fn group_default(&self, row: &Definition) -> Value {
        let Some(synonym) = row.synonyms.first() else { return Value::default_of(row) };
        match (row.name, self.values.get(synonym.name)) {
            ("streams.assignor.name", Value::List(assignors)) => {
                assignors.first().map_or(Value::Null, |first| Value::Text(first.clone()))
            }
            (_, value) => value.clone(),
        }
    }
}

/// Kafka's own default, where it is not null.
fn default_of(row: &Definition) -> Vec<ConfigSynonym> {
    let text = row.default_text().into_iter();
    text.map(|text| ConfigSynonym::new(row.name, Some(text), ConfigSource::Default)).collect()
}
