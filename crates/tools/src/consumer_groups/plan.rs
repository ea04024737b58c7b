//! Where a group shall go on: plans from what was found (Kafka: `GroupOffsetsResetter`).

use std::collections::BTreeMap;

use klamm_base::TopicPartition;

use crate::exception::Exception;
use crate::hash_map::HashMap;

/// An offset for each partition, in the order in which Kafka's tool prints them.
pub type Offsets = HashMap<TopicPartition, i64>;

const ILLEGAL_STATE: &str = "java.lang.IllegalStateException";

/// One offset for all partitions.
///
/// # Errors
/// A partition twice.
pub fn to_offset(partitions: &[TopicPartition], offset: i64) -> Result<Offsets, Exception> {
    collect(partitions.iter().map(|partition| Ok((partition.clone(), offset))))
}

/// What was found for each partition.
///
/// # Errors
/// A partition twice.
pub fn to_found(
    partitions: &[TopicPartition],
    found: &BTreeMap<TopicPartition, i64>,
) -> Result<Offsets, Exception> {
    collect(partitions.iter().filter_map(|partition| Some(Ok((partition.clone(), *found.get(partition)?)))))
}

/// Some records further, or back.
///
/// # Errors
/// A partition twice, or without an offset of the group.
pub fn shift_by(
    partitions: &[TopicPartition],
    committed: &BTreeMap<TopicPartition, i64>,
    by: i64,
) -> Result<Offsets, Exception> {
    collect(partitions.iter().map(|partition| {
        let offset = committed.get(partition).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "Cannot shift offset for partition {partition} since there is no current committed offset"
            ))
        })?;
        Ok((partition.clone(), offset.wrapping_add(by)))
    }))
}

/// Where the group is; at the end where it is nowhere.
///
/// # Errors
/// A partition twice.
pub fn to_current(
    partitions: &[TopicPartition],
    committed: &BTreeMap<TopicPartition, i64>,
    ends: &BTreeMap<TopicPartition, i64>,
) -> Result<Offsets, Exception> {
    let (with, without): (Vec<_>, Vec<_>) =
        partitions.iter().cloned().partition(|partition| committed.contains_key(partition));
    let mut offsets = to_found(&with, committed)?;
    for (partition, end) in to_found(&without, ends)? {
        offsets.insert(partition, end);
    }
    Ok(offsets)
}

fn collect(
    offsets: impl Iterator<Item = Result<(TopicPartition, i64), Exception>>,
) -> Result<Offsets, Exception> {
    let mut collected = Offsets::default();
    for offset in offsets {
        let (partition, offset) = offset?;
        if let Some(other) = collected.get(&partition) {
            let text = format!("Duplicate key {partition} (attempted merging values {other} and {offset})");
            return Err(Exception::new(ILLEGAL_STATE, text));
        }
        collected.insert(partition, offset);
    }
    Ok(collected)
}

/// The plan within what there is of each partition, and what is to be said about offsets that were not.
pub fn clamp(
    requested: &Offsets,
    starts: &BTreeMap<TopicPartition, i64>,
    ends: &BTreeMap<TopicPartition, i64>,
) -> (Offsets, Vec<String>) {
    let mut warnings = Vec::new();
    let clamped = requested.iter().map(|(partition, offset)| {
        let end = ends.get(partition).filter(|end| offset > end).map(|end| ("higher than latest", *end));
        let start = starts.get(partition).filter(|start| offset < start);
        let bound = end.or(start.map(|start| ("lower than earliest", *start)));
        let Some((what, bound)) = bound else { return (partition.clone(), *offset) };
        warnings.push(format!(
            "New offset ({offset}) is {what} offset for topic partition {partition}. Value will be set to {bound}."
        ));
        (partition.clone(), bound)
    });
    (clamped.collect(), warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(index: i32) -> TopicPartition {
        TopicPartition::new("t", index)
    }

    fn found(offsets: &[(i32, i64)]) -> BTreeMap<TopicPartition, i64> {
        offsets.iter().map(|(index, offset)| (place(*index), *offset)).collect()
    }

    fn sorted(offsets: Offsets) -> Vec<(i32, i64)> {
        let mut offsets: Vec<_> =
            offsets.into_iter().map(|(partition, offset)| (partition.partition, offset)).collect();
        offsets.sort_unstable();
        offsets
    }

    #[test]
    fn plans_go_where_they_are_told() {
        let partitions = [place(0), place(1)];
        let committed = found(&[(0, 7)]);
        let ends = found(&[(0, 10), (1, 20)]);
        assert_eq!(to_offset(&partitions, 3).map(sorted), Ok(vec![(0, 3), (1, 3)]));
        assert_eq!(to_found(&partitions, &ends).map(sorted), Ok(vec![(0, 10), (1, 20)]));
        assert_eq!(shift_by(&partitions[..1], &committed, -9).map(sorted), Ok(vec![(0, -2)]));
        assert_eq!(to_current(&partitions, &committed, &ends).map(sorted), Ok(vec![(0, 7), (1, 20)]));
    }

    #[test]
    fn plans_that_cannot_be_made() {
        let twice = [place(0), place(0)];
        let refused = to_offset(&twice, 5).expect_err("twice");
        assert_eq!(refused.message(), "Duplicate key t-0 (attempted merging values 5 and 5)");
        let refused = shift_by(&[place(1)], &found(&[(0, 7)]), 1).expect_err("nothing committed");
        assert_eq!(
            refused.to_string(),
            "java.lang.IllegalArgumentException: Cannot shift offset for partition t-1 since there is no current \
             committed offset"
        );
    }

    #[test]
    fn offsets_stay_within_the_log() {
        let (starts, ends) = (found(&[(0, 5), (1, 5)]), found(&[(0, 10), (1, 10)]));
        let plan = |a, b| found(&[(0, a), (1, b)]).into_iter().collect::<Offsets>();
        let (inside, warnings) = clamp(&plan(5, 10), &starts, &ends);
        assert_eq!((sorted(inside), warnings), (vec![(0, 5), (1, 10)], Vec::new()));
        let (clamped, mut warnings) = clamp(&plan(4, 11), &starts, &ends);
        warnings.sort();
        assert_eq!(sorted(clamped), [(0, 5), (1, 10)]);
        assert_eq!(
            warnings,
            [
                "New offset (11) is higher than latest offset for topic partition t-1. Value will be set to 10.",
                "New offset (4) is lower than earliest offset for topic partition t-0. Value will be set to 5.",
            ]
        );
    }
}
