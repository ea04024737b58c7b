//! Memory that the connections of all shards share: so many bytes of requests, so many of answers.
//!
//! Requests are counted as they arrive, never as they are announced, and until they are answered; answers until the
//! socket has taken them. A shard takes room in pieces, so that requests cost no atomic operation.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The piece that a shard takes or gives back at once, at most.
const PIECE_BYTES_MAX: usize = 256 * 1024;

/// Of each pool at most this part is taken by shards that do not need it.
const IDLE_PART: usize = 64;

/// No connection has the turn.
const NOBODY: u64 = 0;

/// One kind of memory.
pub struct Pool {
    limit: usize,
    piece: usize,
    taken: AtomicUsize,
}

impl Pool {
    fn new(limit: usize, shards: usize) -> Pool {
        let piece = (limit / IDLE_PART / shards.max(1)).clamp(1, PIECE_BYTES_MAX);
        Pool { limit, piece, taken: AtomicUsize::new(0) }
    }

    /// Bytes that all shards have taken.
    pub fn used(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub fn limit(&self) -> usize {
        self.limit
    }

    /// So many sixteenths of the limit.
    pub fn sixteenths(&self, parts: usize) -> usize {
        self.limit / 16 * parts
    }
}

/// How the pools stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolFigures {
    pub request_bytes: usize,
    pub request_bytes_max: usize,
    pub answer_bytes: usize,
    pub answer_bytes_max: usize,
    /// Connections that wait for room at the moment.
    pub waiting: usize,
    /// Connections that were closed to make room.
    pub closed: u64,
}

/// The pools of a server.
pub struct Pools {
    pub requests: Pool,
    pub answers: Pool,
    waiting: AtomicUsize,
    closed: AtomicU64,
    /// The connection that may use what is left of the requests' pool, so that somebody always comes to an end.
    turn: AtomicU64,
    next_id: AtomicU64,
    /// One for each shard, told when room is short or has come.
    keepers: Mutex<Vec<Arc<Notify>>>,
}

impl Pools {
    /// Bytes of requests and of answers, for so many shards.
    pub fn new(request_bytes: usize, answer_bytes: usize, shards: usize) -> Arc<Pools> {
        Arc::new(Pools {
            requests: Pool::new(request_bytes, shards),
            answers: Pool::new(answer_bytes, shards),
            waiting: AtomicUsize::new(0),
            closed: AtomicU64::new(0),
            turn: AtomicU64::new(NOBODY),
            next_id: AtomicU64::new(NOBODY + 1),
            keepers: Mutex::default(),
        })
    }

    pub fn figures(&self) -> PoolFigures {
        PoolFigures {
            request_bytes: self.requests.used(),
            request_bytes_max: self.requests.limit,
            answer_bytes: self.answers.used(),
            answer_bytes_max: self.answers.limit,
            waiting: self.waiting.load(Ordering::Relaxed),
            closed: self.closed.load(Ordering::Relaxed),
        }
    }

    /// A number that no other connection has.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn add_keeper(&self) -> Arc<Notify> {
        let keeper = Arc::new(Notify::new());
        self.keepers.lock().push(keeper.clone());
        keeper
    }

    pub(super) fn tell_keepers(&self) {
        self.keepers.lock().iter().for_each(|keeper| keeper.notify_one());
    }

    pub(super) fn is_anyone_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    pub(super) fn begin_waiting(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.tell_keepers();
    }

    pub(super) fn end_waiting(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn count_closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether connection `id` has the turn, which it gets when nobody has it.
    pub(super) fn takes_turn(&self, id: u64) -> bool {
        let taken = self.turn.compare_exchange(NOBODY, id, Ordering::Relaxed, Ordering::Relaxed);
        taken.is_ok() || taken == Err(id)
    }

    pub(super) fn has_turn(&self, id: u64) -> bool {
        self.turn.load(Ordering::Relaxed) == id
    }

    pub(super) fn is_turn_free(&self) -> bool {
        self.turn.load(Ordering::Relaxed) == NOBODY
    }

    /// Gives the turn back, if `id` has it.
    pub(super) fn leave_turn(&self, id: u64) {
        if self.has_turn(id) {
            self.turn.store(NOBODY, Ordering::Relaxed);
            self.tell_keepers();
        }
    }
}

/// What the connections of one shard have of a pool.
pub struct Account {
    pools: Arc<Pools>,
    of: fn(&Pools) -> &Pool,
    held: Cell<usize>,
    taken: Cell<usize>,
}

impl Account {
    pub fn of_requests(pools: &Arc<Pools>) -> Account {
        Account::new(pools, |pools| &pools.requests)
    }

    pub fn of_answers(pools: &Arc<Pools>) -> Account {
        Account::new(pools, |pools| &pools.answers)
    }

    fn new(pools: &Arc<Pools>, of: fn(&Pools) -> &Pool) -> Account {
        Account { pools: pools.clone(), of, held: Cell::new(0), taken: Cell::new(0) }
    }

    /// A connection that held `before` bytes holds `now`.
    pub fn change(&self, before: usize, now: usize) {
        if before == now {
            return;
        }
        let held = self.held.get() - before + now;
        self.held.set(held);
        let (taken, pool) = (self.taken.get(), (self.of)(&self.pools));
        if held > taken {
            let more = (held - taken).next_multiple_of(pool.piece);
            pool.taken.fetch_add(more, Ordering::Relaxed);
            self.taken.set(taken + more);
        } else if taken - held >= 2 * pool.piece {
            let less = (taken - held) / pool.piece * pool.piece - pool.piece;
            pool.taken.fetch_sub(less, Ordering::Relaxed);
            self.taken.set(taken - less);
            if self.pools.is_anyone_waiting() {
                self.pools.tell_keepers();
            }
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        (self.of)(&self.pools).taken.fetch_sub(self.taken.get(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    #[test]
    fn a_shard_takes_pieces_and_gives_them_back() {
        let pools = Pools::new(128 * MIB, MIB, 2);
        let account = Account::of_requests(&pools);
        account.change(0, 100);
        assert_eq!(pools.requests.used(), PIECE_BYTES_MAX);
        for _ in 0..100 {
            account.change(0, 16_384);
            account.change(16_384, 0);
        }
        assert_eq!(pools.requests.used(), PIECE_BYTES_MAX, "small changes stay in the shard");
        account.change(100, 50 * MIB);
        assert!((50 * MIB..51 * MIB).contains(&pools.requests.used()), "{}", pools.requests.used());
        account.change(50 * MIB, 0);
        assert!(pools.requests.used() <= 2 * PIECE_BYTES_MAX, "{}", pools.requests.used());
        drop(account);
        assert_eq!(
            pools.figures(),
            PoolFigures { request_bytes_max: 128 * MIB, answer_bytes_max: MIB, ..PoolFigures::default() }
        );
    }

    #[test]
    fn many_shards_leave_the_pool_to_those_who_need_it() {
        let pools = Pools::new(16 * MIB, MIB, 64);
        let accounts: Vec<_> = (0..64).map(|_| Account::of_requests(&pools)).collect();
        accounts.iter().for_each(|account| account.change(0, 1));
        assert!(pools.requests.used() <= 16 * MIB / 32, "{}", pools.requests.used());
    }

    #[test]
    fn one_connection_at_a_time_has_the_turn() {
        let pools = Pools::new(MIB, MIB, 1);
        let (one, other) = (pools.next_id(), pools.next_id());
        assert!(pools.takes_turn(one) && pools.takes_turn(one) && !pools.takes_turn(other));
        pools.leave_turn(other);
        assert!(pools.has_turn(one) && !pools.is_turn_free());
        pools.leave_turn(one);
        assert!(pools.takes_turn(other));
    }
}
