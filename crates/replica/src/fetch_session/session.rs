//! One session: its partitions in the order in which they are served.

use std::collections::{BTreeMap, HashMap};

use klamm_base::ErrorCode;

use super::{FetchKey, PartitionFetch, PartitionNews};

/// What is remembered of one partition.
#[derive(Clone, Debug)]
struct CachedPartition {
    key: FetchKey,
    fetch: PartitionFetch,
    /// As last told; -1 makes the next answer name the partition again.
    high_watermark: i64,
    log_start_offset: i64,
}

/// Partitions by their turn: those that got records go to the end, so that all get theirs.
#[derive(Clone, Debug, Default)]
pub(super) struct SessionPartitions {
    turns: HashMap<FetchKey, u64>,
    by_turn: BTreeMap<u64, CachedPartition>,
    next_turn: u64,
}

impl SessionPartitions {
    pub fn len(&self) -> usize {
        self.turns.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&FetchKey, &PartitionFetch)> {
        self.by_turn.values().map(|cached| (&cached.key, &cached.fetch))
    }

    /// Adds a partition or changes what is asked of it; its turn stays.
    pub fn ask(&mut self, key: FetchKey, fetch: PartitionFetch) {
        match self.turns.get(&key).and_then(|turn| self.by_turn.get_mut(turn)) {
            Some(known) => known.fetch = fetch,
            None => self.push(CachedPartition { key, fetch, high_watermark: -1, log_start_offset: -1 }),
        }
    }

    /// Adds a partition whose first answer goes out now.
    pub fn remember(&mut self, key: FetchKey, fetch: PartitionFetch, news: PartitionNews) {
        let PartitionNews { high_watermark, log_start_offset, .. } = news;
        self.push(CachedPartition { key, fetch, high_watermark, log_start_offset });
    }

    pub fn forget(&mut self, key: &FetchKey) {
        if let Some(turn) = self.turns.remove(key) {
            self.by_turn.remove(&turn);
        }
    }

    /// Notes what would be told; false when there is nothing new and the answer leaves the partition out.
    pub fn tell(&mut self, key: &FetchKey, news: PartitionNews) -> bool {
        let Some(&turn) = self.turns.get(key) else { return false };
        let cached = self.by_turn.get_mut(&turn).expect("every turn has its partition");
        let must_tell = news.has_records
            || news.must_tell
            || news.error != ErrorCode::None
            || news.high_watermark != cached.high_watermark
            || news.log_start_offset != cached.log_start_offset;
        cached.log_start_offset = news.log_start_offset;
        // After an error the partition is named once more when the error is gone.
        cached.high_watermark = if news.error == ErrorCode::None { news.high_watermark } else { -1 };
        if news.has_records {
            let cached = self.by_turn.remove(&turn).expect("every turn has its partition");
            self.push(cached);
        }
        must_tell
    }

    fn push(&mut self, cached: CachedPartition) {
        self.turns.insert(cached.key.clone(), self.next_turn);
        self.by_turn.insert(self.next_turn, cached);
        self.next_turn += 1;
    }
}
