//! Why `kafka-storage` gave up, in Kafka's words where Kafka has them.

use super::scram::ScramFault;
use crate::connect::unreadable;
use crate::exception::{CONFIG, ILLEGAL_ARGUMENT};
use klamm_base::Uuid;
use klamm_config::ConfigFault;
use klamm_config::properties::MalformedEscape;
use klamm_log::{DiskFault, LogFault};
use klamm_metadata::MetadataVersion;
use klamm_metadata::bootstrap::FormatFault;
use std::fmt;
use std::io;

#[derive(Debug)]
pub enum StorageFault {
    /// The properties file cannot be read.
    Config {
        path: String,
        source: io::Error,
    },
    Settings(ConfigFault),
    Properties(MalformedEscape),
    /// What a directory says about itself does not go with the rest.
    Identity(IdentityFault),
    /// A flag's value or flags that do not go together.
    Flag(FlagFault),
    Format(FormatFault),
    AlreadyFormatted {
        dir: String,
    },
    NoDirectory,
    Disk(DiskFault),
    Log(LogFault),
    /// Nobody reads what is printed.
    Print(io::Error),
}

impl StorageFault {
    /// What Java prints before the message of an exception that nobody catches; nothing for those that Kafka catches.
    pub fn thrown_as(&self) -> String {
        let class = match self {
            StorageFault::Config { path, source } => unreadable(path, source).class,
            StorageFault::Settings(fault) if fault.to_string().starts_with("requirement failed") => {
                ILLEGAL_ARGUMENT.into()
            }
            StorageFault::Settings(_) => CONFIG.into(),
            StorageFault::Identity(_)
            | StorageFault::Flag(FlagFault::FeatureWithoutLevel { .. } | FlagFault::FeatureLevel { .. }) => {
                "java.lang.RuntimeException".into()
            }
            StorageFault::Flag(FlagFault::Voter(_)) => ILLEGAL_ARGUMENT.into(),
            _ => return String::new(),
        };
        format!("Exception in thread \"main\" {class}: ")
    }
}

/// Kafka: `MetaPropertiesEnsemble.verify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityFault {
    ClusterId { path: String, expected: String, read: String },
    NodeId { path: String, expected: i32, read: i32 },
    ReservedDirectoryId { dir: String, id: Uuid },
    SharedDirectoryId { dir: String, other: String, id: Uuid },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlagFault {
    DynamicVotersBesideStatic,
    NoVoters,
    /// Nobody said how to begin, and `controller.quorum.voters` does not either.
    NoStaticVoters,
    StandaloneOnBroker,
    /// metadata.version is older than SCRAM in it.
    ScramUnsupported,
    Scram(ScramFault),
    UnknownRelease {
        name: String,
    },
    /// Of `version-mapping`, which knows one more.
    UnknownMapping {
        name: String,
        also: &'static str,
    },
    UnknownMetadataLevel {
        level: i16,
    },
    FeatureWithoutLevel {
        text: String,
    },
    FeatureLevel {
        text: String,
        level: String,
    },
    Voter(VoterFault),
    /// Of `feature-dependencies`.
    DependencyForm {
        text: String,
    },
    DependencyLevel {
        name: String,
        level: String,
    },
    DependencyUnknown {
        name: String,
    },
    DependencyUnknownLevel {
        name: String,
        level: i16,
    },
    DependencyUnknownMetadataLevel {
        level: i16,
    },
}

/// An entry of `--initial-controllers`. Kafka: `DynamicVoter.parse`, `DynamicVoters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoterFault {
    NoAt,
    BeginsWithAt,
    NodeId,
    NegativeNodeId { id: i32 },
    NoHost,
    OpenBracket,
    NoColonAfterHost,
    NoColonBeforePort,
    NoColonAfterPort,
    Port,
    PortOutOfRange { port: i32 },
    DirectoryId,
    None,
    SameNodeId { id: i32 },
}

impl fmt::Display for StorageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageFault::Config { path, source } => f.write_str(unreadable(path, source).message()),
            StorageFault::Settings(fault) => fault.fmt(f),
            StorageFault::Properties(fault) => fault.fmt(f),
            StorageFault::Identity(fault) => fault.fmt(f),
            StorageFault::Flag(fault) => fault.fmt(f),
            StorageFault::Format(fault) => fault.fmt(f),
            StorageFault::AlreadyFormatted { dir } => write!(
                f,
                "Log directory {dir} is already formatted. Use --ignore-formatted to ignore this directory and \
                 format the others."
            ),
            StorageFault::NoDirectory => f.write_str("No available log directories to format."),
            StorageFault::Disk(fault) => fault.fmt(f),
            StorageFault::Log(fault) => fault.fmt(f),
            StorageFault::Print(error) => write!(f, "cannot print: {error}"),
        }
    }
}

impl std::error::Error for StorageFault {}

impl fmt::Display for IdentityFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdentityFault::ClusterId { path, expected, read } => {
                write!(f, "Invalid cluster.id in: {path}. Expected {expected}, but read {read}")
            }
            IdentityFault::NodeId { path, expected, read } => write!(
                f,
                "Stored node id {read} doesn't match previous node id {expected} in {path}. If you moved your \
                 data, make sure your configured node id matches. If you intend to create a new node, you should \
                 remove all data in your data directories."
            ),
            IdentityFault::ReservedDirectoryId { dir, id } => {
                write!(f, "Invalid reserved directory ID {id} found in {dir}")
            }
            IdentityFault::SharedDirectoryId { dir, other, id } => write!(
                f,
                "Duplicate directory ID Optional[{id}] found. It was the ID of {other}, but also of {dir}"
            ),
        }
    }
}

impl fmt::Display for FlagFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FlagFault::DynamicVotersBesideStatic => f.write_str(
                "You cannot specify controller.quorum.voters and format the node with --initial-controllers or \
                 --standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and \
                 specify controller.quorum.bootstrap.servers instead.",
            ),
            FlagFault::NoStaticVoters => {
                f.write_str("controller.quorum.voters is not set, and a quorum that may grow is formatted by hand")
            }
            FlagFault::NoVoters => f.write_str(
                "Because controller.quorum.voters is not set on this controller, you must specify one of the \
                 following: --standalone, --initial-controllers, or --no-initial-controllers.",
            ),
            FlagFault::StandaloneOnBroker => f.write_str("You can only use --standalone on a controller."),
            FlagFault::ScramUnsupported => {
                f.write_str("SCRAM is only supported in metadata.version 3.5-IV2 or later.")
            }
            FlagFault::Scram(fault) => fault.fmt(f),
            FlagFault::UnknownRelease { name } => {
                let known: Vec<&str> = MetadataVersion::all().map(MetadataVersion::name).collect();
                write!(
                    f,
                    "Unknown metadata.version '{name}'. Supported metadata.version are: {}",
                    known.join(", ")
                )
            }
            FlagFault::UnknownMapping { name, also } => {
                let known = FlagFault::UnknownRelease { name: name.clone() };
                write!(f, "{known}, {also}")
            }
            FlagFault::UnknownMetadataLevel { level } => write!(
                f,
                "No MetadataVersion with feature level {level}. Valid feature levels are from {} to {}.",
                MetadataVersion::MINIMUM.level(),
                MetadataVersion::LATEST.level()
            ),
            FlagFault::FeatureWithoutLevel { text } => {
                write!(f, "Can't parse feature=level string {text}: equals sign not found.")
            }
            FlagFault::FeatureLevel { text, level } => {
                write!(f, "Can't parse feature=level string {text}: unable to parse {level} as a short.")
            }
            FlagFault::Voter(fault) => fault.fmt(f),
            FlagFault::DependencyForm { text } => write!(
                f,
                "Invalid feature format: {text}. Expected format: 'feature=version' (e.g. 'group.version=1')"
            ),
            FlagFault::DependencyLevel { name, level } => {
                write!(f, "Invalid version format: {level} for feature {name}")
            }
            FlagFault::DependencyUnknown { name } => write!(f, "Unknown feature: {name}"),
            FlagFault::DependencyUnknownLevel { name, level } => {
                write!(f, "Feature level {level} is not supported for feature {name}")
            }
            FlagFault::DependencyUnknownMetadataLevel { level } => write!(f, "Unknown metadata.version {level}"),
        }
    }
}

impl fmt::Display for VoterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VoterFault::NoAt => f.write_str("No @ found in dynamic voter string."),
            VoterFault::BeginsWithAt => f.write_str("Invalid @ at beginning of dynamic voter string."),
            VoterFault::NodeId => f.write_str("Failed to parse node id in dynamic voter string."),
            VoterFault::NegativeNodeId { id } => {
                write!(f, "Invalid negative node id {id} in dynamic voter string.")
            }
            VoterFault::NoHost => f.write_str("No hostname found after node id."),
            VoterFault::OpenBracket => {
                f.write_str("Hostname began with left bracket, but no right bracket was found.")
            }
            VoterFault::NoColonAfterHost => f.write_str("No colon following hostname could be found."),
            VoterFault::NoColonBeforePort => f.write_str("Port section must start with a colon."),
            VoterFault::NoColonAfterPort => f.write_str("No colon following port could be found."),
            VoterFault::Port => f.write_str("Failed to parse port in dynamic voter string."),
            VoterFault::PortOutOfRange { port } => {
                write!(f, "Invalid port {port} in dynamic voter string.")
            }
            VoterFault::DirectoryId => f.write_str("Failed to parse directory ID in dynamic voter string."),
            VoterFault::None => f.write_str("No voters given."),
            VoterFault::SameNodeId { id } => write!(f, "Node id {id} was specified more than once."),
        }
    }
}

impl From<ScramFault> for StorageFault {
    fn from(fault: ScramFault) -> StorageFault {
        StorageFault::Flag(FlagFault::Scram(fault))
    }
}

impl From<io::Error> for StorageFault {
    fn from(error: io::Error) -> StorageFault {
        StorageFault::Print(error)
    }
}

impl From<ConfigFault> for StorageFault {
    fn from(fault: ConfigFault) -> StorageFault {
        StorageFault::Settings(fault)
    }
}

impl From<MalformedEscape> for StorageFault {
    fn from(fault: MalformedEscape) -> StorageFault {
        StorageFault::Properties(fault)
    }
}

impl From<IdentityFault> for StorageFault {
    fn from(fault: IdentityFault) -> StorageFault {
        StorageFault::Identity(fault)
    }
}

impl From<FlagFault> for StorageFault {
    fn from(fault: FlagFault) -> StorageFault {
        StorageFault::Flag(fault)
    }
}

impl From<VoterFault> for StorageFault {
    fn from(fault: VoterFault) -> StorageFault {
        StorageFault::Flag(FlagFault::Voter(fault))
    }
}

impl From<FormatFault> for StorageFault {
    fn from(fault: FormatFault) -> StorageFault {
        StorageFault::Format(fault)
    }
}

impl From<DiskFault> for StorageFault {
    fn from(fault: DiskFault) -> StorageFault {
        StorageFault::Disk(fault)
    }
}

impl From<LogFault> for StorageFault {
    fn from(fault: LogFault) -> StorageFault {
        StorageFault::Log(fault)
    }
}
