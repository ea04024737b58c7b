//! Conversations between a client and the cache.

use super::*;
use klamm_base::rng::Rng;

/// Counts up: ids come out as 1, 2, 3.
struct Counter(u64);

impl Rng for Counter {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0 << 33
    }
}

struct Answer {
    key: FetchKey,
    fetch: PartitionFetch,
    news: PartitionNews,
}

impl Answered for Answer {
    fn key(&self) -> &FetchKey {
        &self.key
    }
    fn fetch(&self) -> &PartitionFetch {
        &self.fetch
    }
    fn news(&self) -> PartitionNews {
        self.news
    }
}

fn key(partition: i32) -> FetchKey {
    FetchKey { topic: FetchTopic::Name("t".into()), partition }
}

fn at(fetch_offset: i64) -> PartitionFetch {
    PartitionFetch {
        fetch_offset,
        max_bytes: 100,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        log_start_offset: -1,
    }
}

const QUIET: PartitionNews = PartitionNews {
    error: ErrorCode::None,
    high_watermark: 10,
    log_start_offset: 0,
    has_records: false,
    must_tell: false,
};

const MAX_PARTITIONS: usize = 6;

struct Broker {
    cache: FetchSessionCache,
    rng: Counter,
    now_ms: u64,
}

impl Broker {
    fn new(slots: usize) -> Broker {
        Broker { cache: FetchSessionCache::new(slots, MAX_PARTITIONS), rng: Counter(0), now_ms: 0 }
    }

    /// One request with the news of every partition the same, except for those listed. Returns the session id, the
    /// error and the partitions in the answer.
    fn fetch(&mut self, id: i32, epoch: i32, asked: &[(i32, i64)], news: &[(i32, PartitionNews)]) -> Outcome {
        self.request(
            SessionRequest { session_id: id, epoch, uses_topic_ids: false, is_follower: false },
            asked,
            &[],
            news,
        )
    }

    fn request(
        &mut self,
        request: SessionRequest,
        asked: &[(i32, i64)],
        forgotten: &[i32],
        news: &[(i32, PartitionNews)],
    ) -> Outcome {
        let mut asked: Vec<_> =
            asked.iter().map(|(partition, offset)| (key(*partition), at(*offset))).collect();
        let forgotten: Vec<_> = forgotten.iter().copied().map(key).collect();
        let context = match self.cache.begin(request, &mut asked, &forgotten, self.now_ms) {
            Ok(context) => context,
            Err(error) => return (0, error, Vec::new()),
        };
        let answer = |(key, fetch): (FetchKey, PartitionFetch)| {
            let special = news.iter().find(|(partition, _)| *partition == key.partition);
            Answer { news: special.map_or(QUIET, |(_, news)| *news), key, fetch }
        };
        let mut answers: Vec<_> = asked.into_iter().map(answer).collect();
        let (id, error) = self.cache.finish(context, &mut answers, self.now_ms, &mut self.rng);
        (id, error, answers.iter().map(|answer| (answer.key.partition, answer.fetch.fetch_offset)).collect())
    }
}

type Outcome = (i32, ErrorCode, Vec<(i32, i64)>);

fn ok(id: i32, partitions: &[(i32, i64)]) -> Outcome {
    (id, ErrorCode::None, partitions.to_vec())
}

#[test]
fn an_incremental_answer_names_only_what_changed() {
    let mut broker = Broker::new(10);
    assert_eq!(broker.fetch(0, 0, &[(0, 5), (1, 6), (2, 7)], &[]), ok(1, &[(0, 5), (1, 6), (2, 7)]));
    assert_eq!(broker.fetch(1, 1, &[], &[]), ok(1, &[]));
    let moved = PartitionNews { high_watermark: 11, ..QUIET };
    assert_eq!(broker.fetch(1, 2, &[(1, 8)], &[(1, moved)]), ok(1, &[(1, 8)]));
    assert_eq!(broker.fetch(1, 3, &[], &[(1, moved)]), ok(1, &[]));
    let trimmed = PartitionNews { log_start_offset: 3, ..QUIET };
    assert_eq!(broker.fetch(1, 4, &[], &[(1, moved), (2, trimmed)]), ok(1, &[(2, 7)]));
}

#[test]
fn an_error_is_told_each_time_and_its_end_once() {
    let mut broker = Broker::new(10);
    broker.fetch(0, 0, &[(0, 5)], &[]);
    let fenced = PartitionNews { error: ErrorCode::FencedLeaderEpoch, high_watermark: -1, ..QUIET };
    assert_eq!(broker.fetch(1, 1, &[], &[(0, fenced)]), ok(1, &[(0, 5)]));
    assert_eq!(broker.fetch(1, 2, &[], &[(0, fenced)]), ok(1, &[(0, 5)]));
    assert_eq!(broker.fetch(1, 3, &[], &[]), ok(1, &[(0, 5)]));
    assert_eq!(broker.fetch(1, 4, &[], &[]), ok(1, &[]));
}

#[test]
fn who_got_records_goes_to_the_end() {
    let mut broker = Broker::new(10);
    let records = PartitionNews { has_records: true, ..QUIET };
    broker.fetch(0, 0, &[(0, 0), (1, 0), (2, 0)], &[]);
    assert_eq!(broker.fetch(1, 1, &[], &[(0, records), (2, records)]), ok(1, &[(0, 0), (2, 0)]));
    let all = [(0, records), (1, records), (2, records)];
    assert_eq!(broker.fetch(1, 2, &[], &all), ok(1, &[(1, 0), (0, 0), (2, 0)]));
}

#[test]
fn partitions_come_and_go() {
    let mut broker = Broker::new(10);
    broker.fetch(0, 0, &[(0, 5), (1, 6)], &[]);
    let session = |epoch| SessionRequest { session_id: 1, epoch, uses_topic_ids: false, is_follower: false };
    assert_eq!(broker.request(session(1), &[(2, 0)], &[0], &[]), ok(1, &[(2, 0)]));
    assert_eq!(broker.cache.partitions(), 2);
    assert_eq!(broker.request(session(2), &[], &[1, 2], &[]), ok(0, &[]));
    assert!(broker.cache.is_empty(), "a session without partitions is closed");
}

#[test]
fn wrong_ids_epochs_and_kinds() {
    let mut broker = Broker::new(10);
    broker.fetch(0, 0, &[(0, 5)], &[]);
    assert_eq!(broker.fetch(9, 1, &[], &[]).1, ErrorCode::FetchSessionIdNotFound);
    assert_eq!(broker.fetch(0, 1, &[], &[]).1, ErrorCode::FetchSessionIdNotFound);
    assert_eq!(broker.fetch(1, 2, &[], &[]).1, ErrorCode::InvalidFetchSessionEpoch);
    let by_id = SessionRequest { session_id: 1, epoch: 1, uses_topic_ids: true, is_follower: false };
    assert_eq!(broker.request(by_id, &[], &[], &[]).1, ErrorCode::FetchSessionTopicIdError);
    assert_eq!(broker.fetch(1, 1, &[], &[]), ok(1, &[]), "the session goes on, its epoch has not moved");
}

#[test]
fn a_request_in_between_spoils_the_answer() {
    let mut broker = Broker::new(10);
    broker.fetch(0, 0, &[(0, 5)], &[]);
    let session = |epoch| SessionRequest { session_id: 1, epoch, uses_topic_ids: false, is_follower: false };
    let sleeping = broker.cache.begin(session(1), &mut Vec::new(), &[], 0).unwrap();
    assert_eq!(broker.fetch(1, 2, &[], &[]), ok(1, &[]));
    let late = broker.cache.finish(sleeping, &mut Vec::<Answer>::new(), 0, &mut broker.rng);
    assert_eq!(late, (1, ErrorCode::InvalidFetchSessionEpoch));
}

#[test]
fn closing_and_opening_anew() {
    let mut broker = Broker::new(10);
    assert_eq!(broker.fetch(0, -1, &[(0, 5)], &[]), ok(0, &[(0, 5)]));
    broker.fetch(0, 0, &[(0, 5)], &[]);
    assert_eq!(broker.fetch(1, 0, &[(1, 5)], &[]), ok(2, &[(1, 5)]));
    assert_eq!(broker.fetch(2, -1, &[(1, 5)], &[]), ok(0, &[(1, 5)]));
    assert!(broker.cache.is_empty());
}

#[test]
fn epochs_wrap_to_one() {
    assert_eq!([next_epoch(0), next_epoch(1), next_epoch(i32::MAX), next_epoch(-1)], [1, 2, 1, -1]);
}

#[test]
fn a_full_cache_evicts_by_age_then_by_size() {
    let mut broker = Broker::new(2);
    broker.fetch(0, 0, &[(0, 0)], &[]);
    broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]);
    assert_eq!(broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]).0, 0, "both are young");
    broker.now_ms = 100_000;
    broker.fetch(1, 1, &[], &[]);
    broker.fetch(2, 1, &[], &[]);
    broker.now_ms = 130_000;
    assert_eq!(broker.fetch(0, 0, &[(0, 0)], &[]).0, 0, "used lately, and age is noted at the next use");
    broker.fetch(1, 2, &[], &[]);
    broker.fetch(2, 2, &[], &[]);
    assert_eq!(broker.fetch(0, 0, &[(0, 0)], &[]).0, 0, "one partition does not push out one partition");
    assert_eq!(broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]).0, 3, "two partitions push out one");
    assert_eq!(broker.fetch(1, 3, &[], &[]).1, ErrorCode::FetchSessionIdNotFound);
    assert_eq!(broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]).0, 0, "nor two two, nor anybody the young");
    broker.now_ms = 260_000;
    assert_eq!(broker.fetch(0, 0, &[(0, 0)], &[]).0, 4, "two minutes idle");
    assert_eq!(broker.cache.evictions(), 2);
}

#[test]
fn followers_come_first() {
    let mut broker = Broker::new(1);
    let follower = SessionRequest { session_id: 0, epoch: 0, uses_topic_ids: false, is_follower: true };
    broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]);
    assert_eq!(broker.request(follower, &[(0, 0)], &[], &[]).0, 2, "a follower pushes out any consumer");
    broker.now_ms = 119_000;
    broker.request(SessionRequest { session_id: 2, epoch: 1, ..follower }, &[], &[], &[]);
    broker.now_ms = 125_000;
    broker.request(SessionRequest { session_id: 2, epoch: 2, ..follower }, &[], &[], &[]);
    assert_eq!(
        broker.fetch(0, 0, &[(0, 0), (1, 0)], &[]).0,
        0,
        "a consumer never pushes out a follower in use"
    );
}

#[test]
fn all_sessions_together_hold_so_many_partitions() {
    let mut broker = Broker::new(10);
    let four = [(0, 0), (1, 0), (2, 0), (3, 0)];
    assert_eq!(broker.fetch(0, 0, &four, &[]).0, 1);
    assert_eq!(broker.fetch(0, 0, &four[..3], &[]), ok(0, &four[..3]), "answered, and not remembered");
    assert_eq!(broker.fetch(0, 0, &four[..1], &[]).0, 2);
    assert_eq!(broker.fetch(2, 1, &four[1..2], &[]).0, 2, "it may grow up to the bound");
    let beyond = broker.fetch(2, 2, &four[2..3], &[]);
    assert_eq!(beyond.1, ErrorCode::FetchSessionIdNotFound, "and is gone when it grows beyond it");
    assert_eq!(broker.cache.partitions(), 4);
    broker.now_ms = 130_000;
    assert_eq!(broker.fetch(0, 0, &four[..3], &[]).0, 3, "who is idle makes room");
    assert_eq!((broker.cache.partitions(), broker.cache.len()), (3, 1));
}
