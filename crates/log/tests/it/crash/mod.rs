//! A power cut at every disk operation of a workload, with what was not synced lost in all ways the model allows.
//!
//! * [`world`] – the workload: three partitions and a metadata directory. [`memory`] – what the world knows meanwhile.
//! * [`house`] – a directory opened as a broker does at its start. [`checks`] – the invariants, one function each.
//! * [`explorer`] – visits the crash points. [`closing`] – the end of many logs at once.
//!
//! An ordinary run looks at a sample. `KLAMM_CRASH_POINTS=100000` in the environment asks for that many points: then
//! every operation of every workload is visited, with all losses.

pub mod checks;
mod closing;
pub mod explorer;
pub mod house;
pub mod memory;
pub mod world;

use self::explorer::{Count, Effort, Explorer};
use self::world::{Deeds, World};

/// Enough to meet every kind of operation in many states.
const STEPS: u32 = 600;
/// Seeds and points of an ordinary run.
const SAMPLE_SEEDS: u64 = 2;
const SAMPLE: Effort = Effort { stride: 10, losses: 1, reopened: 6, interrupted: 40 };
const FULL: Effort = Effort { stride: 1, losses: 10, reopened: 10, interrupted: 100 };

/// Points asked for in the environment.
fn asked() -> Option<u64> {
    std::env::var("KLAMM_CRASH_POINTS").ok()?.parse().ok()
}

fn run(seed: u64, effort: Effort) -> (Count, Deeds) {
    let mut world = World::begin(seed, Explorer::new(effort, seed));
    (0..STEPS).for_each(|_| world.step());
    (world.explorer().count, world.deeds)
}

#[test]
fn power_cut_at_every_operation() {
    let asked = asked();
    let effort = if asked.is_some() { FULL } else { SAMPLE };
    let mut all = Count::default();
    for seed in 0.. {
        let through = asked.map_or(seed >= SAMPLE_SEEDS, |points| all.points >= points);
        if through {
            break;
        }
        let (count, deeds) = run(seed, effort);
        deeds.check();
        println!("seed {seed}: {} operations, {} points, {deeds:?}", count.operations, count.points);
        all.add(&count);
    }
    println!("{all:?}");
    assert!(all.points > 300 && all.during_recovery > 50 && all.reopened > 20, "{all:?}");
}

#[test]
fn power_cut_in_the_first_moments_of_a_directory() {
    let mut world = World::begin(0, Explorer::new(FULL, 0));
    world.write_and_sync();
    assert!(world.explorer().count.points > 100);
}

#[test]
fn power_cut_soon_after_a_start() {
    const CLOSE: Effort = Effort { stride: 1, losses: 3, reopened: 50, interrupted: 100 };
    for seed in 0..3 {
        let mut world = World::begin(seed, Explorer::new(CLOSE, seed));
        world.write_and_sync();
        world.stop_and_start();
        (0..40).for_each(|_| world.step());
    }
}
