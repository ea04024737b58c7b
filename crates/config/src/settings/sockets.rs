//! The settings of connections. Kafka: `SocketServerConfigs`.

use crate::settings::listeners::pairs;
use crate::settings::values::Values;
use std::collections::BTreeMap;

/// Limits of the listeners' sockets. Sizes in bytes, -1 for a buffer = the system's own; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketSettings {
    pub send_buffer_bytes: i32,
    pub receive_buffer_bytes: i32,
    pub request_max_bytes: i32,
    pub listen_backlog: i32,
    /// Negative = never closed for being idle.
    pub connections_max_idle_ms: i64,
    /// Of all listeners together.
    pub all_listeners: ListenerLimits,
    /// Of single listeners by their names in lower case: `listener.name.<name>.max.connections` and
    /// `listener.name.<name>.max.connection.creation.rate`.
    pub single_listeners: BTreeMap<String, ListenerLimits>,
    pub max_connections_per_ip: i32,
    /// Host and count; `max.connections.per.ip.overrides`.
    pub max_connections_per_ip_overrides: Vec<(String, i32)>,
    /// Bytes of all requests that arrive or are answered; 0 or less = no limit.
    pub queued_max_request_bytes: i64,
    /// Bytes of all answers in memory that are not taken.
    pub queued_max_response_bytes: i64,
    pub connection: ConnectionSettings,
}

/// What `listener.name.<name>.` may stand before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// Connections at a time.
    pub max_connections: i32,
    /// New ones a second.
    pub max_connection_creation_rate: i32,
}

/// Bounds on a single connection; `klamm.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    pub max_requests_in_flight: i32,
    pub max_request_bytes_in_flight: i32,
    pub max_unsent_bytes: i32,
    pub first_request_max_ms: i64,
    pub frame_max_ms: i64,
    pub frame_min_bytes_per_second: i32,
    pub send_stall_max_ms: i64,
}

const MAX_CONNECTIONS: &str = "max.connections";
const MAX_CREATION_RATE: &str = "max.connection.creation.rate";

impl SocketSettings {
    pub(super) fn from_values(values: &Values) -> SocketSettings {
        SocketSettings {
            send_buffer_bytes: values.int("socket.send.buffer.bytes"),
            receive_buffer_bytes: values.int("socket.receive.buffer.bytes"),
            request_max_bytes: values.int("socket.request.max.bytes"),
            listen_backlog: values.int("socket.listen.backlog.size"),
            connections_max_idle_ms: values.long("connections.max.idle.ms"),
            all_listeners: ListenerLimits::of_all(values),
            single_listeners: single_listeners(values),
            max_connections_per_ip: values.int("max.connections.per.ip"),
            max_connections_per_ip_overrides: connection_overrides(values),
            queued_max_request_bytes: values.long("queued.max.request.bytes"),
            queued_max_response_bytes: values.long("klamm.queued.max.response.bytes"),
            connection: ConnectionSettings::from_values(values),
        }
    }

    /// What counts for one listener: its own, else what all have.
    pub fn of_listener(&self, name: &str) -> ListenerLimits {
        self.single_listeners.get(&name.to_lowercase()).copied().unwrap_or(self.all_listeners)
    }
}

impl ListenerLimits {
    fn of_all(values: &Values) -> ListenerLimits {
        ListenerLimits {
            max_connections: values.int(MAX_CONNECTIONS),
            max_connection_creation_rate: values.int(MAX_CREATION_RATE),
        }
    }
}

impl ConnectionSettings {
    fn from_values(values: &Values) -> ConnectionSettings {
        ConnectionSettings {
            max_requests_in_flight: values.int("klamm.connection.max.requests.in.flight"),
            max_request_bytes_in_flight: values.int("klamm.connection.max.request.bytes.in.flight"),
            max_unsent_bytes: values.int("klamm.connection.max.unsent.bytes"),
            first_request_max_ms: values.long("klamm.first.request.max.ms"),
            frame_max_ms: values.long("klamm.frame.max.ms"),
            frame_min_bytes_per_second: values.int("klamm.frame.min.bytes.per.second"),
            send_stall_max_ms: values.long("klamm.send.stall.max.ms"),
        }
    }
}

/// Whether `name` sets a limit of a single listener that is heeded.
pub(super) fn is_limit_of_a_listener(name: &str) -> bool {
    listener_limit(name).is_some()
}

/// The listener's name and the property of `listener.name.<name>.<property>`, of the two that are limits.
fn listener_limit(name: &str) -> Option<(&str, &str)> {
    let (listener, property) = name.strip_prefix("listener.name.")?.split_once('.')?;
    [MAX_CONNECTIONS, MAX_CREATION_RATE].contains(&property).then_some((listener, property))
}

/// What does not parse is left out: a dynamic value is checked when it is set.
fn single_listeners(values: &Values) -> BTreeMap<String, ListenerLimits> {
    let mut limits = BTreeMap::new();
    for (name, text) in values.originals() {
        if let (Some((listener, property)), Ok(count)) = (listener_limit(name), text.trim().parse()) {
            let own = limits.entry(listener.to_lowercase()).or_insert(ListenerLimits::of_all(values));
            match property {
                MAX_CONNECTIONS => own.max_connections = count,
                _ => own.max_connection_creation_rate = count,
            }
        }
    }
    limits
}

/// What does not parse is refused by the rules; here it is left out.
fn connection_overrides(values: &Values) -> Vec<(String, i32)> {
    const NAME: &str = "max.connections.per.ip.overrides";
    let entries = pairs(NAME, values.text(NAME).unwrap_or_default()).unwrap_or_default();
    entries.into_iter().filter_map(|(host, count)| Some((host, count.parse().ok()?))).collect()
}
