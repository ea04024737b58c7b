//! `cargo xtask planted`: bugs put in on purpose. A test that does not find them proves nothing.
//!
//! They are data: `crates/<room>/tests/planted.md` lists those that the room's tests must find ([`list`]). Each is put
//! into a copy of the workspace under `target/planted`, which has a target folder of its own ([`copy`]); the copy must
//! compile, and the test named must fail. Before that all tests named pass without any bug.
//!
//! Whether every bug still has its place in the code is an ordinary test of this crate.

mod copy;
mod list;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use self::copy::Copy;
use self::list::Plant;
use crate::Findings;
use crate::repo::Repo;

/// A bug may make a test run for ever.
const TEST_LIMIT: &str = "300";
/// What `timeout` says then.
const TIMED_OUT: i32 = 124;
/// What a test program says when one of its tests has failed.
const TEST_FAILED: i32 = 101;

/// Plants every bug, or those whose names are given.
pub fn run(repo: &Repo, names: &[&str]) -> Findings {
    let plants = match list::all(repo) {
        Ok(plants) => plants,
        Err(findings) => return findings,
    };
    let unknown = names.iter().filter(|name| !plants.iter().any(|plant| plant.name == **name));
    let unknown: Findings = unknown.map(|name| format!("planted: no bug is called {name}")).collect();
    if !unknown.is_empty() {
        return unknown;
    }
    let chosen = plants.iter().filter(|plant| names.is_empty() || names.contains(&plant.name.as_str()));
    let chosen: Vec<&Plant> = chosen.collect();
    match plant_all(repo, &chosen) {
        Ok(findings) => findings,
        Err(error) => vec![format!("planted: {error}")],
    }
}

fn plant_all(repo: &Repo, plants: &[&Plant]) -> std::io::Result<Findings> {
    let copy = Copy::make(repo)?;
    let mut findings = Findings::new();
    let tests: BTreeSet<(&str, &str)> = plants.iter().map(|plant| (&*plant.package, &*plant.test)).collect();
    for (package, test) in tests {
        match build(&copy, package)?.and(find(&copy, package, test)?) {
            Verdict::Passed => println!("{package}: {test} passes without a bug"),
            other => findings.push(format!("planted: {package}: {test} without a bug: {}", other.text())),
        }
    }
    if !findings.is_empty() {
        return Ok(findings);
    }
    for plant in plants {
        let start = Instant::now();
        let verdict =
            copy.with(plant, || Ok(build(&copy, &plant.package)?.and(find_plant(&copy, plant)?)))?;
        report(plant, verdict, start.elapsed());
        if verdict != Verdict::Found {
            findings.push(format!("planted: {}: {}", plant.name, verdict.text()));
        }
    }
    println!("{} of {} planted bugs found", plants.len() - findings.len(), plants.len());
    Ok(findings)
}

fn report(plant: &Plant, verdict: Verdict, took: Duration) {
    println!("{:<44} {:>6.1} s  {}", plant.name, took.as_secs_f64(), verdict.text());
}

/// What came of a build and a test.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It compiles, or the test passes.
    Passed,
    /// The test fails.
    Found,
    DoesNotCompile,
    NoSuchTest,
    /// The program came to an end that says nothing.
    Strange,
}

impl Verdict {
    /// What follows from a build and the test after it.
    fn and(self, test: Verdict) -> Verdict {
        if self == Verdict::Passed { test } else { self }
    }

    fn text(self) -> &'static str {
        match self {
            Verdict::Passed => "not found: the test passes",
            Verdict::Found => "found",
            Verdict::DoesNotCompile => "it does not compile",
            Verdict::NoSuchTest => "the filter names no test",
            Verdict::Strange => "the tests ended in a strange way",
        }
    }
}

fn build(copy: &Copy, package: &str) -> std::io::Result<Verdict> {
    let output = cargo(copy, package).arg("--no-run").stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(Verdict::Passed);
    }
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(Verdict::DoesNotCompile)
}

fn find_plant(copy: &Copy, plant: &Plant) -> std::io::Result<Verdict> {
    find(copy, &plant.package, &plant.test)
}

/// Runs the tests whose names contain `test`.
fn find(copy: &Copy, package: &str, test: &str) -> std::io::Result<Verdict> {
    let cargo = cargo(copy, package);
    let mut limited = Command::new("timeout");
    limited.arg(TEST_LIMIT).arg(cargo.get_program()).args(cargo.get_args()).args(["--", test]);
    limited.current_dir(&copy.root).envs(cargo.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = limited.stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(match output.status.code() {
        _ if text.contains("running 0 tests") => Verdict::NoSuchTest,
        Some(0) => Verdict::Passed,
        Some(TEST_FAILED) if text.contains("test result: FAILED") => Verdict::Found,
        // It goes round and round, or overflows: found as well.
        Some(TIMED_OUT) | None => Verdict::Found,
        Some(_) => Verdict::Strange,
    })
}

/// The integration tests of a package in the copy.
fn cargo(copy: &Copy, package: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(["test", "--quiet", "--offline", "--test", "it", "--package", package]);
    command.current_dir(&copy.root).env("CARGO_TARGET_DIR", &copy.target);
    // Nobody looks at these with a debugger, and each is linked once more for every bug.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("RUST_BACKTRACE", "0");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_planted_bug_has_its_place_in_the_code() {
        let repo = Repo::open();
        let plants = list::all(&repo).unwrap_or_else(|findings| panic!("{findings:#?}"));
        assert!(plants.len() >= 10, "{} bugs", plants.len());
    }
}
