//! Dynamic configuration by resource. Kafka: `ConfigurationsImage`, `ConfigResource`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SharedMap;
use crate::record::VersionedRecord;
use crate::records::ConfigRecord;

/// The kinds of things that have dynamic configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigResourceType {
    Topic,
    Broker,
    BrokerLogger,
    ClientMetrics,
    Group,
    /// A number this build does not know; kept as it is.
    Other(i8),
}

impl ConfigResourceType {
    pub fn from_id(id: i8) -> ConfigResourceType {
        match id {
            2 => ConfigResourceType::Topic,
            4 => ConfigResourceType::Broker,
            8 => ConfigResourceType::BrokerLogger,
            16 => ConfigResourceType::ClientMetrics,
            32 => ConfigResourceType::Group,
            other => ConfigResourceType::Other(other),
        }
    }

    pub fn id(self) -> i8 {
        match self {
            ConfigResourceType::Topic => 2,
            ConfigResourceType::Broker => 4,
            ConfigResourceType::BrokerLogger => 8,
            ConfigResourceType::ClientMetrics => 16,
            ConfigResourceType::Group => 32,
            ConfigResourceType::Other(id) => id,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConfigResource {
    pub resource_type: ConfigResourceType,
    pub name: String,
}

impl ConfigResource {
    pub fn topic(name: impl Into<String>) -> ConfigResource {
        ConfigResource { resource_type: ConfigResourceType::Topic, name: name.into() }
    }

    pub fn broker(id: i32) -> ConfigResource {
        ConfigResource { resource_type: ConfigResourceType::Broker, name: id.to_string() }
    }

    /// The defaults of all brokers.
    pub fn cluster() -> ConfigResource {
        ConfigResource { resource_type: ConfigResourceType::Broker, name: String::new() }
    }

    /// True for the configuration of one broker, not for the defaults of all.
    pub fn is_single_broker(&self) -> bool {
        self.resource_type == ConfigResourceType::Broker && !self.name.is_empty()
    }
}

/// The dynamic configuration of one resource: values by property name.
pub type ConfigMap = BTreeMap<String, String>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigsImage {
    resources: SharedMap<ConfigResource, Arc<ConfigMap>>,
}

static NONE: ConfigMap = ConfigMap::new();

impl ConfigsImage {
    /// What is set for `resource`; empty if nothing is.
    pub fn get(&self, resource: &ConfigResource) -> &ConfigMap {
        self.resources.get(resource).map_or(&NONE, |configs| configs)
    }

    pub fn topic(&self, name: &str) -> &ConfigMap {
        self.get(&ConfigResource::topic(name))
    }

    pub fn broker(&self, id: i32) -> &ConfigMap {
        self.get(&ConfigResource::broker(id))
    }

    pub fn cluster(&self) -> &ConfigMap {
        self.get(&ConfigResource::cluster())
    }

    /// Resources that have settings of their own.
    pub fn len(&self) -> usize {
        self.resources.size()
    }

    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// In order of type and name.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &Arc<ConfigMap>)> {
        self.resources.iter()
    }

    pub(crate) fn replay(&mut self, record: &ConfigRecord) -> ConfigResource {
        let resource_type = ConfigResourceType::from_id(record.resource_type);
        let resource = ConfigResource { resource_type, name: record.resource_name.clone() };
        let mut configs = self.get(&resource).clone();
        match &record.value {
            Some(value) => configs.insert(record.name.clone(), value.clone()),
            None => configs.remove(&record.name),
        };
        if configs.is_empty() {
            self.resources.remove_mut(&resource);
        } else {
            self.resources.insert_mut(resource.clone(), Arc::new(configs));
        }
        resource
    }

    /// A topic's configuration goes with the topic, without a record of its own.
    pub(crate) fn remove_topic(&mut self, name: &str) {
        self.resources.remove_mut(&ConfigResource::topic(name));
    }

    pub(crate) fn write(&self, out: &mut impl FnMut(VersionedRecord)) {
        for (resource, configs) in self.iter() {
            for (name, value) in configs.iter() {
                let record = ConfigRecord {
                    resource_type: resource.resource_type.id(),
                    resource_name: resource.name.clone(),
                    name: name.clone(),
                    value: Some(value.clone()),
                };
                out(VersionedRecord::new(record, 0));
            }
        }
    }
}
