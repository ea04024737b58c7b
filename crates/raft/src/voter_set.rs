//! Who may vote, and where they listen. Kafka: `VoterSet`, `Endpoints`.

use std::collections::BTreeMap;

use klamm_base::Uuid;

use crate::ReplicaKey;
use crate::records::VotersRecord;
use crate::records::voters_record::{Endpoint, KRaftVersionFeature, Voter};

/// Address of one controller listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterEndpoint {
    pub host: String,
    pub port: u16,
}

/// One member of the voter set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterNode {
    pub key: ReplicaKey,
    /// By listener name.
    pub listeners: BTreeMap<String, VoterEndpoint>,
    /// Inclusive range of kraft.version levels the node understands.
    pub supported_kraft_versions: (i16, i16),
}

impl VoterNode {
    /// True if `replica` is this voter. A voter without a directory id (static configuration)
    /// matches by node id alone; otherwise a wiped disk is somebody else.
    pub fn is_voter(&self, replica: &ReplicaKey) -> bool {
        self.key.id == replica.id
            && (self.key.directory_id.is_none() || self.key.directory_id == replica.directory_id)
    }
}

/// The voters by node id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterSet {
    voters: BTreeMap<i32, VoterNode>,
}

impl VoterSet {
    pub fn new(voters: impl IntoIterator<Item = VoterNode>) -> VoterSet {
        VoterSet { voters: voters.into_iter().map(|voter| (voter.key.id, voter)).collect() }
    }

    /// The set `controller.quorum.voters` describes: ids and addresses on the first controller
    /// listener, no directory ids, kraft.version 0 only.
    pub fn from_static(listener: &str, voters: impl IntoIterator<Item = (i32, VoterEndpoint)>) -> VoterSet {
        VoterSet::new(voters.into_iter().map(|(id, endpoint)| VoterNode {
            key: ReplicaKey { id, directory_id: None },
            listeners: BTreeMap::from([(listener.to_owned(), endpoint)]),
            supported_kraft_versions: (0, 0),
        }))
    }

    pub fn from_record(record: &VotersRecord) -> VoterSet {
        VoterSet::new(record.voters.iter().map(|voter| {
            VoterNode {
                key: ReplicaKey::new(voter.voter_id, voter.voter_directory_id),
                listeners: voter
                    .endpoints
                    .iter()
                    .map(|e| (e.name.clone(), VoterEndpoint { host: e.host.clone(), port: e.port }))
                    .collect(),
                supported_kraft_versions: (
                    voter.k_raft_version_feature.min_supported_version,
                    voter.k_raft_version_feature.max_supported_version,
                ),
            }
        }))
    }

    pub fn to_record(&self) -> VotersRecord {
        VotersRecord { version: 0, voters: self.voters.values().map(voter_to_record).collect() }
    }

    pub fn voter_ids(&self) -> impl Iterator<Item = i32> + '_ {
        self.voters.keys().copied()
    }

    pub fn voters(&self) -> impl Iterator<Item = &VoterNode> {
        self.voters.values()
    }

    pub fn len(&self) -> usize {
        self.voters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    pub fn is_voter(&self, replica: &ReplicaKey) -> bool {
        self.voters.get(&replica.id).is_some_and(|voter| voter.is_voter(replica))
    }

    pub fn is_only_voter(&self, replica: &ReplicaKey) -> bool {
        self.voters.len() == 1 && self.is_voter(replica)
    }

    /// True if `node` is a member whose listeners or supported range are written down differently.
    pub fn needs_update(&self, node: &VoterNode) -> bool {
        self.voters.get(&node.key.id).is_some_and(|voter| voter.is_voter(&node.key) && voter != node)
    }

    /// The set with the entry of `node` replaced; `None` if `node` is no member.
    pub fn updated(&self, node: &VoterNode) -> Option<VoterSet> {
        self.is_voter(&node.key).then(|| {
            let mut voters = self.voters.clone();
            voters.insert(node.key.id, node.clone());
            VoterSet { voters }
        })
    }
}

fn voter_to_record(voter: &VoterNode) -> Voter {
    let (min_supported_version, max_supported_version) = voter.supported_kraft_versions;
    Voter {
        voter_id: voter.key.id,
        voter_directory_id: voter.key.directory_id.unwrap_or(Uuid::ZERO),
        endpoints: voter
            .listeners
            .iter()
            .map(|(name, e)| Endpoint { name: name.clone(), host: e.host.clone(), port: e.port })
            .collect(),
        k_raft_version_feature: KRaftVersionFeature { min_supported_version, max_supported_version },
    }
}
