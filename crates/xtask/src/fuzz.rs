//! `cargo xtask fuzz`: builds the programs of `fuzz/` with the branches counted that libFuzzer wants to see, which the
//! stable compiler can do, and runs them on their seeds and on what it makes of these.
//!
//! What it keeps lies in the folder `fuzz` of the build's: `corpus` goes on growing from run to run, `findings` has
//! the inputs that a target did not survive.

use crate::Findings;
use crate::repo::Repo;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Targets at a time.
const LANES: usize = 2;
/// Seconds for all targets together, when nothing else is asked for.
const SECONDS: u64 = 60;
/// What the whole process may hold; each target has its own, much smaller bound beside it.
const MEMORY_MIB: u32 = 1024;
/// One input may take so many seconds, on a machine that is busy with other things.
const SECONDS_OF_INPUT: u32 = 20;
/// Branches counted in place, with their addresses, and what is compared.
const COVERAGE: &str = "--cfg klamm_fuzz -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// How long each target runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// Over all targets together.
    Seconds(u64),
    /// Each.
    Runs(u64),
}

/// Runs the targets named, or all of them.
pub fn run(repo: &Repo, arguments: &[&str]) -> Findings {
    let all = targets(repo);
    let (names, until) = match parse(arguments, &all) {
        Ok(asked) => asked,
        Err(wrong) => return vec![wrong],
    };
    let home = home(repo);
    let programs = match build(repo, &home) {
        Ok(programs) => programs,
        Err(wrong) => return vec![wrong],
    };
    let share = match until {
        Until::Seconds(all) => Until::Seconds((all * LANES as u64 / names.len() as u64).max(1)),
        runs => runs,
    };
    let (queue, findings) = (Mutex::new(names.iter()), Mutex::new(Findings::new()));
    std::thread::scope(|scope| {
        for _ in 0..LANES.min(names.len()) {
            scope.spawn(|| {
                loop {
                    let Some(name) = queue.lock().expect("nobody panics with it").next() else { return };
                    let found = run_target(repo, &home, &programs.join(name), name, share);
                    findings.lock().expect("nobody panics with it").extend(found.err());
                }
            });
        }
    });
    findings.into_inner().expect("nobody panics with it")
}

/// Every target is a program.
fn targets(repo: &Repo) -> Vec<String> {
    let programs = repo.files.iter().filter(|file| file.starts_with("fuzz/src/bin"));
    programs.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect()
}

fn parse(arguments: &[&str], all: &[String]) -> Result<(Vec<String>, Until), String> {
    let (mut names, mut until) = (Vec::new(), Until::Seconds(SECONDS));
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut number = || {
            let number =
                rest.next().and_then(|number| number.parse::<u64>().ok()).filter(|number| *number > 0);
            number.ok_or_else(|| format!("fuzz: {argument} takes a number"))
        };
        match *argument {
            "--seconds" => until = Until::Seconds(number()?),
            "--runs" => until = Until::Runs(number()?),
            name if all.iter().any(|target| target == name) => names.push(name.to_owned()),
            name => return Err(format!("fuzz: no target is called {name}; there are {}", all.join(", "))),
        }
    }
    Ok((if names.is_empty() { all.to_vec() } else { names }, until))
}

/// Where programs, corpora and findings lie.
fn home(repo: &Repo) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new("target").into(), PathBuf::from);
    repo.root.join(target).join("fuzz")
}

/// The folder with the programs.
fn build(repo: &Repo, home: &Path) -> Result<PathBuf, String> {
    let host = host()?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--manifest-path", "fuzz/Cargo.toml"]);
    // With a target named, what only helps to build is not counted.
    cargo.args(["--target", &host, "--target-dir"]).arg(home).env("RUSTFLAGS", COVERAGE);
    let status = cargo.current_dir(&repo.root).status();
    match status {
        Ok(status) if status.success() => Ok(home.join(host).join("release")),
        Ok(status) => Err(format!("fuzz: the build ended with {status}")),
        Err(error) => Err(format!("fuzz: cargo: {error}")),
    }
}

/// The machine's own triple.
fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|error| format!("fuzz: rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "fuzz: rustc does not say what it builds for".to_owned())
}

fn run_target(repo: &Repo, home: &Path, program: &Path, name: &str, until: Until) -> Result<(), String> {
    let [seeds, corpus, findings] =
        ["seeds", "corpus", "findings"].map(|folder| home.join(folder).join(name));
    for folder in [&corpus, &findings] {
        std::fs::create_dir_all(folder).map_err(|error| format!("fuzz: {}: {error}", folder.display()))?;
    }
    let made = Command::new(program).env("KLAMM_FUZZ_SEEDS", &seeds).stderr(Stdio::null()).status();
    if !made.is_ok_and(|status| status.success()) {
        return Err(format!("fuzz: {name} makes no seeds"));
    }
    let mut command = Command::new(program);
    command.arg(match until {
        Until::Seconds(seconds) => format!("-max_total_time={seconds}"),
        Until::Runs(runs) => format!("-runs={runs}"),
    });
    command.args([format!("-rss_limit_mb={MEMORY_MIB}"), format!("-timeout={SECONDS_OF_INPUT}")]);
    command.arg(format!("-artifact_prefix={}/", findings.display())).arg("-print_final_stats=1");
    command.args([&corpus, &seeds]);
    let regressions = repo.root.join("fuzz/regressions").join(name);
    command.args(regressions.is_dir().then_some(regressions));
    let output = command.current_dir(&repo.root).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("fuzz: {name}: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let runs = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    println!("{name:<15} {:>12} inputs", runs.unwrap_or("?").trim());
    if output.status.success() {
        return Ok(());
    }
    print!("{}", end_of(&told));
    Err(format!("fuzz: {name} ended with {}; the input lies in {}", output.status, findings.display()))
}

/// What is worth reading of an engine's words: the panic and what it says at its end.
fn end_of(told: &str) -> String {
    let lines: Vec<&str> = told.lines().collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let from = panic.unwrap_or(lines.len().saturating_sub(30));
    lines[from..].iter().take(60).map(|line| format!("    {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_a_target_that_can_be_asked_for() {
        let all = targets(&Repo::open());
        assert!(all.len() > 10 && all.contains(&"requests".to_owned()), "{all:?}");
        assert_eq!(parse(&[], &all), Ok((all.clone(), Until::Seconds(SECONDS))));
        let asked = parse(&["logs", "--runs", "7", "node"], &all);
        assert_eq!(asked, Ok((vec!["logs".to_owned(), "node".to_owned()], Until::Runs(7))));
        assert_eq!(parse(&["--seconds"], &all), Err("fuzz: --seconds takes a number".to_owned()));
        assert!(parse(&["nothing"], &all).is_err_and(|wrong| wrong.contains("no target is called nothing")));
    }

    #[test]
    fn a_panic_is_what_is_shown() {
        let told = format!("{}thread panicked at x\nwhy\n", "line\n".repeat(100));
        assert_eq!(end_of(&told), "    thread panicked at x\n    why\n");
        assert_eq!(end_of(&"line\n".repeat(100)).lines().count(), 30);
    }
}
