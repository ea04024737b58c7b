//! Numbers of an idempotent producer: its id, and how far each partition has come (Kafka: `TransactionManager`,
//! KIP-98, KIP-360).
//!
//! | A partition's numbering | Event | Next |
//! |---|---|---|
//! | none | first batch | the producer's id and epoch, from 0 |
//! | counting | next batch | goes on behind it |
//! | counting | the last batch that it numbered was refused whole | goes back to that batch's number |
//! | counting | nobody knows what the partition has, or it has lost count | the next epoch, from 0 |
//! | counting in the last epoch | the same | none; a new id is asked for |

use std::collections::BTreeMap;

use klamm_base::TopicPartition;

use super::batch::Sequence;

#[derive(Default)]
pub struct Numbers {
    /// Id and epoch for partitions that begin to count.
    producer: Option<(i64, i16)>,
    partitions: BTreeMap<TopicPartition, Sequence>,
}

impl Numbers {
    /// False before an id was given.
    pub fn has_producer(&self) -> bool {
        self.producer.is_some()
    }

    pub fn set_producer(&mut self, producer_id: i64, producer_epoch: i16) {
        self.producer = Some((producer_id, producer_epoch));
    }

    /// The number of the partition's next batch, of `count` records; `None` without an id.
    pub fn next(&mut self, partition: &TopicPartition, count: usize) -> Option<Sequence> {
        if !self.partitions.contains_key(partition) {
            let (producer_id, producer_epoch) = self.producer?;
            let first = Sequence { producer_id, producer_epoch, base_sequence: 0 };
            self.partitions.insert(partition.clone(), first);
        }
        let next = self.partitions.get_mut(partition)?;
        let given = *next;
        next.base_sequence = add(given.base_sequence, count);
        Some(given)
    }

    /// Whether the partition still counts as it did when this was given.
    pub fn is_current(&self, partition: &TopicPartition, given: Sequence) -> bool {
        self.partitions.get(partition).is_some_and(|next| {
            (next.producer_id, next.producer_epoch) == (given.producer_id, given.producer_epoch)
        })
    }

    /// A batch was refused whole: its number is free again if it was the last one given. False if it was not.
    pub fn take_back(&mut self, partition: &TopicPartition, given: Sequence, count: usize) -> bool {
        if !self.is_current(partition, given) {
            return true;
        }
        let next = self.partitions.get_mut(partition);
        let Some(next) = next.filter(|next| next.base_sequence == add(given.base_sequence, count)) else {
            return false;
        };
        next.base_sequence = given.base_sequence;
        true
    }

    /// The partition counts from 0 again, in another epoch than that of `given`.
    pub fn restart(&mut self, partition: &TopicPartition, given: Sequence) {
        if !self.is_current(partition, given) {
            return;
        }
        match given.producer_epoch.checked_add(1) {
            Some(producer_epoch) => {
                let anew = Sequence { producer_epoch, base_sequence: 0, ..given };
                self.partitions.insert(partition.clone(), anew);
            }
            None => {
                self.partitions.remove(partition);
                self.producer = self.producer.filter(|(producer_id, _)| *producer_id != given.producer_id);
            }
        }
    }
}

/// Sequences wrap to 0 behind the largest int (Kafka: `DefaultRecordBatch.incrementSequence`).
fn add(sequence: i32, count: usize) -> i32 {
    ((i64::from(sequence) + count as i64) & i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting() -> (Numbers, TopicPartition) {
        let mut numbers = Numbers::default();
        numbers.set_producer(7, 0);
        (numbers, TopicPartition::new("t", 0))
    }

    fn shown(sequence: Option<Sequence>) -> (i64, i16, i32) {
        let Sequence { producer_id, producer_epoch, base_sequence } = sequence.expect("a number");
        (producer_id, producer_epoch, base_sequence)
    }

    #[test]
    fn partitions_count_by_themselves() {
        let (mut numbers, partition) = counting();
        let other = TopicPartition::new("t", 1);
        assert_eq!(shown(numbers.next(&partition, 3)), (7, 0, 0));
        assert_eq!(shown(numbers.next(&partition, 2)), (7, 0, 3));
        assert_eq!(shown(numbers.next(&other, 1)), (7, 0, 0));
        assert_eq!(shown(numbers.next(&partition, 1)), (7, 0, 5));
        assert_eq!(Numbers::default().next(&partition, 1), None);
        assert_eq!((add(i32::MAX, 1), add(i32::MAX - 1, 5)), (0, 3));
    }

    #[test]
    fn the_last_number_may_come_back() {
        let (mut numbers, partition) = counting();
        let first = numbers.next(&partition, 3).expect("a number");
        assert!(numbers.take_back(&partition, first, 3));
        let first = numbers.next(&partition, 2).expect("a number");
        assert_eq!(first.base_sequence, 0);
        numbers.next(&partition, 1);
        assert!(!numbers.take_back(&partition, first, 2), "another was numbered behind it");
    }

    #[test]
    fn a_partition_that_lost_count_begins_anew_once() {
        let (mut numbers, partition) = counting();
        let first = numbers.next(&partition, 3).expect("a number");
        let second = numbers.next(&partition, 3).expect("a number");
        numbers.restart(&partition, first);
        numbers.restart(&partition, second);
        assert!(!numbers.is_current(&partition, first));
        assert_eq!(shown(numbers.next(&partition, 1)), (7, 1, 0));
        assert_eq!(shown(numbers.next(&TopicPartition::new("u", 0), 1)), (7, 0, 0), "others go on");
    }

    #[test]
    fn behind_the_last_epoch_comes_another_id() {
        let (mut numbers, partition) = (Numbers::default(), TopicPartition::new("t", 0));
        numbers.set_producer(7, i16::MAX);
        let first = numbers.next(&partition, 1).expect("a number");
        numbers.restart(&partition, first);
        assert!(!numbers.has_producer());
        numbers.set_producer(8, 0);
        assert_eq!(shown(numbers.next(&partition, 1)), (8, 0, 0));
    }
}
