//! Listeners: names, protocols, addresses, and which of them belong to the controller.
//!
//! Kafka: `SocketServerConfigs.listenerListToEndPoints`, `AbstractKafkaConfig`, `KafkaConfig`.

use crate::ConfigFault;
use crate::addresses::is_host_char;
use crate::fault::{Conflict, ListWhy, ListenerFault, ListenerRule};
use crate::settings::quorum::QuorumSettings;
use crate::settings::values::Values;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How a listener speaks. Kafka: `SecurityProtocol`, with its ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i16)]
pub enum SecurityProtocol {
    Plaintext = 0,
    Ssl = 1,
    SaslPlaintext = 2,
    SaslSsl = 3,
}

impl SecurityProtocol {
    pub fn name(self) -> &'static str {
        match self {
            SecurityProtocol::Plaintext => "PLAINTEXT",
            SecurityProtocol::Ssl => "SSL",
            SecurityProtocol::SaslPlaintext => "SASL_PLAINTEXT",
            SecurityProtocol::SaslSsl => "SASL_SSL",
        }
    }

    /// In any case.
    fn from_name(name: &str) -> Option<SecurityProtocol> {
        use SecurityProtocol::{Plaintext, SaslPlaintext, SaslSsl, Ssl};
        [Plaintext, Ssl, SaslPlaintext, SaslSsl].into_iter().find(|p| p.name().eq_ignore_ascii_case(name))
    }
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
    /// Bound for the controller role, in the order given.
    pub controller: Vec<Endpoint>,
    /// `controller.listener.names` as given: the first is the one the quorum speaks on.
    pub controller_names: Vec<String>,
    /// What Metadata answers; some or all of `broker`.
    pub advertised: Vec<Endpoint>,
    /// What a controller registers with, in the order of `controller_names`.
    pub advertised_controller: Vec<Endpoint>,
    pub inter_broker: String,
}

/// `listener.security.protocol.map` with the defaults Kafka adds.
struct ProtocolMap(BTreeMap<String, SecurityProtocol>);

impl ListenerSettings {
    pub(super) fn from_values(
        values: &Values,
        quorum: &QuorumSettings,
    ) -> Result<ListenerSettings, ConfigFault> {
        let protocols = ProtocolMap::from_values(values)?;
        let controller_names = values.list("controller.listener.names").to_vec();
        let is_controller = values.list("process.roles").iter().any(|role| role == "controller");
        if let Some(listener) = controller_names.iter().find(|name| !protocols.contains(name))
            && !is_controller
        {
            return Err(Conflict::ControllerListenerNotMapped { listener: listener.clone() }.into());
        }
        let bound = protocols.endpoints(values.list("listeners"), true)?;
        let told = match values.list("advertised.listeners") {
            [] => bound.clone(),
            entries => protocols.endpoints(entries, false)?,
        };
        let of_controller = |endpoint: &Endpoint| controller_names.contains(&endpoint.name);
        let advertised_controller = advertised_controller(values, &controller_names, &bound, &told, quorum)?;
        let (controller, broker) = bound.into_iter().partition(of_controller);
        Ok(ListenerSettings {
            inter_broker: protocols.inter_broker(values)?,
            advertised: told.into_iter().filter(|endpoint| !of_controller(endpoint)).collect(),
            broker,
            controller,
            advertised_controller,
            controller_names,
        })
    }
}

/// Kafka: `KafkaConfig.effectiveAdvertisedControllerListeners`.
fn advertised_controller(
    values: &Values,
    names: &[String],
    bound: &[Endpoint],
    told: &[Endpoint],
    quorum: &QuorumSettings,
) -> Result<Vec<Endpoint>, ConfigFault> {
    let explicit = !values.is_null("advertised.listeners");
    let of_name = |among: &[Endpoint], name: &String| among.iter().find(|e| e.name == *name).cloned();
    let mut advertised = Vec::new();
    for (position, name) in names.iter().enumerate() {
        if let Some(endpoint) = of_name(told, name).filter(|_| explicit) {
            advertised.push(endpoint);
            continue;
        }
        let Some(mut endpoint) = of_name(bound, name) else { continue };
        let wildcard = endpoint.host.is_empty() || endpoint.host == "0.0.0.0";
        if wildcard {
            // The first listener is known to the quorum under the address the voters give this node.
            endpoint.host.clear();
            let me = quorum.voters.iter().find(|voter| voter.id == values.int("node.id"));
            if let Some(voter) = me.filter(|_| position == 0) {
                quorum.check_routable()?;
                endpoint.host.clone_from(&voter.host);
                endpoint.port = voter.port;
            }
        }
        advertised.push(endpoint);
    }
    Ok(advertised)
}

impl ProtocolMap {
    /// Kafka: `effectiveListenerSecurityProtocolMap`: while the map is not set and nothing asks for TLS or
    /// SASL, the controller's listeners speak plaintext without being in it.
    fn from_values(values: &Values) -> Result<ProtocolMap, ConfigFault> {
        const NAME: &str = "listener.security.protocol.map";
        let mut map = BTreeMap::new();
        for (listener, protocol) in pairs(NAME, values.text(NAME).unwrap_or_default())? {
            let protocol = SecurityProtocol::from_name(&protocol)
                .ok_or(ListenerFault::UnknownProtocol { protocol: protocol.clone() })?;
            map.insert(listener.to_uppercase(), protocol);
        }
        if values.is_set(NAME) {
            return Ok(ProtocolMap(map));
        }
        let secured = |name: &str| matches!(name, "SSL" | "SASL_SSL" | "SASL_PLAINTEXT");
        let names = values.list("controller.listener.names");
        let mut any_secured = names.iter().any(|name| secured(name));
        for entry in values.list("listeners") {
            let (name, _) = entry.split_once(':').ok_or(ListenerFault::NoName { entry: entry.clone() })?;
            any_secured |= secured(&name.to_uppercase());
        }
        if !any_secured {
            for name in names {
                map.insert(name.clone(), SecurityProtocol::Plaintext);
            }
        }
        Ok(ProtocolMap(map))
    }

    fn contains(&self, listener: &str) -> bool {
        self.0.contains_key(listener)
    }

    /// Reads a list of listeners; `distinct_ports` for one that is bound.
    fn endpoints(&self, entries: &[String], distinct_ports: bool) -> Result<Vec<Endpoint>, ConfigFault> {
        let read = || {
            let endpoints =
                entries.iter().map(|entry| self.endpoint(entry)).collect::<Result<Vec<_>, _>>()?;
            let names: BTreeSet<&String> = endpoints.iter().map(|endpoint| &endpoint.name).collect();
            if names.len() < endpoints.len() {
                return Err(ListWhy::SameName);
            }
            if distinct_ports {
                check_ports(&endpoints)?;
            }
            Ok(endpoints)
        };
        read().map_err(|why| ListenerFault::List { among: entries.to_vec(), why }.into())
    }

    /// `name://host:port`, the host empty, in brackets or not.
    fn endpoint(&self, entry: &str) -> Result<Endpoint, ListWhy> {
        let malformed = || ListWhy::NotAnEndpoint { entry: entry.to_string() };
        let (name, address) = entry.rsplit_once("://").ok_or_else(malformed)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(malformed)?;
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        let digits = port.strip_prefix('-').unwrap_or(port);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || !host.chars().all(is_host_char) {
            return Err(malformed());
        }
        let name = name.to_uppercase();
        let Some(&protocol) = self.0.get(&name) else {
            return Err(ListWhy::NoProtocol { listener: name });
        };
        let port = port.parse().map_err(|_| ListWhy::PortOutOfRange { entry: entry.to_string() })?;
        Ok(Endpoint { name, protocol, host: host.to_string(), port })
    }

    /// Kafka: `interBrokerListenerNameAndSecurityProtocol`.
    fn inter_broker(&self, values: &Values) -> Result<String, ConfigFault> {
        const PROTOCOL: &str = "security.inter.broker.protocol";
        let Some(listener) = values.text("inter.broker.listener.name") else {
            return Ok(values.text(PROTOCOL).unwrap_or_default().to_string());
        };
        if values.is_set(PROTOCOL) {
            return Err(ListenerRule::OneInterBroker.into());
        }
        let listener = listener.to_uppercase();
        match self.contains(&listener) {
            true => Ok(listener),
            false => Err(ListenerFault::InterBrokerNotMapped { listener }.into()),
        }
    }
}

/// Two listeners may share a port only as one IPv4 and one IPv6 address. Port 0 is no port yet.
fn check_ports(endpoints: &[Endpoint]) -> Result<(), ListWhy> {
    let ports: BTreeSet<u16> = endpoints.iter().map(|e| e.port).filter(|&port| port != 0).collect();
    for port in ports {
        let sharing = endpoints.iter().filter(|endpoint| endpoint.port == port);
        let (addresses, names): (Vec<_>, Vec<_>) =
            sharing.map(|endpoint| endpoint.host.parse::<IpAddr>()).partition(Result::is_ok);
        if names.len() > 1 {
            return Err(ListWhy::SamePort);
        }
        match addresses.as_slice() {
            [] => {}
            [_] if names.is_empty() => {}
            [Ok(first), Ok(second)] if names.is_empty() && first.is_ipv4() != second.is_ipv4() => {}
            [_, _] => return Err(ListWhy::SamePortSameFamily { port }),
            _ => return Err(ListWhy::SamePortCrowded { port }),
        }
    }
    Ok(())
}

/// `a:1, b:2`; the last colon parts. Kafka: `Csv.parseCsvMap`.
pub(super) fn pairs(name: &'static str, text: &str) -> Result<Vec<(String, String)>, ConfigFault> {
    let entries = text.split(',').map(str::trim);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    entries
        .map(|entry| match entry.rsplit_once(':') {
            Some((key, value)) => Ok((key.trim().to_string(), value.trim().to_string())),
            None => Err(Conflict::NotAPair { name, entry: entry.to_string() }.into()),
        })
        .collect()
}
