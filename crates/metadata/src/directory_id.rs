//! Reserved ids of log directories and what they say about a replica. Kafka: `DirectoryId`, KIP-858.

use klamm_base::Uuid;

/// Assigned before metadata.version 3.7-IV2, when records had no directories.
pub const MIGRATING: Uuid = Uuid::ZERO;
/// Not placed yet: the broker picks a directory and reports it.
pub const UNASSIGNED: Uuid = Uuid::ONE;
/// On a directory that is offline, not known which.
pub const LOST: Uuid = Uuid::from_halves(0, 2);

/// True if a replica in `directory` can be used when `online` are the broker's directories. A broker
/// that registered before directories were reported has an empty list and the benefit of the doubt
/// (KAFKA-16162).
pub fn is_online(directory: Uuid, online: &[Uuid]) -> bool {
    match directory {
        UNASSIGNED | MIGRATING => true,
        LOST => false,
        _ => online.is_empty() || online.contains(&directory),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_is_online_unless_its_directory_is_known_to_be_gone() {
        let (a, b) = (Uuid([7; 16]), Uuid([8; 16]));
        assert!(is_online(UNASSIGNED, &[a]) && is_online(MIGRATING, &[a]) && is_online(a, &[a]));
        assert!(is_online(b, &[]));
        assert!(!is_online(b, &[a]) && !is_online(LOST, &[]));
    }
}
