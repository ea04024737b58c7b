//! Why the program ends with code 1: one line that says what is wrong and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use klamm_server::listener::BindFault;
use klamm_server::{ConfigFault, MalformedEscape, ServerFault, Settings, StartFault};
use klamm_tools::storage::fault::StorageFault;

use crate::arguments::UsageFault;

/// How the node was started; the ways out differ.
pub enum StartedAs {
    Dev,
    Serve { file: PathBuf },
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
    /// A value in a file (`None`: given with `--override`) does not hold.
    Setting {
        file: Option<PathBuf>,
        fault: Box<ConfigFault>,
    },
    NoDataFolder,
    NoFreePort(BindFault),
    Format {
        fault: Box<StorageFault>,
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
            DoorFault::Setting { file: Some(file), fault } => write!(f, "{}: {fault}", file.display()),
            DoorFault::Setting { file: None, fault } => write!(f, "{fault}; see --override"),
            DoorFault::NoDataFolder => {
                write!(f, "no data folder: neither XDG_DATA_HOME nor HOME is set; name one with --dir DIR")
            }
            DoorFault::NoFreePort(fault) => write!(f, "no port for the controller: {fault}"),
            DoorFault::Format { fault } => write!(f, "{fault}; choose another folder with --dir DIR"),
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
            let other = if address.port() == 9092 { 9192 } else { 9092 };
            format!("stop it, or take another port: klamm dev --port {other}")
        }
        (ServerFault::Listener { .. }, StartedAs::Dev) => "choose another with --port PORT".to_owned(),
        (ServerFault::Listener { .. }, StartedAs::Serve { file }) => {
            format!("change listeners in {}", file.display())
        }
        (ServerFault::Start(fault), started_as) => start_way_out(fault, started_as, settings),
        _ => return None,
    })
}

fn start_way_out(fault: &StartFault, started_as: &StartedAs, settings: &Settings) -> String {
    let (folder_setting, file) = match started_as {
        StartedAs::Dev => ("another folder with --dir DIR".to_owned(), PathBuf::from("server.properties")),
        StartedAs::Serve { file } => (format!("another log.dirs in {}", file.display()), file.clone()),
    };
    match fault {
        StartFault::Locked { .. } => format!("stop that one, or choose {folder_setting}"),
        StartFault::Unformatted { .. } => {
            let voters = if settings.quorum.voters.is_empty() { " --standalone" } else { "" };
            format!(
                "format it first: klamm kafka-storage format{voters} -t \"$(klamm kafka-storage random-uuid)\" -c {}",
                file.display()
            )
        }
        StartFault::Metadata { .. } => format!("bring back a good copy of it, or choose {folder_setting}"),
        StartFault::Registration { .. } => "see the controller's log".to_owned(),
        StartFault::Unreadable { .. } => {
            format!("check who owns it and what lies there, or choose {folder_setting}")
        }
        StartFault::WrongClusterId { .. } => {
            format!("folders of one node belong to one cluster: choose {folder_setting}")
        }
        StartFault::WrongNodeId { found, .. } => format!("set node.id={found}, or choose {folder_setting}"),
        StartFault::DuplicateDirectoryId { .. } => {
            "one is a copy of the other: take one of them out of log.dirs".to_owned()
        }
    }
}
