//! Runs from seeds, and directories that rot.

mod corruption;

use klamm_sim::churn;
use klamm_sim::workload::{self, Outcome};

/// Steps of one run.
const STEPS: u32 = 250;

/// Seeds of the ordinary test run; `KLAMM_SIM_SEEDS` asks for more, as `first-last`.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let asked = std::env::var("KLAMM_SIM_SEEDS").ok();
    let parsed = asked.as_deref().and_then(|text| text.split_once('-'));
    match parsed.map(|(first, last)| (first.parse(), last.parse())) {
        Some((Ok(first), Ok(last))) => first..=last,
        _ => 1..=20,
    }
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_and_a_seed_repeats_itself() {
    let mut all = Vec::new();
    for seed in seeds() {
        let run = || std::panic::catch_unwind(|| workload::run(seed, STEPS));
        let outcome = run().unwrap_or_else(|_| panic!("seed {seed} fails"));
        // Every tenth seed twice: the same trace, down to the bytes on the disk.
        if seed % 10 == 0 {
            assert_eq!(run().ok(), Some(outcome), "seed {seed} does not repeat itself");
        }
        all.push(outcome);
    }
    let sum = |count: fn(&Outcome) -> u64| all.iter().map(count).sum::<u64>();
    println!(
        "{} seeds: {} restarts, {} records at the end, {} repeats recognised, {} acked records lost to power cuts",
        all.len(),
        sum(|run| run.restarts.into()),
        sum(|run| run.records as u64),
        sum(|run| run.repeats.into()),
        sum(|run| run.lost as u64)
    );
    // The runs must reach what they are about.
    assert!(sum(|run| run.repeats.into()) > 0, "no repeat was ever sent");
    assert!(sum(|run| run.lost as u64) > 0, "no power cut ever took anything");
}

/// Seeds of the ordinary run in which topics come and go; `KLAMM_SIM_SEEDS` counts here too.
fn churn_seeds() -> std::ops::RangeInclusive<u64> {
    if std::env::var_os("KLAMM_SIM_SEEDS").is_some() { seeds() } else { 1..=3 }
}

#[test]
fn topics_come_and_go_and_what_is_promised_stays() {
    let mut all = Vec::new();
    for seed in churn_seeds() {
        let run = || std::panic::catch_unwind(|| churn::run(seed, STEPS));
        let outcome = run().unwrap_or_else(|_| panic!("seed {seed} fails"));
        if seed % 3 == 0 {
            assert_eq!(run().ok(), Some(outcome), "seed {seed} does not repeat itself");
        }
        all.push(outcome);
    }
    let sum = |count: fn(&churn::Outcome) -> u32| all.iter().map(count).sum::<u32>();
    let deeds = [
        ("restarts", sum(|run| run.restarts)),
        ("topics deleted", sum(|run| run.topics_deleted)),
        ("log starts moved", sum(|run| run.starts_moved)),
        ("settings changed", sum(|run| run.settings_changed)),
        ("deletions by retention seen", sum(|run| run.retained)),
        ("records lost to power cuts", sum(|run| run.lost as u32)),
    ];
    println!("{} seeds: {deeds:?}", all.len());
    assert!(deeds.iter().all(|(_, count)| *count > 0), "something never happens: {deeds:?}");
}
