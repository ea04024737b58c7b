//! The `kafka-*` commands, one folder each.
//!
//! A command takes its arguments and a [`World`] and gives an exit code: 0, or 1 for anything that went
//! wrong, usage errors included. What scripts parse is printed byte for byte as Kafka prints it; where
//! Kafka ends in a Java stack trace, only its message is printed.
//!
//! Absent on purpose: the server. Commands read and write directories through the disk room.
//!
//! - [`argparse`]: flags of the commands that Kafka wrote with argparse4j
//! - [`storage`]: `kafka-storage`, and formatting a fresh directory in process

pub mod argparse;
pub mod storage;

use klamm_base::rng::Rng;
use klamm_log::disk::Disk;
use klamm_log::disk::real::RealDisk;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// What a command may touch.
pub struct World<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    pub disk: Arc<dyn Disk>,
    pub rng: &'a mut dyn Rng,
    /// Wall clock, ms since 1970.
    pub now_ms: i64,
}

type Command = fn(&[String], &mut World<'_>) -> io::Result<u8>;

const COMMANDS: [(&str, Command); 1] = [("kafka-storage", storage::run)];

/// The command that `name` means: a bare name, `name.sh`, `name.bat`, each with or without a path.
fn command(name: &str) -> Option<Command> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
    COMMANDS.iter().find(|(known, _)| *known == name).map(|(_, command)| *command)
}

/// Whether [`run`] knows `name`, which may be `argv[0]` or the first argument.
pub fn is_tool(name: &str) -> bool {
    command(name).is_some()
}

/// The names of all commands, for a help text.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _)| *name)
}

/// Runs the command called `name` on the real disk, with standard output and error. `args` are those
/// behind the name.
pub fn run(name: &str, args: &[String], rng: &mut dyn Rng) -> ExitCode {
    let Some(command) = command(name) else {
        eprintln!("{name} is no command of klamm");
        return ExitCode::FAILURE;
    };
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut world = World {
        out: &mut io::stdout().lock(),
        err: &mut io::stderr().lock(),
        disk: RealDisk::shared(),
        rng,
        now_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
    };
    // A reader that has gone away is no reason to speak.
    command(args, &mut world).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_by_many_names() {
        for name in [
            "kafka-storage",
            "kafka-storage.sh",
            "/opt/kafka/bin/kafka-storage.sh",
            "C:\\bin\\kafka-storage.bat",
        ] {
            assert!(is_tool(name), "{name}");
        }
        for name in ["storage", "kafka-storage.py", "kafka-storage.sh.sh", "klamm", ""] {
            assert!(!is_tool(name), "{name}");
        }
    }
}
