//! The controller quorum: who votes, where to ask. Kafka: `QuorumConfig`.

use crate::ConfigFault;
use crate::addresses::{Voter, parse_servers, parse_voters};
use crate::fault::QuorumFault;
use crate::settings::values::Values;

/// The controller quorum. `controller.quorum.*`; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumSettings {
    /// Static voters; empty when the voter set lives in the metadata log (kraft.version 1).
    pub voters: Vec<Voter>,
    /// `host:port` pairs of `controller.quorum.bootstrap.servers`.
    pub bootstrap_servers: Vec<(String, u16)>,
    pub auto_join: bool,
    pub election_timeout_ms: i32,
    pub election_backoff_max_ms: i32,
    pub fetch_timeout_ms: i32,
    pub append_linger_ms: i32,
    pub request_timeout_ms: i32,
    pub retry_backoff_ms: i32,
}

impl QuorumSettings {
    pub(super) fn from_values(values: &Values) -> Result<QuorumSettings, ConfigFault> {
        Ok(QuorumSettings {
            voters: parse_voters(values.list("controller.quorum.voters"))?,
            bootstrap_servers: parse_servers(values.list("controller.quorum.bootstrap.servers"))?,
            auto_join: values.boolean("controller.quorum.auto.join.enable"),
            election_timeout_ms: values.int("controller.quorum.election.timeout.ms"),
            election_backoff_max_ms: values.int("controller.quorum.election.backoff.max.ms"),
            fetch_timeout_ms: values.int("controller.quorum.fetch.timeout.ms"),
            append_linger_ms: values.int("controller.quorum.append.linger.ms"),
            request_timeout_ms: values.int("controller.quorum.request.timeout.ms"),
            retry_backoff_ms: values.int("controller.quorum.retry.backoff.ms"),
        })
    }
}

impl QuorumSettings {
    /// Whether every voter's address can be told to others.
    pub(super) fn check_routable(&self) -> Result<(), ConfigFault> {
        match self.voters.iter().find(|voter| voter.host == "0.0.0.0") {
            Some(voter) => Err(QuorumFault::VoterUnroutable { host: voter.host.clone() }.into()),
            None => Ok(()),
        }
    }
}
