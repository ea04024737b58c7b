//! What the node has to tell about disks and metadata, as lines of the log.

use klamm_node::{Node, Weight};
use tracing::{error, info, warn};

const LOGGER: &str = "kafka.server.KafkaRaftServer";

/// Writes what has happened since the last call. Cheap when nothing has.
pub fn write(node: &Node) {
    for news in node.take_news() {
        let logger = news.logger();
        match news.weight() {
            Weight::Info => info!(target: LOGGER, logger, "{news}"),
            Weight::Warn => warn!(target: LOGGER, logger, "{news}"),
            Weight::Error => error!(target: LOGGER, logger, "{news}"),
        }
    }
}
