//! A member of a classic group (Kafka: `ClassicGroupMember`).

use std::collections::BTreeSet;

use bytes::Bytes;
use klamm_wire::join_group::JoinGroupRequestProtocol;

use crate::group::memory;
use crate::group::records::classic::MemberMetadata;
use crate::step::RequestId;

/// One member, and which of its requests are waiting.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub member_id: String,
    /// Of a static member (KIP-345).
    pub group_instance_id: Option<String>,
    pub client_id: String,
    /// As Java prints an address: `/127.0.0.1`.
    pub client_host: String,
    pub rebalance_timeout_ms: i32,
    pub session_timeout_ms: i32,
    pub protocol_type: String,
    /// Names and what the member says under each, the most wanted first.
    pub protocols: Vec<(String, Bytes)>,
    /// What the leader has given it; empty before the first one.
    pub assignment: Bytes,
    pub awaiting_join: Option<RequestId>,
    pub awaiting_sync: Option<RequestId>,
    /// It has never been told its generation.
    pub is_new: bool,
}

impl Member {
    /// A member as the log has it: all that it says is said under the group's protocol.
    pub fn from_record(record: MemberMetadata, protocol_type: &str, protocol: &str) -> Member {
        // Records before version 1 have no rebalance timeout.
        let rebalance_timeout_ms =
            if record.rebalance_timeout == -1 { record.session_timeout } else { record.rebalance_timeout };
        Member {
            member_id: record.member_id,
            group_instance_id: record.group_instance_id,
            client_id: record.client_id,
            client_host: record.client_host,
            rebalance_timeout_ms,
            session_timeout_ms: record.session_timeout,
            protocol_type: protocol_type.to_owned(),
            protocols: vec![(protocol.to_owned(), kept(&record.subscription))],
            assignment: kept(&record.assignment),
            awaiting_join: None,
            awaiting_sync: None,
            is_new: false,
        }
    }

    /// What it takes in memory as one of a group, with all timers and lists that it stands in.
    pub fn held_bytes(&self, group_id: &str) -> usize {
        let instance = self.group_instance_id.as_ref().map_or(0, String::len);
        let others = self.client_id.len() + self.client_host.len() + self.protocol_type.len();
        memory::names_bytes(group_id.len(), self.member_id.len(), instance, others)
            + self.assignment.len()
            + self.protocols_bytes()
    }

    pub fn protocols_bytes(&self) -> usize {
        memory::protocols_bytes(self.protocols.iter().map(|(name, said)| (name, said)))
    }

    pub fn is_static(&self) -> bool {
        self.group_instance_id.is_some()
    }

    /// What it says under a protocol.
    pub fn metadata(&self, protocol: &str) -> Option<&Bytes> {
        self.protocols.iter().find(|(name, _)| name == protocol).map(|(_, metadata)| metadata)
    }

    pub fn protocol_names(&self) -> impl Iterator<Item = &str> {
        self.protocols.iter().map(|(name, _)| name.as_str())
    }

    /// Whether it would say the same again.
    pub fn matches(&self, protocols: &[JoinGroupRequestProtocol]) -> bool {
        let theirs = protocols.iter().map(|protocol| (&protocol.name, &protocol.metadata));
        self.protocols.iter().map(|(name, metadata)| (name, metadata)).eq(theirs)
    }

    /// The first of its protocols that is a candidate.
    pub fn vote<'a>(&'a self, candidates: &BTreeSet<&str>) -> Option<&'a str> {
        self.protocol_names().find(|name| candidates.contains(name))
    }

    /// Who waits for the group is alive; but a new member may vanish while it waits, and nobody would notice.
    pub fn satisfies_heartbeat(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }
}

/// A copy: a slice would hold all of the frame, or of the batch, that it came in.
pub fn kept(bytes: &Bytes) -> Bytes {
    Bytes::copy_from_slice(bytes)
}

/// Protocols of a request, as a member keeps them.
pub fn protocols_of(protocols: &[JoinGroupRequestProtocol]) -> Vec<(String, Bytes)> {
    protocols.iter().map(|protocol| (protocol.name.clone(), kept(&protocol.metadata))).collect()
}
