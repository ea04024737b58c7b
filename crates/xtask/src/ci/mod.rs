//! The one script that continuous integration calls, and a contributor before it.
//!
//! Every step runs, whatever became of those before it, so that one run shows all that is wrong. With `CI=true` in
//! the environment a step that cannot run has failed; otherwise it is skipped, with its reason. What the machine
//! itself forbids, a mount in a container for instance, is left out everywhere, and said at the end.
//!
//! Cargo's steps run one after the other. Suites wait more than they work, so two of them run at a time; what one
//! prints is shown when it is over.

mod needs;
mod steps;

use crate::Findings;
use crate::repo::Repo;
use std::fs::File;
use std::io::{self, Seek};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use steps::{Output, Step};

/// How many suites run at a time.
const LANES: usize = 2;

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
    let (suites, alone): (Vec<_>, Vec<_>) = chosen.partition(|step| step.is_suite);
    let start = Instant::now();
    let mut results: Vec<_> = alone.iter().map(|step| run_step(repo, step)).collect();
    results.extend(match &suites[..] {
        [one] => vec![run_step(repo, one)],
        many => run_in_lanes(repo, many),
    });
    summarize(&results, start.elapsed())
}

struct StepResult {
    name: String,
    outcome: Outcome,
    took: Duration,
}

/// Runs a step that prints for itself.
fn run_step(repo: &Repo, step: &Step) -> StepResult {
    println!("== {}: {}", step.name, step.meaning);
    let start = Instant::now();
    let missing = needs::satisfy(&step.needs);
    let outcome = outcome_of(repo, step, missing, &Output::Shown);
    StepResult { name: step.name.clone(), outcome, took: start.elapsed() }
}

/// Runs suites side by side; the results have their order.
fn run_in_lanes(repo: &Repo, suites: &[Step]) -> Vec<StepResult> {
    let queue = Mutex::new(suites.iter().enumerate());
    // Installing is nothing for two at a time.
    let installer = Mutex::new(());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..LANES.min(suites.len()) {
            scope.spawn(|| {
                loop {
                    let Some((place, step)) = queue.lock().expect("nobody panics with it").next() else {
                        return;
                    };
                    let start = Instant::now();
                    let missing = {
                        let _alone = installer.lock().expect("nobody panics with it");
                        needs::satisfy(&step.needs)
                    };
                    let outcome = run_captured(repo, step, missing);
                    let result = StepResult { name: step.name.clone(), outcome, took: start.elapsed() };
                    done.lock().expect("nobody panics with it").push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nobody panics with it");
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Runs a suite, and shows at its end what it printed.
fn run_captured(repo: &Repo, step: &Step, missing: Result<(), String>) -> Outcome {
    println!("== {} begins: {}", step.name, step.meaning);
    let printed = || -> io::Result<File> {
        let path = std::env::temp_dir().join(format!("klamm-ci-{}-{}", std::process::id(), step.name));
        let file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        std::fs::remove_file(path)?;
        Ok(file)
    };
    let mut file = match printed() {
        Ok(file) => file,
        Err(error) => return Outcome::Failed(format!("no temporary file: {error}")),
    };
    let outcome = match file.try_clone() {
        Ok(copy) => outcome_of(repo, step, missing, &Output::Kept(copy)),
        Err(error) => Outcome::Failed(format!("no temporary file: {error}")),
    };
    let mut out = io::stdout().lock();
    println!("== {}: what it printed", step.name);
    // What cannot be shown is no reason for another verdict.
    let _ = file.rewind().and_then(|()| io::copy(&mut file, &mut out));
    outcome
}

fn outcome_of(repo: &Repo, step: &Step, missing: Result<(), String>, output: &Output) -> Outcome {
    let outcome = match missing {
        Ok(()) => (step.run)(repo, output),
        Err(missing) => Outcome::Skipped(missing),
    };
    match outcome {
        Outcome::Skipped(reason) if is_strict() => Outcome::Failed(format!("could not run: {reason}")),
        other => other,
    }
}

/// Whether this is continuous integration, where nothing may be left out.
pub fn is_strict() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

fn summarize(results: &[StepResult], took: Duration) -> Findings {
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
    println!("{:<10} {:>7.1} s", "in all", took.as_secs_f64());
    findings
}
