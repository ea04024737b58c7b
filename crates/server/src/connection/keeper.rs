//! Makes room when the memory that all share is short: one task for each shard, asleep while it is not.
//!
//! | The pool is | Requests | Answers |
//! |---|---|---|
//! | short (somebody waits) | connections are closed whose requests do not move | and those that take no answers |
//! | full | those are closed that have requests which are not being answered | and those that have answers to take |
//!
//! Each time it is first who holds most for longest, and no more than needed. Then those who wait go on as far as there
//! is room, small requests first.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use super::pool::{Pool, Pools};
use super::shared::Shared;
use super::standing::{Standing, Want};
use crate::panics::in_owned_state;

/// While somebody waits it is looked again after this time: stalls are known by time passing.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What one connection that goes on may take before the pool is looked at again.
const STEP_BYTES: usize = 256 * 1024;

/// Never ends.
pub async fn keep(shared: Rc<Shared>) {
    loop {
        shared.short.notified().await;
        while shared.pools.is_anyone_waiting() {
            in_owned_state(|| relieve(&shared, Instant::now()));
            let _ = tokio::time::timeout(LOOK_AGAIN, shared.short.notified()).await;
        }
    }
}

fn relieve(shared: &Shared, now: Instant) {
    let (standings, pools) = (shared.standings(), &*shared.pools);
    let weight = |one: &Standing, is_full| {
        let weight = one.weight_of_requests(is_full, now);
        weight.filter(|_| !is_full || !pools.has_turn(one.id))
    };
    close_some(&standings, pools, &pools.requests, |one| one.held.get(), weight);
    close_who_has_the_turn(&standings, pools, now);
    let weight = |one: &Standing, is_full| one.weight_of_answers(is_full, now);
    close_some(&standings, pools, &pools.answers, |one| one.unsent.get(), weight);
    let_some_go_on(&standings, pools);
}

/// Others wait for the turn, however much room there is.
fn close_who_has_the_turn(standings: &[Rc<Standing>], pools: &Pools, now: Instant) {
    let has_turn = |one: &&Rc<Standing>| pools.has_turn(one.id) && !one.is_condemned.get();
    if let Some(one) = standings.iter().find(has_turn)
        && one.weight_of_requests(false, now).is_some()
    {
        one.condemn();
        pools.count_closed();
    }
}

/// Closes connections until there is room, by the weight that each is given; `held` is what closing it frees.
fn close_some(
    standings: &[Rc<Standing>],
    pools: &Pools,
    pool: &Pool,
    held: impl Fn(&Standing) -> usize,
    weight: impl Fn(&Standing, bool) -> Option<u128>,
) {
    let mut used = pool.used();
    let is_full = used >= pool.limit();
    // Stalled ones go until there is plenty of room, others only as far as they must.
    for (others_too, enough) in [(false, pool.sixteenths(6)), (true, pool.sixteenths(15))] {
        if used <= enough || (others_too && !is_full) {
            continue;
        }
        let mut heavy: Vec<_> = standings
            .iter()
            .filter(|one| !one.is_condemned.get())
            .filter_map(|one| Some((weight(one, others_too)?, one)))
            .collect();
        heavy.sort_unstable_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        for (_, one) in heavy {
            if used <= enough {
                break;
            }
            used = used.saturating_sub(held(one));
            one.condemn();
            pools.count_closed();
        }
    }
}

fn let_some_go_on(standings: &[Rc<Standing>], pools: &Pools) {
    let (mut used, mut answers) = (pools.requests.used(), pools.answers.used());
    let mut may_take_turn = pools.is_turn_free();
    let mut waiting: Vec<_> = standings.iter().filter(|one| one.wants.get().is_some()).collect();
    waiting.sort_unstable_by_key(|one| match one.wants.get() {
        Some(Want::Read { below }) => (std::cmp::Reverse(below), one.id),
        _ => (std::cmp::Reverse(usize::MAX), one.id),
    });
    for one in waiting {
        let goes_on = match one.wants.get() {
            Some(Want::Read { below }) if used < below => {
                used += STEP_BYTES.min(pools.requests.sixteenths(1));
                true
            }
            Some(Want::Read { .. }) if pools.has_turn(one.id) => used < pools.requests.limit(),
            Some(Want::Read { .. }) => std::mem::take(&mut may_take_turn),
            Some(Want::Answer) if answers < pools.answers.limit() => {
                answers += STEP_BYTES.min(pools.answers.sixteenths(1));
                true
            }
            _ => false,
        };
        if goes_on {
            one.wakeup.wake_connection();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::pool::Account;
    use crate::connection::standing::Arrived;
    use crate::connection::wakeup::Wakeup;

    const MIB: usize = 1024 * 1024;

    struct World {
        shared: Shared,
        start: Instant,
    }

    impl World {
        fn new() -> World {
            World { shared: Shared::new(Pools::new(16 * MIB, 16 * MIB, 1)), start: Instant::now() }
        }

        /// A connection with half a request of so many bytes.
        fn half(&self, held: usize) -> Rc<Standing> {
            let one = self.shared.enter(Wakeup::new(), self.start);
            one.arrived.set(Arrived::Unfinished);
            self.shared.hold(&one, held, 0);
            one
        }

        fn relieve_after(&self, ms: u64) {
            relieve(&self.shared, self.start + Duration::from_millis(ms));
        }
    }

    #[test]
    fn stalled_requests_go_first_those_that_hold_most() {
        let world = World::new();
        let (small, large, moving) = (world.half(3 * MIB), world.half(4 * MIB), world.half(5 * MIB));
        moving.note_read(MIB, false, world.start + Duration::from_millis(900));
        world.relieve_after(1_100);
        assert!(large.is_condemned.get() && small.is_condemned.get(), "until there is plenty of room");
        assert!(!moving.is_condemned.get());
        assert_eq!(world.shared.pools.figures().closed, 2);
    }

    #[test]
    fn when_nobody_can_go_on_some_must_go_but_not_whoever_has_the_turn() {
        let world = World::new();
        let all: Vec<_> = (0..16).map(|number| world.half(MIB + number)).collect();
        assert!(world.shared.pools.takes_turn(all[15].id));
        all.iter().for_each(|one| one.wants.set(Some(Want::Read { below: 1 })));
        world.relieve_after(10);
        let gone: Vec<_> = all.iter().map(|one| one.is_condemned.get()).collect();
        assert!(gone[14] && !gone[15], "{gone:?}");
        assert!(gone.iter().filter(|gone| **gone).count() <= 2, "no more than needed: {gone:?}");
    }

    #[test]
    fn readers_that_take_nothing_are_closed_for_those_who_wait() {
        let world = World::new();
        let mute = world.shared.enter(Wakeup::new(), world.start);
        let reading = world.shared.enter(Wakeup::new(), world.start);
        world.shared.hold(&mute, 0, 8 * MIB);
        world.shared.hold(&reading, 0, 4 * MIB);
        reading.note_sent(world.start + Duration::from_millis(900));
        world.relieve_after(1_100);
        assert!(mute.is_condemned.get() && !reading.is_condemned.get());
    }

    #[test]
    fn what_ends_gives_its_room_back() {
        let pools = Pools::new(16 * MIB, 16 * MIB, 1);
        let shared = Shared::new(pools.clone());
        let other = Account::of_requests(&pools);
        other.change(0, MIB);
        let one = shared.enter(Wakeup::new(), Instant::now());
        shared.hold(&one, 8 * MIB, 2 * MIB);
        one.wants.set(Some(Want::Answer));
        pools.begin_waiting();
        shared.leave(&one);
        assert!(pools.requests.used() < 2 * MIB && pools.answers.used() < MIB);
        assert!(!pools.is_anyone_waiting());
    }
}
