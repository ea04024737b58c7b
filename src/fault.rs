//! Why the program ends with code 1: one line that says what is wrong and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use klamm_server::listener::BindFault;
use klamm_server::{
    ConfigFault, EnvironmentFault, MalformedEscape, RealDisk, ServerFault, Settings, StartFault,
};
use klamm_tools::storage::directories::{Directories, names};
use klamm_tools::storage::fault::{FlagFault, IdentityFault, StorageFault};

use crate::arguments::UsageFault;

/// How the node was started; the ways out differ.
pub enum StartedAs {
    Dev,
    Serve(Origin),
}

/// Where the settings of a node come from.
#[derive(Clone)]
pub struct Origin {
    pub file: Option<PathBuf>,
    /// `KAFKA_*` variables that stand for settings are there.
    pub variables: bool,
}

impl Origin {
    /// How to reach a setting: by its line, its variable, or both.
    fn setting(&self, name: &str) -> String {
        let variable = format!("KAFKA_{}", name.to_uppercase().replace('.', "_"));
        match &self.file {
            Some(file) if self.variables => format!("{name} in {} or {variable}", file.display()),
            Some(file) => format!("{name} in {}", file.display()),
            None => variable,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) if self.variables => write!(f, "{} and KAFKA_* variables", file.display()),
            Some(file) => write!(f, "{}", file.display()),
            None if self.variables => f.write_str("KAFKA_* variables"),
            None => f.write_str("--override"),
        }
    }
}

pub enum DoorFault {
    Usage(UsageFault),
    /// A file or folder of ours cannot be read or made.
    File {
        file: PathBuf,
        source: io::Error,
    },
    Properties {
        file: PathBuf,
        fault: MalformedEscape,
    },
    /// The variables do not make settings.
    Variables(EnvironmentFault),
    /// A value that `klamm serve` was told does not hold.
    Setting {
        origin: Origin,
        fault: Box<ConfigFault>,
    },
    /// A value that `klamm dev` was told does not hold.
    DevSetting {
        fault: Box<ConfigFault>,
    },
    NoDataFolder,
    NoFreePort(BindFault),
    Format {
        fault: Box<StorageFault>,
    },
    FormatForServe {
        fault: Box<StorageFault>,
        origin: Origin,
    },
    Server {
        fault: Box<ServerFault>,
        started_as: StartedAs,
        settings: Box<Settings>,
    },
}

impl fmt::Display for DoorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DoorFault::Usage(fault) => write!(f, "{fault}"),
            DoorFault::File { file, source } => write!(f, "{}: {source}", file.display()),
            DoorFault::Properties { file, fault } => write!(f, "{}: {fault}", file.display()),
            DoorFault::Variables(fault) => write!(f, "KAFKA_* variables: {fault}"),
            DoorFault::Setting { origin, fault } => {
                write!(f, "{origin}: {fault}")?;
                match (&**fault, &origin.file) {
                    // With a file the line is Kafka's; of variables nobody knows how they are called.
                    (ConfigFault::Missing { name }, None) => {
                        write!(
                            f,
                            " Set {}, or no KAFKA_* variable for a node to try things out.",
                            origin.setting(name)
                        )
                    }
                    _ => Ok(()),
                }
            }
            DoorFault::DevSetting { fault } => write!(f, "{fault}; see --override"),
            DoorFault::NoDataFolder => {
                write!(f, "no data folder: neither XDG_DATA_HOME nor HOME is set; name one with --dir DIR")
            }
            DoorFault::NoFreePort(fault) => write!(f, "no port for the controller: {fault}"),
            DoorFault::Format { fault } => write!(f, "{fault}; choose another folder with --dir DIR"),
            DoorFault::FormatForServe { fault, origin } => {
                write!(f, "{fault}; {}", format_way_out(fault, origin))
            }
            DoorFault::Server { fault, started_as, settings } => {
                write!(f, "{fault}")?;
                match way_out(fault, started_as, settings) {
                    Some(way) => write!(f, "; {way}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What to do about a node that does not start.
fn way_out(fault: &ServerFault, started_as: &StartedAs, settings: &Settings) -> Option<String> {
    Some(match (fault, started_as) {
        (ServerFault::Listener { fault: BindFault::PortTaken { address }, .. }, StartedAs::Dev) => {
            // The next one is free more likely than 9092, but for that of Kafka's controllers.
            let other = if address.port() == 9092 { 9192 } else { address.port().wrapping_add(1) };
            format!("stop it, or take another port: klamm dev --port {other}")
        }
        (ServerFault::Listener { .. }, StartedAs::Dev) => "choose another with --port PORT".to_owned(),
        (ServerFault::Listener { .. }, StartedAs::Serve(origin)) => {
            format!("change {}", origin.setting("listeners"))
        }
        (ServerFault::Node(_) | ServerFault::Stop(_), _) => "see to its disk, then start it again".to_owned(),
        (ServerFault::Start(fault), started_as) => start_way_out(fault, started_as, settings),
        _ => return None,
    })
}

/// What to do about directories that could not be formatted before the first start.
fn format_way_out(fault: &StorageFault, origin: &Origin) -> String {
    match fault {
        StorageFault::Flag(FlagFault::NoStaticVoters) => format!(
            "set {} (1@localhost:9093 for one node), or run klamm kafka-storage format --standalone first",
            origin.setting("controller.quorum.voters")
        ),
        StorageFault::Identity(IdentityFault::ClusterId { .. }) => {
            format!("set CLUSTER_ID to the cluster it belongs to, or change {}", origin.setting("log.dirs"))
        }
        _ => format!("check who owns it and what lies there, or change {}", origin.setting("log.dirs")),
    }
}

fn start_way_out(fault: &StartFault, started_as: &StartedAs, settings: &Settings) -> String {
    let (folder_setting, file) = match started_as {
        StartedAs::Dev => ("another folder with --dir DIR".to_owned(), None),
        StartedAs::Serve(origin) => (format!("another {}", origin.setting("log.dirs")), origin.file.clone()),
    };
    let file = file.unwrap_or_else(|| PathBuf::from("server.properties"));
    match fault {
        StartFault::Locked { .. } => format!("stop that one, or choose {folder_setting}"),
        StartFault::Unformatted { dir } => format_first(settings, dir, &file),
        StartFault::Metadata { .. } => format!("bring back a good copy of it, or choose {folder_setting}"),
        StartFault::Registration { .. } => "see the controller's log".to_owned(),
        StartFault::WrongClusterId { .. } => {
            format!("folders of one node belong to one cluster: choose {folder_setting}")
        }
        StartFault::WrongNodeId { found, .. } => format!("set node.id={found}, or choose {folder_setting}"),
        StartFault::DuplicateDirectoryId { .. } => {
            "one is a copy of the other: take one of them out of log.dirs".to_owned()
        }
        StartFault::NamedTwice { .. } => format!("name it once: choose {folder_setting}"),
        StartFault::PartitionTwice { .. } => {
            "take one of the two folders away (that in the directory that failed last), then start again"
                .to_owned()
        }
        StartFault::MetadataElsewhere { dir } => {
            format!("set metadata.log.dir={}, or choose {folder_setting}", dir.display())
        }
        _ => format!("check who owns it and what lies there, or choose {folder_setting}"),
    }
}

/// How to format what is not formatted. A directory that comes late belongs to the cluster of the others.
fn format_first(settings: &Settings, dir: &Path, file: &Path) -> String {
    let is_dynamic = settings.quorum.voters.is_empty();
    let file = file.display();
    match cluster_of_the_others(settings) {
        None => {
            let voters = if is_dynamic { " --standalone" } else { "" };
            format!(
                "format it first: klamm kafka-storage format{voters} -t \"$(klamm kafka-storage random-uuid)\" -c {file}"
            )
        }
        Some(_) if dir == settings.metadata.log_dir => {
            "the others are, and this one should hold their metadata: bring it back".to_owned()
        }
        Some(id) => {
            let voters = if is_dynamic { " --no-initial-controllers" } else { "" };
            format!("format it too: klamm kafka-storage format --ignore-formatted{voters} -t {id} -c {file}")
        }
    }
}

fn cluster_of_the_others(settings: &Settings) -> Option<String> {
    let directories = Directories::load(RealDisk::shared().as_ref(), &names(settings));
    directories.formatted.into_values().find_map(|identity| identity.cluster_id)
}
