//! Incremental fetches: what a session remembers, and what an answer may leave out (KIP-227; Kafka: `FetchSession`,
//! `FetchContext`, `FetchManager`).
//!
//! ```text
//! request (id, epoch)    means                               answer
//! 0, 0                   read this, and remember it          new id, or 0 when the cache has no room
//! n, 0                   close n, then as above              as above
//! any, -1                close n, just read this             id 0
//! n, e as expected       change the set, read all of it      id n, only what changed; e + 1 is expected next
//! n unknown              -                                   FETCH_SESSION_ID_NOT_FOUND
//! n, e not expected      -                                   INVALID_FETCH_SESSION_EPOCH
//! n, ids and names mixed -                                   FETCH_SESSION_TOPIC_ID_ERROR; n goes on as it was
//! ```
//! An incremental request that leaves a session without partitions closes it. Epochs go from 1 to `i32::MAX` and on
//! with 1.

mod cache;
mod session;

use std::sync::Arc;

use klamm_base::{ErrorCode, Uuid};

pub use cache::FetchSessionCache;

/// "No session" in requests and answers (Kafka: `FetchMetadata.INVALID_SESSION_ID`).
pub const NO_SESSION: i32 = 0;
/// The epoch that opens a session.
pub const INITIAL_EPOCH: i32 = 0;
/// The epoch that closes one, or asks for none.
pub const FINAL_EPOCH: i32 = -1;

/// A topic as the request names it. Sessions know only one of the two kinds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FetchTopic {
    /// Version 13 and later.
    Id(Uuid),
    /// Up to version 12.
    Name(Arc<str>),
}

/// A partition of a fetch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FetchKey {
    pub topic: FetchTopic,
    pub partition: i32,
}

/// What a fetch asks of a partition; remembered by a session until changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionFetch {
    pub fetch_offset: i64,
    pub max_bytes: i32,
    /// -1: not given.
    pub current_leader_epoch: i32,
    /// -1: not given.
    pub last_fetched_epoch: i32,
    /// Log start of the fetching replica, -1 for consumers.
    pub log_start_offset: i64,
}

/// The session part of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRequest {
    pub session_id: i32,
    pub epoch: i32,
    pub uses_topic_ids: bool,
    /// A follower's session is privileged: consumers cannot evict it.
    pub is_follower: bool,
}

/// How the answer of a request has to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchContext {
    /// Everything asked is answered, nothing remembered.
    Sessionless,
    /// As sessionless, and a session is made from the answer.
    Full { uses_topic_ids: bool, is_follower: bool },
    /// Only what changed is answered. `epoch` is the one the session must still expect then.
    Incremental { session_id: i32, epoch: i32 },
}

/// What decides whether an incremental answer names a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionNews {
    pub error: ErrorCode,
    pub high_watermark: i64,
    pub log_start_offset: i64,
    pub has_records: bool,
    /// A preferred replica or a diverging epoch is told, which must not be left out.
    pub must_tell: bool,
}

/// One partition's answer on its way through [`FetchSessionCache::finish`].
pub trait Answered {
    fn key(&self) -> &FetchKey;
    fn fetch(&self) -> &PartitionFetch;
    fn news(&self) -> PartitionNews;
}

/// The epoch that follows (Kafka: `FetchMetadata.nextEpoch`).
pub fn next_epoch(epoch: i32) -> i32 {
    match epoch {
        i32::MIN..0 => FINAL_EPOCH,
        i32::MAX => 1,
        _ => epoch + 1,
    }
}

#[cfg(test)]
mod tests;
