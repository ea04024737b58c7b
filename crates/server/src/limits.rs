//! The bounds on connections as the settings have them at the moment.

use std::collections::HashMap;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;

use klamm_config::Settings;
use klamm_config::settings::SocketSettings;
use klamm_node::Node;
use parking_lot::Mutex;

use crate::admission::{Admission, Bounds};

/// Counts the connections of one role, against the settings as they are at each of them.
pub fn admission(node: &Arc<Node>) -> Arc<Admission> {
    let node = node.clone();
    let known = Mutex::new(None);
    Admission::new(Box::new(move |address| bounds(&node.settings(), address, &mut known.lock())))
}

/// What was made of the settings the last time.
type Known = Option<(Arc<Settings>, HashMap<IpAddr, usize>)>;

fn bounds(settings: &Arc<Settings>, address: Option<IpAddr>, known: &mut Known) -> Bounds {
    let sockets = &settings.sockets;
    let connections = bound(sockets.all_listeners.max_connections);
    let of_any = bound(sockets.max_connections_per_ip);
    let Some(address) = address.filter(|_| !sockets.max_connections_per_ip_overrides.is_empty()) else {
        return Bounds { connections, of_address: of_any };
    };
    if !known.as_ref().is_some_and(|(of, _)| Arc::ptr_eq(of, settings)) {
        *known = Some((settings.clone(), by_address(sockets)));
    }
    let own = known.as_ref().and_then(|(_, by_address)| by_address.get(&address).copied());
    Bounds { connections, of_address: own.unwrap_or(of_any) }
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
        let address = |text: &str| Some(text.parse().expect("an address"));
        let mut known = None;
        // A label that is too long for DNS, so that nobody is asked.
        let unknown = "x".repeat(64);
        let first = settings(&[
            ("max.connections", "9"),
            ("max.connections.per.ip", "3"),
            (OVERRIDES, &format!("127.0.0.1:5, ::1:6,{unknown}:7")),
        ]);
        let mut of = |settings: &Arc<Settings>, who| bounds(settings, who, &mut known);
        assert_eq!(of(&first, None), Bounds { connections: 9, of_address: 3 });
        assert_eq!(of(&first, address("10.0.0.1")).of_address, 3);
        assert_eq!(of(&first, address("127.0.0.1")).of_address, 5);
        assert_eq!(of(&first, address("::1")).of_address, 6);
        let second = settings(&[(OVERRIDES, "127.0.0.1:1")]);
        assert_eq!(of(&second, address("127.0.0.1")).of_address, 1);
        assert_eq!(of(&second, address("::1")).of_address, 12_288);
    }
}
