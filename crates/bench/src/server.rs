//! A server as a process: its start, what it costs, its end.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::floor;
use crate::load::connection::{Connection, ping};

/// Linux tells processor time in hundredths of a second, whatever it counts in itself.
const TICKS_PER_SECOND: f64 = 100.0;
/// A server that does not answer by then will not.
const START_MAX: Duration = Duration::from_secs(20);

#[derive(Clone)]
pub enum Kind {
    Floor,
    /// The binary.
    Klamm(PathBuf),
}

pub struct Server {
    kind: Kind,
    /// Holds the data of every start.
    home: PathBuf,
    starts: u32,
    process: Child,
    pub port: u16,
    /// From exec to the first answer, of the newest start.
    pub start_took: Duration,
}

impl Server {
    pub fn start(kind: Kind, home: &Path) -> io::Result<Server> {
        let (process, port, start_took) = begin(&kind, home, 1)?;
        Ok(Server { kind, home: home.to_owned(), starts: 1, process, port, start_took })
    }

    pub fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// Ends the process and starts another one, without any data.
    pub fn restart(&mut self) -> io::Result<()> {
        end(&mut self.process);
        self.starts += 1;
        (self.process, self.port, self.start_took) = begin(&self.kind, &self.home, self.starts)?;
        Ok(())
    }

    /// Processor time that the process has had, in the kernel's name too.
    pub fn cpu_seconds(&self) -> io::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name before it may hold anything but this.
        let behind_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks =
            behind_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok());
        Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
    }

    pub fn memory_mb(&self) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes = line.trim().trim_end_matches(" kB").parse::<f64>();
        kilobytes.map(|kilobytes| kilobytes / 1024.0).map_err(io::Error::other)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Kind::Floor => "floor",
            Kind::Klamm(_) => "klamm",
        }
    }

    fn command(&self, port: &str, dir: &Path) -> io::Result<Command> {
        match self {
            Kind::Floor => {
                let mut command = Command::new(std::env::current_exe()?);
                command.args([floor::COMMAND, port]).arg(dir);
                Ok(command)
            }
            Kind::Klamm(binary) => {
                let mut command = Command::new(binary);
                command.args(["dev", "--port", port, "--dir"]).arg(dir);
                Ok(command)
            }
        }
    }
}

/// Starts a server in a folder of its own and waits until it answers.
fn begin(kind: &Kind, home: &Path, number: u32) -> io::Result<(Child, u16, Duration)> {
    let name = kind.name();
    let dir = home.join(format!("{name}-{number}"));
    fs::create_dir_all(&dir)?;
    let port = free_port()?;
    let mut command = kind.command(&port.to_string(), &dir)?;
    let log = fs::File::create(home.join(format!("{name}.log")))?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let began = Instant::now();
    let mut process = command.spawn().map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    while Connection::open(port).and_then(|mut connection| connection.ask(&ping()).map(drop)).is_err() {
        if began.elapsed() > START_MAX || process.try_wait()?.is_some() {
            end(&mut process);
            let said = fs::read_to_string(home.join(format!("{name}.log"))).unwrap_or_default();
            return Err(io::Error::other(format!("{name} does not start: {said}")));
        }
        thread::sleep(Duration::from_micros(200));
    }
    Ok((process, port, began.elapsed()))
}

fn end(process: &mut Child) {
    // It may have ended by itself; its data is of no use to anybody.
    let _ = process.kill();
    let _ = process.wait();
}

/// One whose successor is free too: the controller's.
fn free_port() -> io::Result<u16> {
    loop {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return Ok(port);
        }
    }
}
