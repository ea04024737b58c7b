//! Addresses of controllers as settings name them. Kafka: `QuorumConfig`.

use crate::fault::{ConfigFault, QuorumFault};

/// One entry of `controller.quorum.voters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    pub id: i32,
    pub host: String,
    pub port: u16,
}

/// Entries `id@host:port`; of two with one id the later wins, as in Kafka's map.
pub(crate) fn parse_voters(entries: &[String]) -> Result<Vec<Voter>, ConfigFault> {
    let mut voters: Vec<Voter> = Vec::with_capacity(entries.len());
    for entry in entries {
        let (id, address) = entry.split_once('@').ok_or(QuorumFault::VoterShape)?;
        if address.is_empty() || address.contains('@') {
            return Err(QuorumFault::VoterShape.into());
        }
        let id = id.parse::<i32>().map_err(|_| QuorumFault::VoterId { text: id.to_string() })?;
        let (host, port) =
            host_and_port(address).ok_or_else(|| QuorumFault::VoterHost { entry: entry.clone() })?;
        let port = port.parse().map_err(|_| QuorumFault::Port { text: port.to_string() })?;
        voters.retain(|voter| voter.id != id);
        voters.push(Voter { id, host, port });
    }
    Ok(voters)
}

/// Entries `host:port`.
pub(crate) fn parse_servers(entries: &[String]) -> Result<Vec<(String, u16)>, ConfigFault> {
    let mut servers = Vec::with_capacity(entries.len());
    for entry in entries {
        let (host, port) =
            host_and_port(entry).ok_or_else(|| QuorumFault::ServerHost { entry: entry.clone() })?;
        servers.push((host, port.parse().map_err(|_| QuorumFault::Port { text: port.to_string() })?));
    }
    Ok(servers)
}

/// `[protocol://][host]:port` with or without brackets. Kafka: `Utils.getHost`, `Utils.getPort`.
pub(crate) fn host_and_port(address: &str) -> Option<(String, &str)> {
    let address = match address.split_once("://") {
        Some((protocol, rest)) if protocol.chars().all(|c| is_host_char(c) && c != ':') => rest,
        _ => address,
    };
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (digits && host.chars().all(is_host_char)).then(|| (host.to_string(), port))
}

/// Kafka: `Utils.VALID_HOST_CHARACTERS`.
pub(crate) fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '%' | '.' | '_' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<String> {
        text.split(',').map(str::to_string).collect()
    }

    #[test]
    fn voters_are_read_in_kafkas_forms() {
        let voter = |id, host: &str, port| Voter { id, host: host.to_string(), port };
        assert_eq!(
            parse_voters(&entries("1@a:9093,2@[::1]:9094")),
            Ok(vec![voter(1, "a", 9093), voter(2, "::1", 9094)])
        );
        assert_eq!(parse_voters(&entries("1@a:1,1@b:2")), Ok(vec![voter(1, "b", 2)]));
    }

    #[test]
    fn bad_voters_get_kafkas_messages() {
        let cases = [
            (
                "foo",
                "Invalid configuration value for controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.",
            ),
            (
                "1@",
                "Invalid configuration value for controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.",
            ),
            (
                "1@foo",
                "Failed to parse host name from entry 1@foo for the configuration controller.quorum.voters. Each entry should be in the form `{id}@{host}:{port}`.",
            ),
            ("x@foo:1", "Failed to parse voter ID as an integer from x"),
            ("1@a:99999", "port out of range:99999"),
        ];
        for (text, message) in cases {
            assert_eq!(parse_voters(&entries(text)).expect_err(text).to_string(), message);
        }
    }

    #[test]
    fn bad_servers_get_kafkas_messages() {
        let message = "Failed to parse host name from foo:x for the configuration controller.quorum.bootstrap.servers. Each entry should be in the form \"{host}:{port}\"";
        assert_eq!(parse_servers(&entries("foo:x")).expect_err("no port").to_string(), message);
        assert_eq!(parse_servers(&entries("localhost:9093")), Ok(vec![("localhost".to_string(), 9093)]));
    }
}
