//! The shape of the house as numbers, and a ratchet that lets none of them get worse.

mod knots;
mod measures;
mod ratchet;

use crate::Findings;
use crate::modules::{self, Module};
use crate::repo::Repo;
use measures::Measure;

/// Prints the scoreboard and says what is worse than the ratchet allows.
pub fn run(repo: &Repo) -> Findings {
    let measured = measure(repo);
    print(&measured);
    ratchet::check(repo, &measured)
}

/// Takes over every value that has become better.
pub fn tighten(repo: &Repo) -> Findings {
    ratchet::tighten(repo, &measure(repo))
}

/// Prints which modules of which crate reach each other.
pub fn knots(repo: &Repo) -> Findings {
    for package in repo.crates() {
        let mut modules = modules::of_crate(repo, &package);
        modules.retain(|module| !module.test);
        for arrow in knots::arrows(&modules) {
            println!("{}: {arrow}", package.room);
        }
    }
    Findings::new()
}

fn measure(repo: &Repo) -> Vec<Measure> {
    let mut shipped: Vec<Module> = Vec::new();
    let mut all_files = 0;
    let mut knots = Vec::new();
    for package in repo.crates() {
        let modules = modules::of_crate(repo, &package);
        all_files += modules.len();
        let modules: Vec<Module> = modules.into_iter().filter(|module| !module.test).collect();
        knots.push(knots::measure(&package.room, &modules));
        shipped.extend(modules);
    }
    let mut measures = measures::sizes(&shipped);
    measures.extend(measures::functions(&shipped));
    measures.extend(measures::habits(&shipped));
    measures.push(measures::locked_packages(repo));
    measures.extend(knots);
    println!("{all_files} Rust files, {} of them shipped", shipped.len());
    measures
}

fn print(measures: &[Measure]) {
    for measure in measures {
        println!("{:<28} {:>8} {:<42} {}", measure.name, measure.shown(), measure.meaning, measure.note);
    }
}
