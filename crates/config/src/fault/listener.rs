//! Listeners and voters that cannot be read or do not fit together.
//!
//! Kafka: `SocketServerConfigs`, `AbstractKafkaConfig.validate`, `QuorumConfig`.

use std::fmt;

/// A fault of `listeners`, `advertised.listeners` or what names their entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenerFault {
    /// The list `among`, as configured, cannot be turned into endpoints.
    List {
        among: Vec<String>,
        why: ListWhy,
    },
    Rule(ListenerRule),
    /// An entry without a colon.
    NoName {
        entry: String,
    },
    UnknownProtocol {
        protocol: String,
    },
    InterBrokerNotMapped {
        listener: String,
    },
    InterBrokerNotAdvertised {
        advertised: Vec<String>,
    },
    AdvertisedNotBound {
        advertised: Vec<String>,
        bound: Vec<String>,
    },
    EarlyStartUnknown {
        listener: String,
    },
    /// Kafka would accept it; the protocol is not served here yet.
    ProtocolNotServed {
        listener: String,
        protocol: &'static str,
    },
}

/// A rule of listeners whose message names no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerRule {
    /// `security.inter.broker.protocol` beside `inter.broker.listener.name`.
    OneInterBroker,
    AdvertisedRoutable,
    SomeBrokerListener,
    SomeControllerListener,
    ControllerListenersBound,
    ControllerListenersOnly,
    ControllerListenersNotInterBroker,
    /// `process.roles=broker`.
    ControllerListenersNotBound,
}

/// What is wrong with a list of listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListWhy {
    /// Not `name://host:port`.
    NotAnEndpoint {
        entry: String,
    },
    /// Outside 0..=65535. Kafka finds out when it binds.
    PortOutOfRange {
        entry: String,
    },
    /// The name is not in `listener.security.protocol.map`.
    NoProtocol {
        listener: String,
    },
    SameName,
    SamePort,
    /// Two addresses of one family share a port.
    SamePortSameFamily {
        port: u16,
    },
    /// More than two addresses share a port.
    SamePortCrowded {
        port: u16,
    },
}

impl ListenerFault {
    /// Whether Kafka states it with Scala's `require`.
    pub(super) fn is_scala_require(&self) -> bool {
        match self {
            ListenerFault::Rule(rule) => *rule != ListenerRule::OneInterBroker,
            ListenerFault::InterBrokerNotAdvertised { .. } | ListenerFault::AdvertisedNotBound { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Display for ListenerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenerFault::List { among, why } => {
                let among = format!("[{}]", among.join(", "));
                write!(f, "Error creating broker listeners from '{among}': ")?;
                why.write(f, &among)
            }
            ListenerFault::Rule(rule) => rule.fmt(f),
            ListenerFault::NoName { entry } => write!(f, "Unable to parse a listener name from {entry}"),
            ListenerFault::UnknownProtocol { protocol } => {
                write!(f, "Invalid security protocol `{protocol}` defined in listener.security.protocol.map")
            }
            ListenerFault::InterBrokerNotMapped { listener } => write!(
                f,
                "Listener with name {listener} defined in inter.broker.listener.name not found in \
                 listener.security.protocol.map."
            ),
            ListenerFault::InterBrokerNotAdvertised { advertised } => write!(
                f,
                "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid \
                 options based on currently configured listeners are {}",
                advertised.join(",")
            ),
            ListenerFault::AdvertisedNotBound { advertised, bound } => write!(
                f,
                "advertised.listeners listener names must be equal to or a subset of the ones defined in \
                 listeners. Found {}. The valid options based on the current configuration are {}",
                advertised.join(","),
                bound.join(",")
            ),
            ListenerFault::EarlyStartUnknown { listener } => write!(
                f,
                "early.start.listeners contains listener {listener}, but this is not contained in listeners or \
                 controller.listener.names"
            ),
            ListenerFault::ProtocolNotServed { listener, protocol } => write!(
                f,
                "listener {listener} is refused: {protocol} is not served yet, use PLAINTEXT in \
                 listener.security.protocol.map"
            ),
        }
    }
}

impl ListWhy {
    fn write(&self, f: &mut fmt::Formatter<'_>, among: &str) -> fmt::Result {
        match self {
            ListWhy::NotAnEndpoint { entry } => write!(f, "Unable to parse {entry} to a broker endpoint"),
            ListWhy::PortOutOfRange { entry } => write!(f, "port out of range in {entry}"),
            ListWhy::NoProtocol { listener } => {
                write!(f, "No security protocol defined for listener {listener}")
            }
            ListWhy::SameName => write!(f, "Each listener must have a different name, listeners: {among}"),
            ListWhy::SamePort => write!(f, "Each listener must have a different port, listeners: {among}"),
            ListWhy::SamePortSameFamily { port } => write!(
                f,
                "If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, \
                 listeners: {among}, port: {port}"
            ),
            ListWhy::SamePortCrowded { port } => write!(
                f,
                "Each listener must have a different port unless exactly one listener has an IPv4 address and \
                 the other IPv6 address, listeners: {among}, port: {port}"
            ),
        }
    }
}

impl fmt::Display for ListenerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ListenerRule::OneInterBroker => {
                "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set."
            }
            ListenerRule::AdvertisedRoutable => {
                "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address."
            }
            ListenerRule::SomeBrokerListener => {
                "There must be at least one broker advertised listener. Perhaps all listeners appear in \
                 controller.listener.names?"
            }
            ListenerRule::SomeControllerListener => {
                "controller.listener.names must contain at least one value appearing in the 'listeners' \
                 configuration when running the KRaft controller role"
            }
            ListenerRule::ControllerListenersBound => {
                "controller.listener.names must only contain values appearing in the 'listeners' configuration \
                 when running the KRaft controller role"
            }
            ListenerRule::ControllerListenersOnly => {
                "The listeners config must only contain KRaft controller listeners from controller.listener.names \
                 when process.roles=controller"
            }
            ListenerRule::ControllerListenersNotInterBroker => {
                "controller.listener.names must not contain an explicitly set inter.broker.listener.name \
                 configuration value when process.roles=controller'"
            }
            ListenerRule::ControllerListenersNotBound => {
                "controller.listener.names must not contain a value appearing in the 'listeners' configuration \
                 when running KRaft with just the broker role"
            }
        })
    }
}

/// A fault of `controller.quorum.voters` or `controller.quorum.bootstrap.servers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumFault {
    VoterShape,
    VoterId {
        text: String,
    },
    VoterHost {
        entry: String,
    },
    ServerHost {
        entry: String,
    },
    Port {
        text: String,
    },
    /// 0.0.0.0 would be told to others.
    VoterUnroutable {
        host: String,
    },
}

impl fmt::Display for QuorumFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FORM: &str = "Each entry should be in the form `{id}@{host}:{port}`.";
        match self {
            QuorumFault::VoterShape => {
                write!(f, "Invalid configuration value for controller.quorum.voters. {FORM}")
            }
            QuorumFault::VoterId { text } => write!(f, "Failed to parse voter ID as an integer from {text}"),
            QuorumFault::VoterHost { entry } => write!(
                f,
                "Failed to parse host name from entry {entry} for the configuration controller.quorum.voters. {FORM}"
            ),
            QuorumFault::ServerHost { entry } => write!(
                f,
                "Failed to parse host name from {entry} for the configuration controller.quorum.bootstrap.servers. \
                 Each entry should be in the form \"{{host}}:{{port}}\""
            ),
            QuorumFault::Port { text } => write!(f, "port out of range:{text}"),
            QuorumFault::VoterUnroutable { host } => write!(f, "Host string ({host}) is not routeable"),
        }
    }
}
