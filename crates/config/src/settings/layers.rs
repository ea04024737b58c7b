//! The levels a broker value can come from. Kafka: `DynamicBrokerConfig`.

use super::synonyms;
use crate::properties::Properties;

/// Where a value comes from; the discriminants are those of DescribeConfigs. Kafka: `ConfigSource`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ConfigSource {
    Topic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
    DynamicBrokerLogger = 6,
    ClientMetrics = 7,
    Group = 8,
}

/// The texts of a broker's values, weakest first: file, cluster default, this broker.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layers {
    /// Defaults that differ from the table's on this machine.
    pub machine: Properties,
    /// Properties file and command line.
    pub file: Properties,
    /// Stored under resource BROKER, name "".
    pub cluster: Properties,
    /// Stored under resource BROKER, name = node id.
    pub own: Properties,
}

impl Layers {
    /// Strongest first.
    pub fn levels(&self) -> [(ConfigSource, &Properties); 3] {
        [
            (ConfigSource::DynamicBroker, &self.own),
            (ConfigSource::DynamicDefaultBroker, &self.cluster),
            (ConfigSource::StaticBroker, &self.file),
        ]
    }

    /// What counts of all levels. A name that is set at a stronger level takes everything that stands in
    /// for it away from the weaker ones, so that hours set dynamically beat milliseconds in the file.
    pub fn merged(&self) -> Properties {
        let mut merged = self.file.clone();
        for level in [&self.cluster, &self.own] {
            // In ascending order the finer unit of one level comes last, and wins.
            for (name, text) in level {
                for synonym in synonyms::of_group(name) {
                    merged.remove(*synonym);
                }
                merged.insert(name.clone(), text.clone());
            }
        }
        merged
    }
}
