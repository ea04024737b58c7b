//! The machine's own name, for listeners that are told to clients without one. Kafka: `InetAddress.getLocalHost`.

use std::net::ToSocketAddrs;

use tracing::warn;

const LOGGER: &str = "kafka.server.KafkaConfig";

/// The host name if it leads anywhere, else `localhost`.
pub fn machine_name() -> String {
    let system = rustix::system::uname();
    let name = system.nodename().to_string_lossy();
    if !name.is_empty() && (&*name, 0).to_socket_addrs().is_ok_and(|mut found| found.next().is_some()) {
        return name.into_owned();
    }
    warn!(
        target: LOGGER,
        "the machine's name {name:?} has no address: clients are told localhost; set advertised.listeners"
    );
    "localhost".to_owned()
}
