//! Who asks: what a connection knows about its client, and what one request adds.

use core::net::IpAddr;
use std::sync::{Arc, OnceLock};

use klamm_base::time::Now;

use crate::turnstile::Turnstile;

/// What a listener is for; decides which APIs it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenerRole {
    Broker,
    Controller,
}

/// The identity behind a connection (Kafka: `KafkaPrincipal`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// `User` for everyone who is not a broker of another kind.
    pub kind: Arc<str>,
    pub name: Arc<str>,
}

impl Principal {
    /// `User:ANONYMOUS`, the client of a listener without authentication.
    pub fn anonymous() -> Principal {
        Principal { kind: "User".into(), name: "ANONYMOUS".into() }
    }
}

/// Name and version that a client gave in ApiVersions 3 or later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSoftware {
    pub name: String,
    pub version: String,
}

/// One connection. The server makes it at accept and hands it in with every frame.
#[derive(Debug)]
pub struct Connection {
    pub principal: Principal,
    /// The listener's name, e.g. `PLAINTEXT`: decides which endpoints the client is told.
    pub listener: Arc<str>,
    pub role: ListenerRole,
    pub client_address: IpAddr,
    /// Set by the connection's first ApiVersions request.
    pub software: OnceLock<ClientSoftware>,
    /// Keeps its Produce requests in order.
    pub(crate) produce_order: Turnstile,
}

impl Connection {
    pub fn new(
        principal: Principal,
        listener: Arc<str>,
        role: ListenerRole,
        client_address: IpAddr,
    ) -> Connection {
        Connection {
            principal,
            listener,
            role,
            client_address,
            software: OnceLock::new(),
            produce_order: Turnstile::default(),
        }
    }
}

/// Everything about a request but its body.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub connection: Arc<Connection>,
    pub api_version: i16,
    pub correlation_id: i32,
    pub client_id: Option<String>,
    /// When the frame was handed in.
    pub now: Now,
}
