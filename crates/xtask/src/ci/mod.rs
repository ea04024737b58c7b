//! The one script that continuous integration calls, and a contributor before it.
//!
//! Every step runs, whatever became of those before it, so that one run shows all that is wrong. With `CI=true` in
//! the environment a step that cannot run has failed; otherwise it is skipped, with its reason. What the machine
//! itself forbids, a mount in a container for instance, is left out everywhere, and said at the end.

mod needs;
mod steps;

use crate::Findings;
use crate::repo::Repo;
use std::time::{Duration, Instant};
use steps::Step;

/// What became of a step.
pub enum Outcome {
    Passed,
    Skipped(String),
    /// Skipped even in continuous integration: no installation would help.
    Forbidden(String),
    Failed(String),
}

/// Prints the names of all steps, in their order.
pub fn list(repo: &Repo) -> Findings {
    for step in steps::all(repo) {
        println!("{:<10} {}", step.name, step.meaning);
    }
    Findings::new()
}

/// Runs the steps named, or all of them.
pub fn run(repo: &Repo, names: &[&str]) -> Findings {
    let steps = steps::all(repo);
    let unknown: Findings = names
        .iter()
        .filter(|name| !steps.iter().any(|step| step.name == **name))
        .map(|name| format!("ci: no step is called {name}; cargo xtask ci --list names them"))
        .collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let chosen = steps.into_iter().filter(|step| names.is_empty() || names.contains(&step.name.as_str()));
    let results: Vec<_> = chosen.map(|step| run_step(repo, step)).collect();
    summarize(&results)
}

struct StepResult {
    name: String,
    outcome: Outcome,
    took: Duration,
}

fn run_step(repo: &Repo, step: Step) -> StepResult {
    println!("== {}: {}", step.name, step.meaning);
    let start = Instant::now();
    let outcome = match needs::satisfy(&step.needs) {
        Ok(()) => (step.run)(repo),
        Err(missing) => Outcome::Skipped(missing),
    };
    let outcome = match outcome {
        Outcome::Skipped(reason) if is_strict() => Outcome::Failed(format!("could not run: {reason}")),
        other => other,
    };
    StepResult { name: step.name, outcome, took: start.elapsed() }
}

/// Whether this is continuous integration, where nothing may be left out.
pub fn is_strict() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

fn summarize(results: &[StepResult]) -> Findings {
    println!("==");
    let mut findings = Findings::new();
    for StepResult { name, outcome, took } in results {
        let word = match outcome {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Skipped(reason) => format!("skipped: {reason}"),
            Outcome::Forbidden(reason) => format!("LEFT OUT: {reason}"),
            Outcome::Failed(reason) => format!("FAILED: {reason}"),
        };
        println!("{name:<10} {:>7.1} s  {word}", took.as_secs_f64());
        if let Outcome::Failed(reason) = outcome {
            findings.push(format!("ci: {name}: {reason}"));
        }
    }
    let total: Duration = results.iter().map(|result| result.took).sum();
    println!("{:<10} {:>7.1} s", "in all", total.as_secs_f64());
    findings
}
