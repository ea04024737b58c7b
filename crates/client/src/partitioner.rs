//! Which partition a record goes to (Kafka: `BuiltInPartitioner`, `Utils.murmur2`; KIP-480, KIP-794).

/// The hash that places keys, the same in every Kafka client (Kafka: `Utils.murmur2`).
pub fn murmur2(data: &[u8]) -> i32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    // Kafka's lengths are Java ints.
    let mut hash = SEED ^ data.len() as u32;
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        let mut word = [0; 4];
        word[..rest.len()].copy_from_slice(rest);
        hash = (hash ^ u32::from_le_bytes(word)).wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^= hash >> 15;
    hash as i32
}

/// The partition of a key among `partitions` ones.
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    assert!(partitions > 0, "a topic of {partitions} partitions");
    (murmur2(key) & i32::MAX) % partitions
}

/// Who places records that name no partition (Kafka: `partitioner.class`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partitioner {
    /// By the key; without one, a batch's worth of records to each.
    #[default]
    BuiltIn,
    /// One after the other, whatever the key (Kafka: `RoundRobinPartitioner`).
    RoundRobin,
}

impl Partitioner {
    /// The partitioner of a Java class.
    pub fn from_class(class: &str) -> Option<Partitioner> {
        (class == "org.apache.kafka.clients.producer.RoundRobinPartitioner")
            .then_some(Partitioner::RoundRobin)
    }
}

/// Records without a key stay with one partition until it has taken a batch's worth of bytes (KIP-794).
#[derive(Clone, Copy, Debug)]
pub struct StickyPartition {
    partition: i32,
    taken: usize,
}

impl StickyPartition {
    /// `random` chooses.
    pub fn new(partitions: i32, random: u64) -> StickyPartition {
        StickyPartition { partition: choose(partitions, random), taken: 0 }
    }

    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Whether another one is due: it has taken a batch's worth of bytes, or the partition is gone.
    pub fn is_full(&self, batch_size: usize, partitions: i32) -> bool {
        self.taken >= batch_size || self.partition >= partitions
    }

    /// It has taken a record of this size.
    pub fn add(&mut self, size: usize) {
        self.taken += size;
    }
}

fn choose(partitions: i32, random: u64) -> i32 {
    assert!(partitions > 0, "a topic of {partitions} partitions");
    (random % partitions as u64) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of Kafka's own `UtilsTest.testMurmur2`.
    #[test]
    fn hashes_are_those_of_kafka() {
        let known: [(&[u8], i32); 7] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
            (b"", 275_646_681),
        ];
        for (data, hash) in known {
            assert_eq!(murmur2(data), hash, "{}", String::from_utf8_lossy(data));
        }
    }

    #[test]
    fn a_batch_stays_together_and_the_next_goes_elsewhere() {
        let mut sticky = StickyPartition::new(3, 1);
        assert_eq!((sticky.partition(), sticky.is_full(100, 3)), (1, false));
        sticky.add(60);
        assert!(!sticky.is_full(100, 3));
        sticky.add(60);
        assert!(sticky.is_full(100, 3));
        assert!(StickyPartition::new(3, 2).is_full(100, 2), "a partition that is gone is left");
    }
}
