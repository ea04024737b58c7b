//! When a reassignment of replicas is through. Kafka: `PartitionReassignmentReplicas`, KIP-455.

/// What the partition looks like without the replicas that go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompletedReassignment {
    pub replicas: Vec<i32>,
    pub isr: Vec<i32>,
}

/// `None` while replicas are still being added, or when nothing is being reassigned.
pub(super) fn complete(
    replicas: &[i32],
    adding: &[i32],
    removing: &[i32],
    isr: &[i32],
) -> Option<CompletedReassignment> {
    if adding.is_empty() && removing.is_empty() {
        return None;
    }
    let without_removing =
        |list: &[i32]| list.iter().copied().filter(|id| !removing.contains(id)).collect::<Vec<_>>();
    let (replicas, isr) = (without_removing(replicas), without_removing(isr));
    let in_sync = |list: &[i32]| list.iter().all(|id| isr.contains(id));
    // With fewer replicas than before, all that stay have to be in sync: else the ISR could shrink
    // to less than it is now.
    let safe = adding.len() >= removing.len() || in_sync(&replicas);
    let possible = removing.is_empty() || !(replicas.is_empty() || isr.is_empty());
    (possible && in_sync(adding) && safe).then_some(CompletedReassignment { replicas, isr })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(replicas: &[i32], isr: &[i32]) -> Option<CompletedReassignment> {
        Some(CompletedReassignment { replicas: replicas.to_vec(), isr: isr.to_vec() })
    }

    #[test]
    fn replicas_move_when_all_new_ones_are_in_sync() {
        assert_eq!(complete(&[1, 2], &[], &[], &[1, 2]), None);
        assert_eq!(complete(&[3, 1], &[3], &[1], &[1]), None);
        assert_eq!(complete(&[3, 1], &[3], &[1], &[1, 3]), completed(&[3], &[3]));
        assert_eq!(complete(&[1, 2], &[2], &[], &[1, 2]), completed(&[1, 2], &[1, 2]));
        assert_eq!(complete(&[1, 2], &[], &[2], &[2]), None);
    }

    #[test]
    fn fewer_replicas_must_all_be_in_sync() {
        assert_eq!(complete(&[2, 3, 1], &[3], &[1, 4], &[3, 1]), None);
        assert_eq!(complete(&[2, 3, 1], &[3], &[1, 4], &[3, 2, 1]), completed(&[2, 3], &[3, 2]));
    }
}
