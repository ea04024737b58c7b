//! The broker of the example: somebody else's, or one of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::Outcome;

/// Where to find a broker; one of our own ends with this.
pub struct Broker {
    address: String,
    process: Option<Child>,
}

impl Broker {
    pub fn elsewhere(address: String) -> Broker {
        Broker { address, process: None }
    }

    /// `klamm dev --ephemeral` on a free port, and its address from what it says.
    pub fn start() -> Outcome<Broker> {
        let mut command = Command::new(build_klamm()?);
        command.args(["dev", "--ephemeral", "--port", "0"]);
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("no output of the broker")?;
        let mut broker = Broker { address: String::new(), process: Some(process) };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref() {
            if let Some((_, address)) = line?.split_once("Kafka on ") {
                broker.address = address.trim().to_owned();
                break;
            }
        }
        if broker.address.is_empty() {
            return Err("the broker has not said where it is".into());
        }
        // Whatever else it says is read, so that it never has to wait for us.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(broker)
    }

    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Broker {
    /// Asks it to stop, as Ctrl-C would, and waits until its folder is gone.
    fn drop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = process.kill();
        }
        let _ = process.wait();
    }
}

/// The program beside this example, built if it is not there or not fresh.
fn build_klamm() -> Outcome<PathBuf> {
    let example = std::env::current_exe()?;
    let profile = example.ancestors().nth(2).ok_or("the example lies in no target folder")?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--bin", "klamm", "--manifest-path"]);
        build.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("klamm could not be built".into());
        }
    }
    Ok(profile.join("klamm"))
}
