//! The group coordinators of this broker: one for each partition of `__consumer_offsets` that it leads
//! (Kafka: `GroupCoordinatorService`, `CoordinatorRuntime`).
//!
//! ```text
//! from      on                                                     to        who asks is told
//! -         the image says that this broker leads the partition    Loading   COORDINATOR_LOAD_IN_PROGRESS
//! Loading   background turns have read the log to its end          Active    what the shard decides
//! Loading   the log cannot be read                                 Failed    NOT_COORDINATOR
//! any       another leads, the topic goes, the directory fails     -         NOT_COORDINATOR, also who waits
//! ```
//!
//! What a shard decides is room `coordinator`'s; here its steps are carried out: records into the partition's log,
//! answers held back until the high watermark has passed them, timers.
//!
//! A shard's lock is held while its records go into the log's memory, which takes the partition's short lock inside: the
//! records must lie in the order of the decisions. Nobody asks a shard with a partition's lock in hand, and no lock is
//! held across a call to the disk.
//!
//! * [`shard`] – one of them, and what is done with its steps
//! * [`load`] – the log read in slices; [`batch`] – records on their way into the log
//! * [`follow`] – what the image and the log's progress do to them
//! * [`figures`] – all of them in numbers; [`memory`] – what they take together
//! * [`waiting`] – requests that sleep until their answer is there

mod batch;
mod figures;
mod follow;
mod load;
mod memory;
mod shard;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use klamm_base::owned::{Mutex, RwLock};
use klamm_base::{ErrorCode, Mono, Now, java_abs, java_string_hash};
use klamm_config::Settings;
use klamm_coordinator::group::contract::{GroupLimits, GroupStep};
use klamm_coordinator::group::shard::GroupShard;
use klamm_coordinator::step::RequestId;

use crate::gather::Wakes;
use follow::ToLoad;
use memory::Taken;
use shard::{HostedShard, Turn};

pub use figures::GroupsFigures;
pub use waiting::Answering;

/// The topic whose partitions are coordinators of groups.
pub const GROUP_METADATA_TOPIC: &str = "__consumer_offsets";

/// How long a new member's join is kept whose client may be gone (Kafka: `CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`).
const NEW_MEMBER_JOIN_TIMEOUT_MS: i32 = 5 * 60 * 1_000;

/// All coordinators of groups that are here.
pub struct GroupCoordinators {
    /// By partition of the topic.
    shards: RwLock<BTreeMap<i32, Arc<HostedShard>>>,
    /// Partitions that the topic had when it was first seen; 0 before. Partitions added to it later take no part, as
    /// that would move groups away from what they have stored.
    partitions: AtomicI32,
    /// Logs to be read, or to be read on.
    to_load: Mutex<ToLoad>,
    has_load: AtomicBool,
    /// Topics were deleted whose offsets some shards still keep.
    has_deleted: AtomicBool,
    /// When some shard has something to do, in microseconds; never later than that.
    next_due: AtomicU64,
    next_request: AtomicU64,
    /// What the shards take in memory.
    taken: Arc<Taken>,
}

impl Default for GroupCoordinators {
    fn default() -> Self {
        GroupCoordinators {
            shards: RwLock::default(),
            partitions: AtomicI32::new(0),
            to_load: Mutex::default(),
            has_load: AtomicBool::new(false),
            has_deleted: AtomicBool::new(false),
            next_due: AtomicU64::new(Mono::NEVER.0),
            next_request: AtomicU64::new(0),
            taken: Arc::default(),
        }
    }
}

/// What a member says must fit into a record of the log, and more besides.
const MEMBER_BYTES_MAX: usize = 1 << 20;

impl GroupCoordinators {
    /// The partition of the topic that coordinates a group (Kafka: `GroupCoordinatorService.partitionFor`).
    pub fn partition_for(&self, settings: &Settings, group_id: &str) -> i32 {
        let partitions = match self.partitions.load(Ordering::Acquire) {
            0 => settings.internal_topics.consumer_offsets.num_partitions,
            partitions => partitions,
        };
        java_abs(java_string_hash(group_id)) % partitions.max(1)
    }

    /// Asks the group's shard to decide something; the answer may come much later. Everything but waiting is done when
    /// this returns. Dropping the future gives up the answer only.
    ///
    /// # Errors
    /// `NOT_COORDINATOR`, `COORDINATOR_LOAD_IN_PROGRESS`. The group's id is not judged.
    pub fn ask(
        &self,
        settings: &Settings,
        group_id: &str,
        now: Now,
        decide: impl FnOnce(&mut GroupShard, RequestId, &GroupLimits, Now) -> GroupStep,
    ) -> Result<Answering, ErrorCode> {
        let hosted = self.shard_of(settings, group_id)?;
        let request = RequestId(self.next_request.fetch_add(1, Ordering::Relaxed));
        let mut wakes = Wakes::default();
        let turn = Turn { settings, limits: &limits(settings), now };
        let asked = hosted.ask(request, decide, &turn, &mut wakes);
        self.note_due(&hosted);
        wakes.wake_all();
        asked.map(Answering::new)
    }

    /// Looks at the committed state of the group's shard.
    ///
    /// # Errors
    /// As [`GroupCoordinators::ask`].
    pub fn read<T>(
        &self,
        settings: &Settings,
        group_id: &str,
        look: impl FnOnce(&GroupShard) -> T,
    ) -> Result<T, ErrorCode> {
        self.shard_of(settings, group_id)?.read(look)
    }

    /// Looks at all shards; those that are not served here contribute nothing.
    ///
    /// # Errors
    /// `COORDINATOR_LOAD_IN_PROGRESS` while one is being loaded.
    pub fn read_all<T>(&self, mut look: impl FnMut(&GroupShard) -> Vec<T>) -> Result<Vec<T>, ErrorCode> {
        let mut found = Vec::new();
        for hosted in self.all() {
            match hosted.read(&mut look) {
                Ok(some) => found.extend(some),
                Err(ErrorCode::CoordinatorLoadInProgress) => {
                    return Err(ErrorCode::CoordinatorLoadInProgress);
                }
                Err(_) => {}
            }
        }
        Ok(found)
    }

    /// The next point of time at which [`GroupCoordinators::advance`] has something to do. One atomic read.
    pub fn next_due(&self) -> Mono {
        Mono(self.next_due.load(Ordering::Acquire))
    }

    /// Does what is due: sessions and rebalances end, appends are given up.
    pub fn advance(&self, settings: &Settings, now: Now) {
        if self.next_due() > now.mono {
            return;
        }
        // Before the look at the shards: what comes nearer meanwhile is noted behind it.
        self.next_due.store(Mono::NEVER.0, Ordering::SeqCst);
        let mut wakes = Wakes::default();
        for hosted in self.all() {
            if hosted.next_due() <= now.mono {
                hosted.advance(&Turn { settings, limits: &limits(settings), now }, &mut wakes);
            }
            self.note_due(&hosted);
        }
        wakes.wake_all();
    }

    /// Gives up offsets whose time is over, and groups that have none left.
    pub fn expire(&self, settings: &Settings, now: Now) {
        let mut wakes = Wakes::default();
        for hosted in self.all() {
            hosted.expire(&Turn { settings, limits: &limits(settings), now }, &mut wakes);
            self.note_due(&hosted);
        }
        wakes.wake_all();
    }

    fn shard_of(&self, settings: &Settings, group_id: &str) -> Result<Arc<HostedShard>, ErrorCode> {
        let partition = self.partition_for(settings, group_id);
        self.shards.read().get(&partition).cloned().ok_or(ErrorCode::NotCoordinator)
    }

    fn all(&self) -> Vec<Arc<HostedShard>> {
        self.shards.read().values().cloned().collect()
    }

    fn note_due(&self, hosted: &HostedShard) {
        self.next_due.fetch_min(hosted.next_due().0, Ordering::SeqCst);
    }
}

/// The part of `klamm.max.groups` that falls to one shard. Names are not spread evenly, so each gets twice its share.
fn groups_of_shard(settings: &Settings) -> usize {
    const LEAST: usize = 16;
    let shards = settings.internal_topics.consumer_offsets.num_partitions.max(1) as usize;
    let all = settings.limits.groups;
    (2 * all / shards).max(LEAST).min(all)
}

/// The settings that decisions about groups depend on; memory is that of all shards.
pub fn limits(settings: &Settings) -> GroupLimits {
    let groups = &settings.groups;
    let memory = memory::parts(settings.limits.group_memory);
    GroupLimits {
        session_timeout_ms_min: groups.session_timeout_ms_min,
        session_timeout_ms_max: groups.session_timeout_ms_max,
        initial_rebalance_delay_ms: groups.initial_rebalance_delay_ms,
        members_max: groups.members_max,
        groups_max: groups_of_shard(settings),
        member_bytes_max: MEMBER_BYTES_MAX,
        memory_max: memory.kept,
        uncommitted_max: memory.uncommitted,
        new_member_join_timeout_ms: NEW_MEMBER_JOIN_TIMEOUT_MS,
        offset_metadata_bytes_max: groups.offset_metadata_max,
        offsets_retention_ms: groups.offsets_retention_ms,
    }
}
