//! `cargo xtask`: the house's own checks, and the one script that continuous integration calls.
//!
//! - `tidy`: rules that hold or do not: directions, quiet rooms, file headers, dead files
//! - `shape`: sizes, knots and habits as numbers, with a ratchet
//! - `docs`: pages that are written from tables in the code
//! - `fuzz`: the targets of `fuzz/`, built and run
//! - `planted`: bugs put in on purpose, which the tests must find
//! - `schemas`: our message definitions against those inside Kafka's jars
//! - `bench`: the benchmark of `crates/bench`, with both release builds it needs
//! - `ci`: all of these, the tests, and the suites under `interop/`

mod bench;
mod ci;
mod docs;
mod fuzz;
mod manifest;
mod modules;
mod planted;
mod repo;
mod rust_text;
mod schemas;
mod shape;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  ci [--list | STEP ...]   everything that continuous integration runs, or only the steps named
  tidy                     crate directions, quiet rooms, file headers, dead files, stale pages
  docs                     writes the pages under docs/ that come from tables in the code
  shape                    sizes, knots and habits; fails when worse than shape.ratchet
  shape --tighten          takes over what has become better
  shape --knots            which modules reach each other
  fuzz [TARGET ...] [--seconds N | --runs N]
                           every reader on inputs that an engine makes; a minute in all, or so long
  planted [NAME ...]       bugs put in on purpose: every one must be found by the test it names
  schemas [--self-test]    our message definitions against those of Kafka 4.4.0
  bench [OPTION ...]       Klamm beside the least that a broker can do; --help names the options";

/// What a command found: nothing, or one line for each thing that is wrong.
type Findings = Vec<String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let repo = repo::Repo::open();
    let findings = match arguments[..] {
        ["tidy"] => tidy::run(&repo),
        ["docs"] => docs::write(&repo),
        ["shape"] => shape::run(&repo),
        ["shape", "--knots"] => shape::knots(&repo),
        ["shape", "--tighten"] => shape::tighten(&repo),
        ["fuzz", ref arguments @ ..] => fuzz::run(&repo, arguments),
        ["planted", ref names @ ..] => planted::run(&repo, names),
        ["schemas"] => schemas::run(&repo),
        ["schemas", "--self-test"] => schemas::self_test(),
        ["bench", ref options @ ..] => bench::run(&repo, options),
        ["ci", "--list"] => ci::list(&repo),
        ["ci", ref steps @ ..] => ci::run(&repo, steps),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    for finding in &findings {
        eprintln!("{finding}");
    }
    ExitCode::from(u8::from(!findings.is_empty()))
}
