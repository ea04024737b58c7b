//! The repository's own small benchmark: Klamm beside the least that a broker can do, turn about.
//!
//! * [`floor`] – that least: frames, checksums, one file for each partition, sendfile
//! * [`load`] – what a case sends and waits for; the same bytes to both
//! * [`server`] – a server as a process: its start, its CPU seconds, its memory
//! * [`cases`] – what is measured; [`report`] – ratios, table, limits
//! * [`words`] – the protocol's primitive types
//!
//! README.md beside this crate tells how to read the figures.

mod cases;
mod floor;
mod load;
mod report;
mod server;
mod words;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use cases::{CASES, Case, Effort};
use report::Report;
use server::{Kind, Server};

const USAGE: &str = "usage: cargo xtask bench [OPTION ...]

  --klamm FILE      the binary to measure (default: the release build of this checkout)
  --cases A,B,...   only these (default: all)
  --rounds N        how often each case runs on either server (default: 5, with --ci 3)
  --json            one object a line instead of the table
  --ci              short, and fails when a ratio of CPU is above its limit in crates/bench/limits.txt
  --dir DIR         where the servers keep their data (default: the folder for temporary files)";

struct Options {
    klamm: PathBuf,
    cases: Vec<&'static Case>,
    rounds: usize,
    json: bool,
    ci: bool,
    dir: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, port, dir] = &arguments[..]
        && first == floor::COMMAND
    {
        return done(floor::run(port, PathBuf::from(dir)));
    }
    match options(&arguments) {
        Some(options) => done(run(&options)),
        None => {
            let cases: Vec<_> = CASES.iter().map(|case| case.name).collect();
            eprintln!("{USAGE}\n\ncases: {}", cases.join(", "));
            ExitCode::from(2)
        }
    }
}

fn done(result: io::Result<bool>) -> ExitCode {
    match result {
        Ok(all_well) => ExitCode::from(u8::from(!all_well)),
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &[String]) -> Option<Options> {
    let mut options = Options {
        klamm: PathBuf::from("target/release/klamm"),
        cases: CASES.iter().collect(),
        rounds: 0,
        json: false,
        ci: false,
        dir: std::env::temp_dir(),
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--klamm" => options.klamm = arguments.next()?.into(),
            "--dir" => options.dir = arguments.next()?.into(),
            "--rounds" => options.rounds = arguments.next()?.parse().ok().filter(|rounds| *rounds > 0)?,
            "--json" => options.json = true,
            "--ci" => options.ci = true,
            "--cases" => {
                let find = |name: &str| CASES.iter().find(|case| case.name == name);
                options.cases = arguments.next()?.split(',').map(find).collect::<Option<_>>()?;
            }
            _ => return None,
        }
    }
    if options.rounds == 0 {
        options.rounds = if options.ci { 3 } else { 5 };
    }
    Some(options)
}

/// Both servers side by side, their data below one folder that goes at the end. True when no limit is passed.
fn run(options: &Options) -> io::Result<bool> {
    let home = options.dir.join(format!("klamm-bench-{}", std::process::id()));
    std::fs::create_dir_all(&home)?;
    let measured = measure(options, &home);
    std::fs::remove_dir_all(&home)?;
    let report = measured?;
    if options.json {
        report.print_json();
    } else {
        report.print_table();
    }
    let passed = if options.ci { report.above_limits() } else { Vec::new() };
    passed.iter().for_each(|line| eprintln!("bench: {line}"));
    Ok(passed.is_empty())
}

fn measure(options: &Options, home: &std::path::Path) -> io::Result<Report> {
    let effort = if options.ci { Effort::SHORT } else { Effort::FULL };
    let servers = [Kind::Floor, Kind::Klamm(options.klamm.clone())];
    let mut servers =
        servers.into_iter().map(|kind| Server::start(kind, home)).collect::<io::Result<Vec<_>>>()?;
    let mut report = Report::default();
    for case in &options.cases {
        // The first round is warm-up and dropped.
        for round in 0..=options.rounds {
            // Turn about, so that neither is always first.
            let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            for at in order {
                let topic = format!("{}-{round}", case.name);
                let figures = (case.run)(&mut servers[at], &topic, effort).map_err(|error| {
                    io::Error::other(format!("{} on {}: {error}", case.name, servers[at].name()))
                })?;
                if round > 0 {
                    report.add(case, at, figures);
                }
            }
        }
    }
    for (at, server) in servers.iter().enumerate() {
        report.memory[at] = server.memory_mb()?;
    }
    Ok(report)
}
