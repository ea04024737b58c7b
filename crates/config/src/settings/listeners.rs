//! Listeners: names, protocols, addresses, and which of them belong to the controller.

/// How a listener speaks. Kafka: `SecurityProtocol`, with its ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i16)]
pub enum SecurityProtocol {
    Plaintext = 0,
    Ssl = 1,
    SaslPlaintext = 2,
    SaslSsl = 3,
}

/// One listener. Kafka: `Endpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Upper case, e.g. `PLAINTEXT`, `CONTROLLER`.
    pub name: String,
    pub protocol: SecurityProtocol,
    /// Empty = all interfaces (bind) or the machine's own name (advertised).
    pub host: String,
    /// 0 = any free port (bind only).
    pub port: u16,
}

/// What is bound and what clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerSettings {
    /// Bound for clients and other brokers, in the order given; the controller's not among them.
    pub broker: Vec<Endpoint>,
    /// Bound for the controller role, in the order of `controller.listener.names`.
    pub controller: Vec<Endpoint>,
    /// What Metadata answers; same names as `broker`.
    pub advertised: Vec<Endpoint>,
    /// What a controller registers with; same names as `controller`.
    pub advertised_controller: Vec<Endpoint>,
    pub inter_broker: String,
}
