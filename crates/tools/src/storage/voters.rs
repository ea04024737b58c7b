//! The voters of a dynamic quorum as flags name them. Kafka: `DynamicVoters`.

use super::fault::VoterFault;
use klamm_base::Uuid;
use klamm_raft::{ReplicaKey, VoterEndpoint, VoterNode, VoterSet};
use std::collections::BTreeMap;

/// `id@host:port:directory-id`, comma-separated; the address is the one of `listener`.
pub(super) fn parse(text: &str, listener: &str) -> Result<VoterSet, VoterFault> {
    let mut voters: BTreeMap<i32, VoterNode> = BTreeMap::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let voter = parse_one(entry, listener)?;
        let id = voter.key.id;
        if voters.insert(id, voter).is_some() {
            return Err(VoterFault::SameNodeId { id });
        }
    }
    if voters.is_empty() {
        return Err(VoterFault::None);
    }
    Ok(VoterSet::new(voters.into_values()))
}

/// A voter that understands both levels of kraft.version.
pub(super) fn voter(key: ReplicaKey, listener: &str, endpoint: VoterEndpoint) -> VoterNode {
    let listeners = BTreeMap::from([(listener.to_uppercase(), endpoint)]);
    VoterNode { key, listeners, supported_kraft_versions: (0, 1) }
}

fn parse_one(entry: &str, listener: &str) -> Result<VoterNode, VoterFault> {
    let (id, rest) = entry.split_once('@').ok_or(VoterFault::NoAt)?;
    if id.is_empty() {
        return Err(VoterFault::BeginsWithAt);
    }
    let id: i32 = id.parse().map_err(|_| VoterFault::NodeId)?;
    if id < 0 {
        return Err(VoterFault::NegativeNodeId { id });
    }
    let (host, rest) = split_host(rest)?;
    let rest = rest.strip_prefix(':').ok_or(VoterFault::NoColonBeforePort)?;
    let (port, directory_id) = rest.split_once(':').ok_or(VoterFault::NoColonAfterPort)?;
    let port: i32 = port.parse().map_err(|_| VoterFault::Port)?;
    let port = u16::try_from(port).map_err(|_| VoterFault::PortOutOfRange { port })?;
    let directory_id: Uuid = directory_id.parse().map_err(|_| VoterFault::DirectoryId)?;
    let endpoint = VoterEndpoint { host: host.to_string(), port };
    Ok(voter(ReplicaKey::new(id, directory_id), listener, endpoint))
}

/// The host, in brackets or up to the first colon, and what follows.
fn split_host(text: &str) -> Result<(&str, &str), VoterFault> {
    if text.is_empty() {
        return Err(VoterFault::NoHost);
    }
    match text.strip_prefix('[') {
        Some(text) => text.split_once(']').ok_or(VoterFault::OpenBracket),
        None => match text.find(':') {
            Some(colon) => Ok(text.split_at(colon)),
            None => Err(VoterFault::NoColonAfterHost),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "JEXY6aqzQY-32P5TStzaFg";

    #[test]
    fn voters_are_read() {
        let set = parse(&format!("1@a:9093:{ID}, 2@[::1]:9094:MvDxzVmcRsaTz33bUuRU6A"), "controller");
        let set = set.expect("two voters");
        let read: Vec<(i32, String, u16)> = set
            .voters()
            .map(|voter| {
                let endpoint = &voter.listeners["CONTROLLER"];
                (voter.key.id, endpoint.host.clone(), endpoint.port)
            })
            .collect();
        assert_eq!(read, [(1, "a".to_string(), 9093), (2, "::1".to_string(), 9094)]);
    }

    /// Messages as Kafka 4.4.0 gave them.
    #[test]
    fn bad_voters_get_kafkas_messages() {
        let cases = [
            ("foo".to_string(), "No @ found in dynamic voter string."),
            (format!("@a:1:{ID}"), "Invalid @ at beginning of dynamic voter string."),
            (format!("x@a:1:{ID}"), "Failed to parse node id in dynamic voter string."),
            (format!("-1@a:1:{ID}"), "Invalid negative node id -1 in dynamic voter string."),
            ("1@".to_string(), "No hostname found after node id."),
            ("1@[::1".to_string(), "Hostname began with left bracket, but no right bracket was found."),
            ("1@a".to_string(), "No colon following hostname could be found."),
            ("1@[a]1".to_string(), "Port section must start with a colon."),
            ("1@a:1".to_string(), "No colon following port could be found."),
            (format!("1@a:b:{ID}"), "Failed to parse port in dynamic voter string."),
            (format!("1@a:99999:{ID}"), "Invalid port 99999 in dynamic voter string."),
            ("1@a:1:x".to_string(), "Failed to parse directory ID in dynamic voter string."),
            (String::new(), "No voters given."),
            (format!("1@a:1:{ID},1@b:1:{ID}"), "Node id 1 was specified more than once."),
        ];
        for (text, message) in cases {
            assert_eq!(parse(&text, "C").expect_err(&text).to_string(), message, "{text}");
        }
    }
}
