//! `kafka-server-stop`: tells servers to end, all of this machine or those of one node or role. Kafka:
//! `kafka-server-stop.sh`.
//!
//! As the script, it looks at processes (Linux: `/proc`) and is back at once, before they have ended. Servers are Klamm's
//! by the name they were called by, and Java's with the class `kafka.Kafka`. `SIGNAL` in the environment names another
//! signal than TERM.
//!
//! - [`processes`]: who is a server, and what it was told

mod processes;

use std::io;

use rustix::process::{Signal, kill_process};

use crate::World;
use processes::Server;

/// Whom to stop: all without a flag; the id counts when both are given.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    node_id: Option<String>,
    process_role: Option<String>,
}

impl Wanted {
    /// Words that are no flag of the script's are none to it.
    fn of(arguments: &[String]) -> Wanted {
        let value = |name: &str| {
            let found = arguments.iter().find_map(|word| word.strip_prefix(name));
            found.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Wanted { node_id: value("--node-id="), process_role: value("--process-role=") }
    }

    fn is_all(&self) -> bool {
        *self == Wanted::default()
    }
}

/// One run of the tool: 0 or 1.
pub fn run(arguments: &[String], world: &mut World<'_>) -> io::Result<u8> {
    let wanted = Wanted::of(arguments);
    if wanted.node_id.is_some() && wanted.process_role.is_some() {
        writeln!(
            world.out,
            "When both node-id and process-role are provided, the value for node-id will take precedence"
        )?;
    }
    let Some(signal) = signal(std::env::var("SIGNAL").ok().as_deref()) else {
        return writeln!(world.err, "kafka-server-stop: SIGNAL is no name of a signal").map(|()| 1);
    };
    let servers = processes::servers();
    if servers.is_empty() {
        return writeln!(world.out, "No kafka server to stop").map(|()| 1);
    }
    let mut code = 0;
    for server in servers {
        if !wanted.is_all() {
            let Some(is_meant) = server.is_meant(&wanted) else {
                writeln!(
                    world.out,
                    "Can not find the configuration file in the current directory. Please make sure the kafka stop \
                     process and the start process are called in the same directory."
                )?;
                return Ok(1);
            };
            if !is_meant {
                continue;
            }
        }
        if let Err(fault) = kill_process(server.pid, signal) {
            writeln!(world.err, "kafka-server-stop: {}: {fault}", server.pid.as_raw_nonzero())?;
            code = 1;
        }
    }
    Ok(code)
}

fn signal(name: Option<&str>) -> Option<Signal> {
    let name = name.unwrap_or_default();
    match name.strip_prefix("SIG").unwrap_or(name) {
        "" | "TERM" | "15" => Some(Signal::TERM),
        "KILL" | "9" => Some(Signal::KILL),
        "INT" | "2" => Some(Signal::INT),
        "HUP" | "1" => Some(Signal::HUP),
        "QUIT" | "3" => Some(Signal::QUIT),
        "ABRT" | "6" => Some(Signal::ABORT),
        _ => None,
    }
}

impl Server {
    /// Whether the server is one of those; `None` when nobody can tell, for its settings cannot be read.
    fn is_meant(&self, wanted: &Wanted) -> Option<bool> {
        let settings = self.settings()?;
        let is = |name: &str, value: &String| settings.get(name) == Some(value);
        Some(match wanted {
            Wanted { node_id: Some(id), .. } => is("node.id", id),
            Wanted { process_role: Some(role), .. } => is("process.roles", role),
            _ => true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_flags_mean_anything() {
        let wanted = |line: &str| Wanted::of(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert!(wanted("--help --node-id 7 --process-role=").is_all());
        assert_eq!(wanted("--node-id=7").node_id.as_deref(), Some("7"));
        assert_eq!(
            wanted("--process-role=broker,controller x").process_role.as_deref(),
            Some("broker,controller")
        );
    }

    #[test]
    fn signals_go_by_name_and_number() {
        for name in [None, Some(""), Some("TERM"), Some("SIGTERM"), Some("15")] {
            assert_eq!(signal(name), Some(Signal::TERM), "{name:?}");
        }
        assert_eq!((signal(Some("KILL")), signal(Some("BILL"))), (Some(Signal::KILL), None));
    }
}
