//! The bounds on connections as the settings have them at the moment.

use std::collections::HashMap;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use klamm_config::Settings;
use klamm_config::settings::{ListenerLimits, SocketSettings};
use klamm_node::Node;
use parking_lot::Mutex;

use crate::admission::{Admission, Bounds, BoundsNow};

/// Counts the connections of one role, against the settings as they are at each of them.
pub fn admission(node: &Arc<Node>) -> Arc<Admission> {
    Admission::new(Box::new(OfSettings { node: node.clone(), known: Mutex::new(None) }))
}

struct OfSettings {
    node: Arc<Node>,
    known: Mutex<Option<Known>>,
}

/// What was made of the settings the last time.
struct Known {
    of: Arc<Settings>,
    by_address: HashMap<IpAddr, usize>,
}

impl BoundsNow for OfSettings {
    fn of_all(&self) -> Bounds {
        bounds(self.node.settings().sockets.all_listeners)
    }

    fn of_listener(&self, name: &str) -> Bounds {
        bounds(self.node.settings().sockets.of_listener(name))
    }

    fn of_address(&self, address: IpAddr) -> usize {
        of_address(&self.node.settings(), address, &mut self.known.lock())
    }
}

fn bounds(limits: ListenerLimits) -> Bounds {
    Bounds {
        connections: bound(limits.max_connections),
        per_second: limits.max_connection_creation_rate.max(0) as u32,
    }
}

fn of_address(settings: &Arc<Settings>, address: IpAddr, known: &mut Option<Known>) -> usize {
    let sockets = &settings.sockets;
    if !known.as_ref().is_some_and(|known| Arc::ptr_eq(&known.of, settings)) {
        *known = Some(Known { of: settings.clone(), by_address: by_address(sockets) });
    }
    let own = known.as_ref().and_then(|known| known.by_address.get(&address).copied());
    own.unwrap_or(bound(sockets.max_connections_per_ip))
}

fn bound(number: i32) -> usize {
    number.max(0) as usize
}

/// The addresses with a bound of their own. A name stands for all addresses it has; one that has none is left out.
fn by_address(sockets: &SocketSettings) -> HashMap<IpAddr, usize> {
    let mut bounds = HashMap::new();
    for (host, count) in &sockets.max_connections_per_ip_overrides {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        for address in (host, 0).to_socket_addrs().into_iter().flatten() {
            bounds.insert(address.ip().to_canonical(), bound(*count));
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(overrides: &[(&str, &str)]) -> Arc<Settings> {
        let overrides: Vec<_> =
            overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let dir = std::path::Path::new("/tmp/klamm");
        Arc::new(Settings::dev(dir, 9092, 9093, &overrides).expect("valid"))
    }

    #[test]
    fn addresses_may_have_bounds_of_their_own_and_settings_may_change() {
        const OVERRIDES: &str = "max.connections.per.ip.overrides";
        let address = |text: &str| text.parse().expect("an address");
        let mut known = None;
        // A label that is too long for DNS, so that nobody is asked.
        let unknown = "x".repeat(64);
        let first = settings(&[
            ("max.connections.per.ip", "3"),
            (OVERRIDES, &format!("127.0.0.1:5, ::1:6,{unknown}:7")),
        ]);
        let mut of = |settings: &Arc<Settings>, who| of_address(settings, address(who), &mut known);
        assert_eq!(of(&first, "10.0.0.1"), 3);
        assert_eq!(of(&first, "127.0.0.1"), 5);
        assert_eq!(of(&first, "::1"), 6);
        let second = settings(&[(OVERRIDES, "127.0.0.1:1")]);
        assert_eq!(of(&second, "127.0.0.1"), 1);
        assert_eq!(of(&second, "::1"), 12_288);
    }

    #[test]
    fn a_listener_has_its_own_bounds_or_those_of_all() {
        let settings = settings(&[
            ("max.connections", "9"),
            ("listener.name.plaintext.max.connections", "4"),
            ("listener.name.controller.max.connection.creation.rate", "7"),
        ]);
        let of = |name| bounds(settings.sockets.of_listener(name));
        assert_eq!(of("PLAINTEXT"), Bounds { connections: 4, per_second: 5000 });
        assert_eq!(of("CONTROLLER"), Bounds { connections: 9, per_second: 7 });
        assert_eq!(of("OTHER"), bounds(settings.sockets.all_listeners));
        assert!(settings.without_effect.is_empty() && settings.unknown.is_empty());
    }
}
