//! Servers among the processes of this machine.

use std::path::{Path, PathBuf};

use klamm_config::{Properties, parse_properties};
use rustix::process::{Pid, getpid};

/// A process that is a server.
#[derive(Debug)]
pub struct Server {
    pub pid: Pid,
    told: Told,
    /// Where its paths begin.
    dir: PathBuf,
}

/// What a server was started with.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// `None` for a node that needs none, such as `klamm dev`.
    file: Option<PathBuf>,
    overrides: Vec<(String, String)>,
}

/// All servers that run, this process never among them. Processes of other people that may not be looked at are left out.
pub fn servers() -> Vec<Server> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let mut servers: Vec<Server> = pids.filter_map(Pid::from_raw).filter_map(server).collect();
    servers.sort_by_key(|server| server.pid.as_raw_nonzero());
    servers
}

fn server(pid: Pid) -> Option<Server> {
    if pid == getpid() {
        return None;
    }
    let folder = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    let line = std::fs::read(folder.join("cmdline")).ok()?;
    let words: Vec<String> =
        line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let told = told(&words)?;
    let dir = std::fs::read_link(folder.join("cwd")).unwrap_or_default();
    Some(Server { pid, told, dir })
}

/// What a command line that starts a server tells it; `None` for every other.
fn told(words: &[String]) -> Option<Told> {
    let (program, rest) = words.split_first()?;
    let name = bare(program);
    if name == "java" {
        let class = rest.iter().position(|word| word == "kafka.Kafka")?;
        return Some(Told::of(&rest[class + 1..]));
    }
    if name == "kafka-server-start" {
        return Some(Told::of(rest));
    }
    if name != "klamm" {
        return None;
    }
    match rest.first().map_or("", String::as_str) {
        "" | "dev" | "serve" => Some(Told::of(rest.get(1..).unwrap_or_default())),
        first if bare(first) == "kafka-server-start" => Some(Told::of(&rest[1..])),
        _ => None,
    }
}

/// The name of a program without its folder and `.sh`.
fn bare(program: &str) -> &str {
    let name = program.rsplit('/').next().unwrap_or(program);
    name.strip_suffix(".sh").unwrap_or(name)
}

impl Told {
    /// The first word that is no flag is the file; flags other than `--override` have nothing to do with it.
    fn of(words: &[String]) -> Told {
        let mut told = Told { file: None, overrides: Vec::new() };
        let mut rest = words.iter().filter(|word| !word.is_empty());
        while let Some(word) = rest.next() {
            let pair = match word.strip_prefix("--override") {
                Some("") => rest.next().map(String::as_str),
                Some(joined) => joined.strip_prefix('='),
                None if word == "--dir" || word == "--port" => {
                    rest.next();
                    None
                }
                None => {
                    if !word.starts_with('-') && told.file.is_none() {
                        told.file = Some(PathBuf::from(word));
                    }
                    None
                }
            };
            let pair = pair.and_then(|pair| pair.split_once('='));
            told.overrides.extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
        told
    }
}

impl Server {
    /// What its file and its command line say; `None` when the file cannot be read.
    pub fn settings(&self) -> Option<Properties> {
        let mut settings = match &self.told.file {
            Some(file) => parse_properties(&std::fs::read(self.dir.join(file)).ok()?).ok()?,
            // A node that was told nothing is the only one of its cluster.
            None => [("node.id", "1"), ("process.roles", "broker,controller")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        settings.extend(self.told.overrides.iter().cloned());
        Some(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Told> {
        told(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    fn file(line: &str) -> Option<String> {
        read(line).map(|told| told.file.map_or("none".to_owned(), |file| file.display().to_string()))
    }

    #[test]
    fn servers_are_known_by_their_command_lines() {
        for (line, expected) in [
            ("/opt/kafka/bin/kafka-server-start.sh etc/a.properties", Some("etc/a.properties")),
            ("kafka-server-start a --override node.id=7", Some("a")),
            ("/usr/bin/klamm serve a", Some("a")),
            ("klamm kafka-server-start.sh a", Some("a")),
            ("klamm dev --dir d --port 1", Some("none")),
            ("klamm", Some("none")),
            ("/usr/bin/java -Xmx1G -cp x kafka.Kafka /etc/kafka.properties", Some("/etc/kafka.properties")),
            ("klamm kafka-topics --list", None),
            ("kafka-server-stop", None),
            ("vi kafka-server-start", None),
            ("java -cp x org.apache.kafka.tools.TopicCommand", None),
            ("", None),
        ] {
            assert_eq!(file(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn the_command_line_counts_before_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a"), "node.id=1\nprocess.roles=broker\n").expect("a file");
        let told = read("kafka-server-start a --override node.id=7").expect("a server");
        let server = Server { pid: getpid(), told, dir: folder.path().to_owned() };
        let settings = server.settings().expect("readable");
        let setting = |name: &str| settings.get(name).map(String::as_str);
        assert_eq!((setting("node.id"), setting("process.roles")), (Some("7"), Some("broker")));
        let told = read("klamm serve gone").expect("a server");
        assert!(Server { told, ..server }.settings().is_none());
    }

    #[test]
    fn this_process_is_no_server() {
        assert!(servers().iter().all(|server| server.pid != getpid()));
    }
}
