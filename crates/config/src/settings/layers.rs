//! The levels a broker value can come from. Kafka: `DynamicBrokerConfig`.

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

    /// The text that decides `name`; None when only the default is left.
    pub fn strongest(&self, name: &str) -> Option<&str> {
        self.levels().into_iter().find_map(|(_, level)| level.get(name)).map(String::as_str)
    }

    /// Whether any level sets `name`, be it to its default.
    pub fn is_set(&self, name: &str) -> bool {
        self.strongest(name).is_some()
    }
}
