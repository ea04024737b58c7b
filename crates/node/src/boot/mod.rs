//! The start, in its one order (Kafka: `KafkaRaftServer`, `SharedServer`, `BrokerServer.startup`).
//!
//! ```text
//! directories ─► identity ─► metadata ─► elected ─► clean-shutdown markers taken ─► registered ─► logs ─► unfenced
//! └─ locked                └─ snapshot, log, vote    └─ nothing is accepted before they are durably gone
//! ```
//! The listeners are opened by the server, after it.
//!
//! * [`directories`] – locks, `meta.properties`, which directories can be used
//! * [`markers`] – what the last stop says
//! * [`partitions`] – the logs of all partitions

pub mod directories;
pub mod markers;
pub mod partitions;

use std::path::Path;
use std::sync::Arc;

use klamm_base::Now;
use klamm_config::Settings;
use klamm_log::LogFault;
use klamm_raft::Event;

use crate::controller::load::{self, Load};
use crate::fault::{LoadFault, StartFault};
use crate::partitions::Directory;
use directories::Directories;

/// Reads the metadata: snapshot, log, vote.
pub fn load_metadata(
    directories: &Directories,
    settings: &Arc<Settings>,
    now: Now,
) -> Result<(load::Loaded, Event), StartFault> {
    let directory = &directories.metadata;
    let load = Load { directory, settings, cluster_id: &directories.cluster_id, now };
    load::load(&load).map_err(|fault| metadata_fault(directory, fault))
}

pub fn metadata_fault(directory: &Directory, fault: LoadFault) -> StartFault {
    let dir = directory.path().to_path_buf();
    match fault {
        LoadFault::Log(fault) => StartFault::Unreadable { dir, fault },
        fault => StartFault::Metadata { dir, fault },
    }
}

fn start_fault(dir: &Path, fault: LogFault) -> StartFault {
    let dir = dir.to_path_buf();
    match fault {
        LogFault::Locked { .. } => StartFault::Locked { dir },
        fault => StartFault::Unreadable { dir, fault },
    }
}
