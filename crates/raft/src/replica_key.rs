//! Identity of a replica of the metadata log: node id and directory id (KIP-853).
//! Kafka: `ReplicaKey`.

use klamm_base::Uuid;

/// A node with the id of its metadata directory. A wiped disk gets a new directory id and is
/// therefore a new replica; at kraft.version 0 directory ids of voters are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaKey {
    pub id: i32,
    pub directory_id: Option<Uuid>,
}

impl ReplicaKey {
    /// The all-zero id stands for "unknown" wherever a directory id is written down.
    pub fn new(id: i32, directory_id: Uuid) -> ReplicaKey {
        ReplicaKey { id, directory_id: (directory_id != Uuid::ZERO).then_some(directory_id) }
    }

    /// The directory id as it is written down: zero when unknown.
    pub fn directory_id_or_zero(&self) -> Uuid {
        self.directory_id.unwrap_or(Uuid::ZERO)
    }
}
