//! Why a server does not start, or ends. Each is one line that says what is wrong; what to do about it depends on how
//! it was started and is said by the program.

use std::fmt;
use std::io;

use klamm_node::{NodeFault, StartFault};

use crate::listener::BindFault;

#[derive(Debug)]
pub enum ServerFault {
    /// A listener cannot be opened. Nothing in the data directories was touched.
    Listener {
        name: String,
        fault: BindFault,
    },
    Start(StartFault),
    /// The system gave no thread, descriptor or timer.
    System {
        what: &'static str,
        source: io::Error,
    },
    /// The node failed while it ran. There is no clean-shutdown marker.
    Node(NodeFault),
    /// The node stopped and could not leave everything clean.
    Stop(NodeFault),
}

impl fmt::Display for ServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServerFault::Listener { name, fault } => write!(f, "listener {name}: {fault}"),
            ServerFault::Start(fault) => write!(f, "{fault}"),
            ServerFault::System { what, source } => write!(f, "the system gave no {what}: {source}"),
            ServerFault::Node(fault) => write!(f, "cannot go on: {fault}"),
            ServerFault::Stop(fault) => write!(f, "stopped, but not cleanly: {fault}"),
        }
    }
}

impl std::error::Error for ServerFault {}

impl From<StartFault> for ServerFault {
    fn from(fault: StartFault) -> Self {
        ServerFault::Start(fault)
    }
}
