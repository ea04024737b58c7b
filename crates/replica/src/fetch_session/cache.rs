//! The sessions of one broker and who may push whom out (Kafka: `FetchSessionCacheShard`; one shard here).
//!
//! A new session may take the place of another that has been idle for two minutes; else of the smallest one, if that is
//! older than two minutes and smaller than the new one. Followers may also push out any consumer's, consumers
//! never a follower's.

use std::collections::{BTreeMap, BTreeSet};

use klamm_base::ErrorCode;
use klamm_base::rng::Rng;

use super::session::SessionPartitions;
use super::{
    Answered, FINAL_EPOCH, FetchContext, FetchKey, INITIAL_EPOCH, NO_SESSION, PartitionFetch, SessionRequest,
    next_epoch,
};

/// How long a session is safe after its creation or its last use
/// (Kafka: `MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS`).
const EVICTION_MS: u64 = 120_000;

/// Order of eviction: consumers before followers, small before large.
type EvictableKey = (bool, usize, i32);

#[derive(Clone, Debug)]
struct Session {
    id: i32,
    is_follower: bool,
    uses_topic_ids: bool,
    /// The epoch the next request must carry.
    epoch: i32,
    created_ms: u64,
    last_used_ms: u64,
    partitions: SessionPartitions,
    /// Partitions when the session was last put into the eviction order.
    ordered_size: usize,
}

impl Session {
    fn evictable_key(&self) -> EvictableKey {
        (self.is_follower, self.ordered_size, self.id)
    }
}

/// All sessions, at most `max_slots` (`max.incremental.fetch.session.cache.slots`) with at most `max_partitions` in
/// all. Times are monotonic milliseconds.
#[derive(Clone, Debug)]
pub struct FetchSessionCache {
    max_slots: usize,
    max_partitions: usize,
    /// In all sessions.
    partitions: usize,
    sessions: BTreeMap<i32, Session>,
    last_used: BTreeSet<(u64, i32)>,
    evictable_by_all: BTreeSet<EvictableKey>,
    evictable_by_followers: BTreeSet<EvictableKey>,
    /// Sessions pushed out so far.
    evictions: u64,
}

impl FetchSessionCache {
    pub fn new(max_slots: usize, max_partitions: usize) -> FetchSessionCache {
        FetchSessionCache {
            max_slots,
            max_partitions,
            partitions: 0,
            sessions: BTreeMap::new(),
            last_used: BTreeSet::new(),
            evictable_by_all: BTreeSet::new(),
            evictable_by_followers: BTreeSet::new(),
            evictions: 0,
        }
    }

    pub fn set_max_slots(&mut self, max_slots: usize) {
        self.max_slots = max_slots;
    }

    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    pub fn evictions(&self) -> u64 {
        self.evictions
    }

    /// Partitions in all sessions.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// Takes a request's session part. `asked` is what the request names, each partition once; for an incremental
    /// request it is replaced by the whole set of the session, in its order.
    ///
    /// # Errors
    /// The three session errors; the answer is then that code, session id 0 and no topics. A session that grows beyond
    /// what all may hold is not found any more, so that its client asks for everything, without one.
    pub fn begin(
        &mut self,
        request: SessionRequest,
        asked: &mut Vec<(FetchKey, PartitionFetch)>,
        forgotten: &[FetchKey],
        now_ms: u64,
    ) -> Result<FetchContext, ErrorCode> {
        if request.epoch == INITIAL_EPOCH || request.epoch == FINAL_EPOCH {
            if request.session_id != NO_SESSION {
                self.remove(request.session_id);
            }
            if request.epoch == FINAL_EPOCH {
                return Ok(FetchContext::Sessionless);
            }
            let SessionRequest { uses_topic_ids, is_follower, .. } = request;
            return Ok(FetchContext::Full { uses_topic_ids, is_follower });
        }
        let Some(session) = self.sessions.get_mut(&request.session_id) else {
            return Err(ErrorCode::FetchSessionIdNotFound);
        };
        if session.epoch != request.epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(ErrorCode::FetchSessionTopicIdError);
        }
        let before = session.partitions.len();
        for (key, fetch) in asked.iter() {
            session.partitions.ask(key.clone(), *fetch);
        }
        for key in forgotten {
            session.partitions.forget(key);
        }
        let after = session.partitions.len();
        self.partitions = self.partitions + after - before;
        if after == 0 {
            self.remove(request.session_id);
            return Ok(FetchContext::Sessionless);
        }
        if after > before && self.partitions > self.max_partitions {
            self.remove(request.session_id);
            self.evictions += 1;
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        session.epoch = next_epoch(session.epoch);
        let epoch = session.epoch;
        asked.clear();
        asked.extend(session.partitions.iter().map(|(key, fetch)| (key.clone(), *fetch)));
        self.touch(request.session_id, now_ms);
        Ok(FetchContext::Incremental { session_id: request.session_id, epoch })
    }

    /// Completes the answer: removes from `answers` what an incremental one leaves out, or opens the new session.
    /// Returns the session id of the answer.
    ///
    /// # Errors
    /// `INVALID_FETCH_SESSION_EPOCH` with the session's id when another request of the session came in between.
    pub fn finish<A: Answered>(
        &mut self,
        context: FetchContext,
        answers: &mut Vec<A>,
        now_ms: u64,
        rng: &mut dyn Rng,
    ) -> (i32, ErrorCode) {
        match context {
            FetchContext::Sessionless => (NO_SESSION, ErrorCode::None),
            FetchContext::Full { uses_topic_ids, is_follower } => {
                let mut partitions = SessionPartitions::default();
                for answer in answers.iter() {
                    partitions.remember(answer.key().clone(), *answer.fetch(), answer.news());
                }
                (self.maybe_create(uses_topic_ids, is_follower, partitions, now_ms, rng), ErrorCode::None)
            }
            FetchContext::Incremental { session_id, epoch } => {
                let expected = self.sessions.get_mut(&session_id).filter(|session| session.epoch == epoch);
                let Some(session) = expected else {
                    answers.clear();
                    return (session_id, ErrorCode::InvalidFetchSessionEpoch);
                };
                answers.retain(|answer| session.partitions.tell(answer.key(), answer.news()));
                (session_id, ErrorCode::None)
            }
        }
    }

    fn maybe_create(
        &mut self,
        uses_topic_ids: bool,
        is_follower: bool,
        partitions: SessionPartitions,
        now_ms: u64,
        rng: &mut dyn Rng,
    ) -> i32 {
        let size = partitions.len();
        while self.sessions.len() >= self.max_slots || self.partitions + size > self.max_partitions {
            if !self.try_evict(is_follower, size, now_ms) {
                return NO_SESSION;
            }
        }
        self.partitions += partitions.len();
        let id = loop {
            let id = (rng.next_u64() >> 33) as i32;
            if id != NO_SESSION && !self.sessions.contains_key(&id) {
                break id;
            }
        };
        let session = Session {
            id,
            is_follower,
            uses_topic_ids,
            epoch: next_epoch(INITIAL_EPOCH),
            created_ms: now_ms,
            last_used_ms: now_ms,
            ordered_size: partitions.len(),
            partitions,
        };
        self.sessions.insert(id, session);
        self.touch(id, now_ms);
        id
    }

    /// Makes room for a session of `size` partitions, if the rules at the top allow it.
    fn try_evict(&mut self, is_follower: bool, size: usize, now_ms: u64) -> bool {
        let Some(&(last_used_ms, oldest)) = self.last_used.first() else { return false };
        let evicted = if now_ms.saturating_sub(last_used_ms) > EVICTION_MS {
            Some(oldest)
        } else {
            let order = if is_follower { &self.evictable_by_followers } else { &self.evictable_by_all };
            order.first().filter(|key| (is_follower, size, 0) >= **key).map(|(_, _, id)| *id)
        };
        let Some(id) = evicted else { return false };
        self.remove(id);
        self.evictions += 1;
        true
    }

    fn remove(&mut self, id: i32) {
        if let Some(session) = self.sessions.remove(&id) {
            self.partitions -= session.partitions.len();
            self.last_used.remove(&(session.last_used_ms, id));
            self.evictable_by_all.remove(&session.evictable_key());
            self.evictable_by_followers.remove(&session.evictable_key());
        }
    }

    /// Notes a use: moves the session in both orders.
    fn touch(&mut self, id: i32, now_ms: u64) {
        let session = self.sessions.get_mut(&id).expect("only sessions of the cache are touched");
        self.last_used.remove(&(session.last_used_ms, id));
        self.evictable_by_all.remove(&session.evictable_key());
        self.evictable_by_followers.remove(&session.evictable_key());
        session.last_used_ms = now_ms;
        session.ordered_size = session.partitions.len();
        self.last_used.insert((now_ms, id));
        let is_old = now_ms.saturating_sub(session.created_ms) > EVICTION_MS;
        if is_old {
            self.evictable_by_all.insert(session.evictable_key());
        }
        if is_old || !session.is_follower {
            self.evictable_by_followers.insert(session.evictable_key());
        }
    }
}
