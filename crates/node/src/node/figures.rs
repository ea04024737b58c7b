//! The node in numbers, gathered when somebody asks. Owners count; what the numbers are called is the server's business.

use std::path::PathBuf;
use std::sync::Arc;

use klamm_metadata::MetadataImage;
use klamm_metadata::image::PartitionRegistration;

use super::Node;
use crate::broker::Broker;
use crate::controller::quorum::QuorumView;
pub use crate::coordinators::GroupsFigures;
use crate::partitions::{LogFigures, TopicCounts};

/// Everything at one moment, as near as owners with locks of their own allow.
#[derive(Clone, Debug)]
pub struct NodeFigures {
    pub node_id: i32,
    pub cluster_id: String,
    pub cluster: ClusterFigures,
    /// `None` while this node does not lead the quorum.
    pub quorum: Option<QuorumView>,
    pub directories: Vec<DirectoryFigures>,
    /// By name.
    pub topics: Vec<TopicFigures>,
    /// Of all topics, those included that were deleted.
    pub counts: TopicCounts,
    pub sessions: SessionFigures,
    pub groups: GroupsFigures,
}

/// The cluster as the newest image has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterFigures {
    pub is_controller_active: bool,
    /// Host and port on the first of their listeners.
    pub brokers: Vec<(i32, String)>,
    pub active_brokers: usize,
    pub fenced_brokers: usize,
    /// Without a leader.
    pub offline_partitions: usize,
    /// Led by another than the first of their replicas.
    pub imbalanced_partitions: usize,
    pub last_offset: i64,
    /// When the image's last record was written, wall clock in ms.
    pub last_record_ms: i64,
    pub is_this_fenced: bool,
    pub metadata_version: i16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryFigures {
    pub path: PathBuf,
    pub is_offline: bool,
}

#[derive(Clone, Debug)]
pub struct TopicFigures {
    pub name: Arc<str>,
    pub counts: TopicCounts,
    /// By number.
    pub partitions: Vec<PartitionFigures>,
}

#[derive(Clone, Debug)]
pub struct PartitionFigures {
    pub partition: i32,
    /// -1: nobody.
    pub leader: i32,
    pub replicas: usize,
    pub isr: usize,
    pub has_preferred_leader: bool,
    pub is_reassigning: bool,
    /// The replica that is here.
    pub log: Option<LogFigures>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionFigures {
    pub sessions: usize,
    pub partitions: usize,
    pub evictions: u64,
}

/// Whether the node can do what it is there for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The controller does not let it work, or has not yet.
    pub is_fenced: bool,
    pub offline_directories: Vec<PathBuf>,
    /// It cannot go on, and is about to end.
    pub has_failed: bool,
}

impl Node {
    /// Everything; of groups' offsets and members at most `groups_max` each. Takes each owner's lock once, and the
    /// partitions' one after the other.
    pub fn figures(&self, groups_max: usize) -> NodeFigures {
        let broker = &*self.broker;
        let image = broker.image.get();
        let sessions = {
            let sessions = broker.fetch_sessions.lock();
            let (count, evictions) = (sessions.len(), sessions.evictions());
            SessionFigures { sessions: count, partitions: sessions.partitions(), evictions }
        };
        let topics: Vec<_> = image.topics.iter().map(|topic| topic_figures(broker, topic)).collect();
        let mut counts = broker.partitions.counts_of_removed();
        topics.iter().for_each(|topic| counts.add(&topic.counts));
        NodeFigures {
            node_id: broker.node_id,
            cluster_id: broker.cluster_id.clone(),
            cluster: cluster_figures(&image, broker),
            quorum: broker.controller.quorum(),
            directories: self.directory_figures(),
            topics,
            counts,
            sessions,
            groups: broker.group_coordinators.figures(groups_max),
        }
    }

    /// What keeps it from its work, if anything does. Cheap.
    pub fn condition(&self) -> Condition {
        let broker = &*self.broker;
        let offline = self.directory_figures().into_iter().filter(|directory| directory.is_offline);
        Condition {
            is_fenced: is_fenced(&broker.image.get(), broker.node_id),
            offline_directories: offline.map(|directory| directory.path).collect(),
            has_failed: self.fault().is_some(),
        }
    }

    /// Those in use, and those of the settings that could not be taken into use.
    fn directory_figures(&self) -> Vec<DirectoryFigures> {
        let in_use = self.directories.iter().map(|directory| DirectoryFigures {
            path: directory.path().to_owned(),
            is_offline: directory.is_offline(),
        });
        let mut figures: Vec<_> = in_use.collect();
        for path in &self.publisher.static_settings.log.dirs {
            if figures.iter().all(|figures| figures.path != *path) {
                figures.push(DirectoryFigures { path: path.clone(), is_offline: true });
            }
        }
        figures
    }
}

fn is_fenced(image: &MetadataImage, node_id: i32) -> bool {
    image.cluster.broker(node_id).is_none_or(|broker| broker.fenced)
}

fn cluster_figures(image: &MetadataImage, broker: &Broker) -> ClusterFigures {
    let partitions =
        || image.topics.iter().flat_map(|topic| topic.partitions().map(|(_, partition)| partition));
    let address = |registration: &klamm_metadata::image::BrokerRegistration| {
        let endpoint = registration.listeners.values().next();
        endpoint.map(|endpoint| format!("{}:{}", endpoint.host, endpoint.port)).unwrap_or_default()
    };
    ClusterFigures {
        is_controller_active: broker.controller.is_active(),
        brokers: image.cluster.brokers().map(|broker| (broker.id, address(broker))).collect(),
        active_brokers: image.cluster.brokers().filter(|broker| !broker.fenced).count(),
        fenced_brokers: image.cluster.brokers().filter(|broker| broker.fenced).count(),
        offline_partitions: partitions().filter(|partition| !partition.has_leader()).count(),
        imbalanced_partitions: partitions().filter(|partition| !partition.has_preferred_leader()).count(),
        last_offset: image.provenance.last_contained_offset,
        last_record_ms: image.provenance.last_contained_log_time_ms,
        is_this_fenced: is_fenced(image, broker.node_id),
        metadata_version: image.features.metadata_version().map_or(0, |version| version.level()),
    }
}

fn topic_figures(broker: &Broker, topic: &klamm_metadata::image::TopicImage) -> TopicFigures {
    let mut counts = TopicCounts::default();
    let figures = |(partition, registration): (i32, &Arc<PartitionRegistration>)| {
        let here = broker.partitions.by_id(topic.id, partition);
        if let Some(here) = &here {
            counts.add(&here.counters.read());
        }
        PartitionFigures {
            partition,
            leader: registration.leader,
            replicas: registration.replicas.len(),
            isr: registration.isr.len(),
            has_preferred_leader: registration.has_preferred_leader(),
            is_reassigning: !registration.adding_replicas.is_empty()
                || !registration.removing_replicas.is_empty(),
            log: here.map(|here| here.figures()),
        }
    };
    let partitions = topic.partitions().map(figures).collect();
    TopicFigures { name: topic.name.clone(), counts, partitions }
}
