//! What a partition is at the moment, in numbers (Kafka: the gauges of `Partition` and `UnifiedLog`).

use klamm_replica::Role;

use super::Partition;
use super::partition::{Counters, log_offset};
use std::sync::atomic::{AtomicU64, Ordering};

/// The log of a partition and what this broker is to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFigures {
    pub is_leader: bool,
    /// Its directory has failed.
    pub is_offline: bool,
    pub log_start: i64,
    pub log_end: i64,
    pub high_watermark: i64,
    pub last_stable: i64,
    pub size_bytes: u64,
    pub segments: usize,
    /// That the log remembers.
    pub producers: usize,
    /// Of the topic's settings.
    pub min_insync_replicas: i32,
    /// Requests sleeping here.
    pub waiting_appends: usize,
    pub waiting_fetches: usize,
}

/// What was counted of a topic since the start (Kafka: `BrokerTopicMetrics`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopicCounts {
    pub messages_in: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub produce_requests: u64,
    pub fetch_requests: u64,
    pub failed_produce_requests: u64,
    pub failed_fetch_requests: u64,
}

impl TopicCounts {
    pub fn add(&mut self, other: &TopicCounts) {
        self.messages_in += other.messages_in;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.produce_requests += other.produce_requests;
        self.fetch_requests += other.fetch_requests;
        self.failed_produce_requests += other.failed_produce_requests;
        self.failed_fetch_requests += other.failed_fetch_requests;
    }
}

impl Counters {
    pub fn read(&self) -> TopicCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TopicCounts {
            messages_in: read(&self.messages_in),
            bytes_in: read(&self.bytes_in),
            bytes_out: read(&self.bytes_out),
            produce_requests: read(&self.produce_requests),
            fetch_requests: read(&self.fetch_requests),
            failed_produce_requests: read(&self.failed_produce_requests),
            failed_fetch_requests: read(&self.failed_fetch_requests),
        }
    }
}

impl Partition {
    pub fn figures(&self) -> LogFigures {
        let min_insync_replicas = self.config().min_insync_replicas;
        let state = self.lock();
        let ends = state.log.ends();
        let high_watermark = state.replica.high_watermark();
        let (waiting_appends, waiting_fetches) = state.replica.waiting();
        LogFigures {
            is_leader: matches!(state.replica.role(), Role::Leader(_)),
            is_offline: matches!(state.replica.role(), Role::Offline),
            log_start: ends.log_start,
            log_end: ends.written.offset,
            high_watermark: high_watermark.offset,
            last_stable: state.log.last_stable_offset(log_offset(high_watermark)).offset,
            size_bytes: state.log.size_in_bytes(),
            segments: state.log.segment_base_offsets().count(),
            producers: state.log.producers().len(),
            min_insync_replicas,
            waiting_appends,
            waiting_fetches,
        }
    }
}
