//! Whom settings belong to, by the names of `--entity-type`.

use klamm_client::admin::configs::ResourceType;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    BrokerLoggers,
    Topics,
    Clients,
    Users,
    Brokers,
    Ips,
    ClientMetrics,
    Groups,
}

impl Entity {
    /// In the order in which Kafka names them.
    pub const ALL: [Entity; 8] = [
        Entity::BrokerLoggers,
        Entity::Topics,
        Entity::Clients,
        Entity::Users,
        Entity::Brokers,
        Entity::Ips,
        Entity::ClientMetrics,
        Entity::Groups,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Entity::BrokerLoggers => "broker-loggers",
            Entity::Topics => "topics",
            Entity::Clients => "clients",
            Entity::Users => "users",
            Entity::Brokers => "brokers",
            Entity::Ips => "ips",
            Entity::ClientMetrics => "client-metrics",
            Entity::Groups => "groups",
        }
    }

    pub fn of_name(name: &str) -> Option<Entity> {
        Entity::ALL.into_iter().find(|entity| entity.name() == name)
    }

    /// The name without its last letter, as Kafka makes it.
    pub fn singular(self) -> &'static str {
        let name = self.name();
        &name[..name.len() - 1]
    }

    /// Quotas and credentials are no resources.
    pub fn resource_type(self) -> Option<ResourceType> {
        match self {
            Entity::BrokerLoggers => Some(ResourceType::BrokerLogger),
            Entity::Topics => Some(ResourceType::Topic),
            Entity::Brokers => Some(ResourceType::Broker),
            Entity::ClientMetrics => Some(ResourceType::ClientMetrics),
            Entity::Groups => Some(ResourceType::Group),
            Entity::Clients | Entity::Users | Entity::Ips => None,
        }
    }

    /// What a quota's owner is called on the wire, and what the tool calls it.
    pub fn quota_names(self) -> Option<(&'static str, &'static str)> {
        match self {
            Entity::Users => Some(("user", "user-principal")),
            Entity::Clients => Some(("client-id", "client-id")),
            Entity::Ips => Some(("ip", "ip")),
            _ => None,
        }
    }

    /// Where a setting of this entity comes from when it was changed.
    pub fn dynamic_source(self, name: &str) -> Source {
        match self {
            Entity::Brokers if name.is_empty() => Source::DefaultBroker,
            Entity::Brokers => Source::Broker,
            Entity::BrokerLoggers => Source::BrokerLogger,
            Entity::ClientMetrics => Source::ClientMetrics,
            Entity::Groups => Source::Group,
            _ => Source::Topic,
        }
    }
}

/// Where a setting comes from (Kafka: `ConfigEntry.ConfigSource`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Unknown,
    Topic,
    Broker,
    DefaultBroker,
    Static,
    Default,
    BrokerLogger,
    ClientMetrics,
    Group,
}

impl Source {
    pub fn of_code(code: i8) -> Source {
        match code {
            1 => Source::Topic,
            2 => Source::Broker,
            3 => Source::DefaultBroker,
            4 => Source::Static,
            5 => Source::Default,
            6 => Source::BrokerLogger,
            7 => Source::ClientMetrics,
            8 => Source::Group,
            _ => Source::Unknown,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Source::Unknown => "UNKNOWN",
            Source::Topic => "DYNAMIC_TOPIC_CONFIG",
            Source::Broker => "DYNAMIC_BROKER_CONFIG",
            Source::DefaultBroker => "DYNAMIC_DEFAULT_BROKER_CONFIG",
            Source::Static => "STATIC_BROKER_CONFIG",
            Source::Default => "DEFAULT_CONFIG",
            Source::BrokerLogger => "DYNAMIC_BROKER_LOGGER_CONFIG",
            Source::ClientMetrics => "DYNAMIC_CLIENT_METRICS_CONFIG",
            Source::Group => "DYNAMIC_GROUP_CONFIG",
        }
    }
}
