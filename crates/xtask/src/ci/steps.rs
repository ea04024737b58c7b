//! What the steps are and how each runs.

use super::Outcome;
use super::needs::Need;
use crate::repo::Repo;
use crate::{Findings, bench, fuzz, planted, schemas, shape, tidy};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One step.
pub struct Step {
    pub name: String,
    pub meaning: String,
    pub needs: Vec<Need>,
    /// It brings its own broker and folder, so others may run beside it.
    pub is_suite: bool,
    pub run: Box<Run>,
}

type Run = dyn Fn(&Repo, &Output) -> Outcome + Send + Sync;

/// Where a step prints.
pub enum Output {
    /// Where this program does.
    Shown,
    Kept(File),
}

/// A suite that hangs is stopped, with everything it started.
const SUITE_LIMIT: &str = "20m";
/// What `timeout` says then.
const TIMED_OUT: i32 = 124;
/// What a suite says when it cannot run here; the last line of its output is the reason.
const CANNOT_RUN: i32 = 77;
/// What it says when nobody could make it run here: the kernel or the container forbids what it needs.
const FORBIDDEN: i32 = 69;

/// A suite of `interop/`, and what it needs.
struct Suite {
    name: &'static str,
    meaning: &'static str,
    needs: &'static [Need],
    /// What is asked of its `run.sh`: by hand it does everything.
    arguments: &'static [&'static str],
}

/// Quick ones first.
const SUITES: [Suite; 16] = [
    Suite {
        name: "golden",
        meaning: "the golden bytes are what Kafka's classes make",
        needs: &[Need::Java, Need::Maven],
        arguments: &[],
    },
    Suite {
        name: "answers",
        meaning: "thousands of answers are those that Kafka gave",
        needs: &[Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "configs",
        meaning: "179,000 fields of settings are those that Kafka gave",
        needs: &[Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "metrics",
        meaning: "figures have the names that Kafka's have for its exporter's readers",
        needs: &[Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "dumplog",
        meaning: "Kafka's dump-log reads every file",
        needs: &[Need::Java, Need::Maven, Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "faults",
        meaning: "full and read-only disks take away what lies on them, and nothing else",
        needs: &[Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "hostile",
        meaning: "an honest client works on while strangers attack",
        needs: &[Need::Python, Need::Klamm],
        arguments: &["--ci"],
    },
    Suite {
        name: "kill9",
        meaning: "nothing acknowledged is lost by kill -9",
        needs: &[Need::Python, Need::Klamm],
        arguments: &["--cycles", "8"],
    },
    Suite {
        name: "bothways",
        meaning: "Klamm and Kafka open each other's folders",
        needs: &[Need::Java, Need::Maven, Need::Python, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "cli",
        meaning: "command line tools print what Kafka's print",
        needs: &[Need::Java, Need::Maven, Need::Python, Need::Klamm],
        arguments: &["--ways", "ours-klamm,ours-jvm/2,jvm-klamm/4,jvm-jvm/12"],
    },
    Suite {
        name: "soak",
        meaning: "half a minute of what otherwise lasts an hour: clients of all kinds come and go",
        needs: &[Need::Python, Need::Klamm],
        arguments: &["--smoke"],
    },
    Suite {
        name: "kafkapython",
        meaning: "kafka-python's own integration tests",
        needs: &[Need::Python, Need::Klamm],
        arguments: &["--named"],
    },
    Suite {
        name: "franzgo",
        meaning: "franz-go's own tests: chains of groups",
        needs: &[Need::Python, Need::Go, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "clients",
        meaning: "seven clients and five codecs, in and out in groups",
        needs: &[Need::Java, Need::Maven, Need::Python, Need::Node, Need::Go, Need::Klamm],
        arguments: &[],
    },
    Suite {
        name: "librdkafka",
        meaning: "librdkafka's own tests pass",
        needs: &[Need::Cxx, Need::Node, Need::Python, Need::Klamm],
        arguments: &["--ci", "--jobs", "4"],
    },
    Suite {
        name: "flights",
        meaning: "real records in by one client and out by another",
        needs: &[Need::Java, Need::Maven, Need::Python, Need::Klamm],
        arguments: &["--quick"],
    },
];

/// Every step in its order.
pub fn all(repo: &Repo) -> Vec<Step> {
    let mut steps = vec![
        cargo("fmt", "formatting", &[Need::Rustfmt], &["fmt", "--all", "--check"]),
        checked("tidy", "rules that hold or do not", &[], tidy::run),
        checked("shape", "sizes, knots and habits", &[], shape::run),
        cargo(
            "clippy",
            "lints, warnings included",
            &[Need::Clippy],
            &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        ),
        cargo("test", "every test of the workspace", &[], &["test", "--workspace", "--quiet"]),
        checked("planted", "bugs put in on purpose are found", &[], |repo| planted::run(repo, &[])),
        checked("fuzz", "readers of the wire on inputs that an engine makes", &[Need::Cxx], |repo| {
            fuzz::run(repo, &["requests", "responses", "log-messages", "words", "--seconds", "30"])
        }),
        cargo("build", "the release build that the suites run", &[], &["build", "--release"]),
        checked("bench", "processor time beside the least that a broker can do", &[Need::Klamm], |repo| {
            bench::run(repo, &["--ci"])
        }),
        checked(
            "schemas",
            "message definitions against Kafka's jars",
            &[Need::Java, Need::Maven],
            schemas::run,
        ),
    ];
    steps.extend(SUITES.iter().map(suite));
    let known = |name: &String| SUITES.iter().any(|suite| suite.name == name);
    let forgotten = suites_on_disk(repo).into_iter().filter(|name| !known(name));
    steps.extend(forgotten.map(|name| Step {
        meaning: "a suite that no list names".to_owned(),
        needs: Vec::new(),
        is_suite: true,
        run: Box::new(|_, _| {
            Outcome::Failed("not in the list of suites in crates/xtask/src/ci/steps.rs".into())
        }),
        name,
    }));
    steps
}

/// A check inside this program.
fn checked(name: &str, meaning: &str, needs: &[Need], check: fn(&Repo) -> Findings) -> Step {
    let run = move |repo: &Repo, _: &Output| {
        let findings = check(repo);
        findings.iter().for_each(|finding| eprintln!("{finding}"));
        match findings.len() {
            0 => Outcome::Passed,
            count => Outcome::Failed(format!("{count} findings")),
        }
    };
    let (name, meaning, needs) = (name.into(), meaning.into(), needs.to_vec());
    Step { name, meaning, needs, is_suite: false, run: Box::new(run) }
}

fn cargo(name: &str, meaning: &str, needs: &[Need], arguments: &'static [&'static str]) -> Step {
    let run = move |repo: &Repo, output: &Output| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        run_command(command.args(arguments), repo, output)
    };
    let (name, meaning, needs) = (name.into(), meaning.into(), needs.to_vec());
    Step { name, meaning, needs, is_suite: false, run: Box::new(run) }
}

fn suite(suite: &'static Suite) -> Step {
    let run = |repo: &Repo, output: &Output| {
        let script = repo.root.join("interop").join(suite.name).join("run.sh");
        let mut command = Command::new("timeout");
        command.args(["--kill-after=10s", SUITE_LIMIT]).arg(script).args(suite.arguments);
        command.env("KLAMM_BIN", repo.klamm_binary());
        run_command(&mut command, repo, output)
    };
    Step {
        name: suite.name.into(),
        meaning: suite.meaning.into(),
        needs: suite.needs.to_vec(),
        is_suite: true,
        run: Box::new(run),
    }
}

fn run_command(command: &mut Command, repo: &Repo, output: &Output) -> Outcome {
    if let Output::Kept(file) = output {
        match (file.try_clone(), file.try_clone()) {
            (Ok(out), Ok(err)) => command.stdout(out).stderr(err),
            (Err(error), _) | (_, Err(error)) => return Outcome::Failed(format!("no output: {error}")),
        };
    }
    match command.current_dir(&repo.root).stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => match status.code() {
            Some(CANNOT_RUN) => Outcome::Skipped("it cannot run here, see above".into()),
            Some(FORBIDDEN) => Outcome::Forbidden("this machine does not allow it, see above".into()),
            Some(TIMED_OUT) => Outcome::Failed(format!("stopped after {SUITE_LIMIT}")),
            _ => Outcome::Failed(status.to_string()),
        },
        Err(e) => Outcome::Failed(format!("{}: {e}", command.get_program().display())),
    }
}

/// The folders of `interop/` that have a `run.sh`.
fn suites_on_disk(repo: &Repo) -> Vec<String> {
    let suite = |file: &PathBuf| {
        let parts: Vec<_> = file.iter().filter_map(|part| part.to_str()).collect();
        match parts[..] {
            ["interop", name, "run.sh"] => Some(name.to_owned()),
            _ => None,
        }
    };
    repo.files.iter().filter_map(suite).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_on_disk_is_a_step_and_every_step_is_on_disk() {
        let repo = Repo::open();
        let mut listed: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        listed.sort_unstable();
        assert_eq!(suites_on_disk(&repo), listed);
    }

    #[test]
    fn how_a_command_ends_is_what_becomes_of_the_step() {
        let repo = Repo::open();
        let run = |script: &str| run_command(Command::new("sh").args(["-c", script]), &repo, &Output::Shown);
        assert!(matches!(run("! read line"), Outcome::Passed), "nobody is asked anything");
        assert!(matches!(run("exit 77"), Outcome::Skipped(_)));
        assert!(matches!(run("exit 69"), Outcome::Forbidden(_)));
        assert!(matches!(run("exit 1"), Outcome::Failed(_)));
        assert!(matches!(
            run_command(&mut Command::new("/no/such/program"), &repo, &Output::Shown),
            Outcome::Failed(_)
        ));
    }
}
