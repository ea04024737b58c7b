//! Fetch (key 1), versions 4-18.
//!
//! | version | adds |
//! |---|---|
//! | 4 | read_committed |
//! | 5 | log start offset |
//! | 7 | sessions (KIP-227) |
//! | 9 | leader epochs (KIP-320) |
//! | 11 | preferred replica (KIP-392) |
//! | 12 | flexible; divergence (KIP-595) |
//! | 13 | topic ids (KIP-516) |
//! | 15 | replica epoch (KIP-903) |
//! | 16 | node endpoints (KIP-951) |
//! | 17, 18 | a replica's directory; its high watermark |
//!
//! Zstd in answers below version 10 is not converted or refused, as in Kafka 4. No partition has a follower yet, so a
//! replica id is that of no replica: NOT_LEADER_OR_FOLLOWER. The records of an answer are file slices; the
//! connection sends them.
//!
//! * [`asked`] – what the request names; [`answer`] – what each partition answers

mod answer;
mod asked;

use std::sync::Arc;

use klamm_base::ErrorCode;
use klamm_log::FileSlice;
use klamm_replica::ReadBound;
use klamm_replica::fetch_session::{FetchKey, FetchTopic, PartitionFetch, SessionRequest};
use klamm_wire::{ApiKey, FetchRequest, FetchResponse};

use self::answer::{Answer, refuse, respond};
use self::asked::{asked, forgotten};
use crate::api::{Api, Authorisation, Listeners, Operation, Owner, QuotaClass, ResourceType};
use crate::broker::Broker;
use crate::gather::{Gather, Wakes};
use crate::image::ImageView;
use crate::partitions::{FetchPlaces, Partition, PartitionRead, Read, Sleeper};
use crate::request::RequestContext;

pub const API: Api = Api {
    key: ApiKey::Fetch,
    versions: 4..=18,
    owner: Owner::PartitionLeader,
    // On the controller's listener this API replicates the metadata log, which is not served yet.
    listeners: Listeners::BROKER,
    authorisation: &[Authorisation::All(Operation::Read, ResourceType::Topic)],
    quota: QuotaClass::Fetch,
};

/// First version that names topics by id.
const TOPIC_IDS: i16 = 13;

/// Answers a fetch; the slices belong into the gaps of the message, in order.
pub async fn handle(
    broker: &Broker,
    context: &RequestContext,
    request: FetchRequest,
) -> (FetchResponse, Vec<FileSlice>) {
    let version = context.api_version;
    if !matches!(request.isolation_level, 0 | 1) {
        return (refuse(version, &request, ErrorCode::UnknownServerError), Vec::new());
    }
    let replica_id = if version >= 15 { request.replica_state.replica_id } else { request.replica_id };
    let session = SessionRequest {
        session_id: request.session_id,
        epoch: request.session_epoch,
        uses_topic_ids: version >= TOPIC_IDS,
        is_follower: replica_id >= 0,
    };
    let mut asked = asked(version, &request);
    let now_ms = context.now.mono.0 / 1000;
    let begun =
        broker.fetch_sessions.lock().begin(session, &mut asked, &forgotten(version, &request), now_ms);
    let session = match begun {
        Ok(session) => session,
        Err(error) => return (FetchResponse { error_code: error.code(), ..Default::default() }, Vec::new()),
    };
    let fetch = Fetch::new(broker, context, &request, replica_id, asked);
    let mut answers = fetch.answers().await;
    let (session_id, error) =
        broker.fetch_sessions.lock().finish(session, &mut answers, now_ms, &mut broker.rng.clone());
    respond(broker, context, session_id, error, answers)
}

/// One partition of a fetch.
struct Part {
    key: FetchKey,
    fetch: PartitionFetch,
    target: Target,
}

/// Where a partition is.
enum Target {
    Here(Arc<Partition>),
    /// It exists, but cannot be read here by this reader.
    NotReadable(ErrorCode),
    /// The cluster does not know it.
    Unknown(ErrorCode),
}

/// A fetch after its session has said what it is about.
struct Fetch<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    parts: Vec<Part>,
    bound: ReadBound,
    max_wait_ms: i32,
    min_bytes: u64,
    max_bytes: i32,
}

/// One reading of all partitions.
struct Reading {
    /// In the order of the parts; `Err` is the partition's error.
    found: Vec<Result<PartitionRead, ErrorCode>>,
    /// Per part, the read that was made.
    reads: Vec<Read>,
    bytes: u64,
    /// Something must be told at once: an error or a diverging epoch.
    urgent: bool,
}

impl<'a> Fetch<'a> {
    fn new(
        broker: &'a Broker,
        context: &'a RequestContext,
        request: &FetchRequest,
        replica_id: i32,
        asked: Vec<(FetchKey, PartitionFetch)>,
    ) -> Fetch<'a> {
        let image = broker.image.get();
        let find = |(key, fetch): (FetchKey, PartitionFetch)| {
            let target = match find(broker, &image, &key) {
                Target::Here(_) if replica_id >= 0 => Target::NotReadable(ErrorCode::NotLeaderOrFollower),
                target => target,
            };
            Part { key, fetch, target }
        };
        let max_bytes = request.max_bytes.min(broker.settings().fetch.max_bytes);
        Fetch {
            broker,
            context,
            parts: asked.into_iter().map(find).collect(),
            bound: match request.isolation_level {
                1 => ReadBound::LastStableOffset,
                _ => ReadBound::HighWatermark,
            },
            max_wait_ms: request.max_wait_ms,
            min_bytes: max_bytes.min(request.min_bytes).max(0) as u64,
            max_bytes,
        }
    }

    /// Reads; sleeps if that is too little; reads again.
    async fn answers(self) -> Vec<Answer> {
        let first = self.read(None);
        let is_enough = self.max_wait_ms <= 0 || first.bytes >= self.min_bytes || first.urgent;
        let is_empty = self.parts.iter().all(|part| matches!(part.target, Target::Unknown(_)));
        if is_enough || is_empty {
            return self.into_answers(first);
        }
        let gather = Gather::new(self.min_bytes - first.bytes);
        let places = self.wait_for_bytes(&first, &gather);
        let at = self.context.now.mono.plus_ms(self.max_wait_ms.into());
        let deadline = self.broker.timers.arm(at, gather.clone());
        gather.wait().await;
        drop((deadline, places));
        let second = self.read(Some(&first));
        self.into_answers(second)
    }

    /// Reads every partition in turn until the answer is full. The first batch comes whole, however large.
    fn read(&self, before: Option<&Reading>) -> Reading {
        let mut reading = Reading { found: Vec::new(), reads: Vec::new(), bytes: 0, urgent: false };
        reading.found.reserve_exact(self.parts.len());
        reading.reads.reserve_exact(self.parts.len());
        let mut left = self.max_bytes;
        for (at, Part { fetch, target, .. }) in self.parts.iter().enumerate() {
            let max_bytes = fetch.max_bytes.min(left);
            let read = Read {
                fetch_offset: fetch.fetch_offset,
                current_leader_epoch: fetch.current_leader_epoch,
                last_fetched_epoch: fetch.last_fetched_epoch,
                bound: self.bound,
                max_bytes: max_bytes.max(0) as u32,
                min_one_batch: reading.bytes == 0,
            };
            let found = match target {
                // What the JVM's exception about a negative size comes to.
                Target::Here(_) if max_bytes < 0 => Err(ErrorCode::UnknownServerError),
                Target::Here(partition) => {
                    partition.read(&read, before.and_then(|before| before.found[at].as_ref().ok()))
                }
                Target::NotReadable(error) | Target::Unknown(error) => Err(*error),
            };
            match &found {
                Ok(found) => {
                    left = left.saturating_sub_unsigned(found.size_in_bytes()).max(0);
                    reading.bytes += u64::from(found.size_in_bytes());
                    reading.urgent |= found.diverging_epoch.is_some();
                }
                // A partition that nobody knows does not hold up the others (Kafka: `erroneous`).
                Err(_) => reading.urgent |= !matches!(target, Target::Unknown(_)),
            }
            reading.found.push(found);
            reading.reads.push(read);
        }
        reading
    }

    fn wait_for_bytes(&self, reading: &Reading, gather: &Arc<Gather>) -> FetchPlaces {
        let mut places = FetchPlaces::default();
        let mut wakes = Wakes::default();
        let found = reading.found.iter().zip(&reading.reads).zip(&self.parts).enumerate();
        for (at, ((found, read), part)) in found {
            let (Ok(found), Target::Here(partition)) = (found, &part.target) else { continue };
            let sleeper = Sleeper { gather: gather.clone(), part: at as u32 };
            let read = Read { max_bytes: part.fetch.max_bytes.max(0) as u32, ..*read };
            let slot = partition.wait_for_bytes(&read, found, sleeper, &mut wakes);
            places.push(partition.clone(), slot);
        }
        wakes.wake_all();
        places
    }

    fn into_answers(self, reading: Reading) -> Vec<Answer> {
        // Unknown partitions come last, as in Kafka.
        let (mut answers, mut unknown) = (Vec::with_capacity(self.parts.len()), Vec::new());
        for (part, found) in self.parts.into_iter().zip(reading.found) {
            let is_known = !matches!(part.target, Target::Unknown(_));
            let answer = Answer::new(self.context.api_version, part, found);
            if is_known { answers.push(answer) } else { unknown.push(answer) }
        }
        answers.append(&mut unknown);
        answers
    }
}

fn find(broker: &Broker, image: &ImageView, key: &FetchKey) -> Target {
    let (found, id, name) = match &key.topic {
        FetchTopic::Id(id) => (broker.partitions.by_id(*id, key.partition), Some(*id), ""),
        FetchTopic::Name(name) => (broker.partitions.by_name(name, key.partition), None, &**name),
    };
    match found {
        Some(partition) => Target::Here(partition),
        None => match image.why_not_here(id, name, key.partition) {
            error @ ErrorCode::NotLeaderOrFollower => Target::NotReadable(error),
            error => Target::Unknown(error),
        },
    }
}
