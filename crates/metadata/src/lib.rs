//! The cluster as data, and the controller that decides how it changes.
//!
//! Everything a cluster agrees on (topics, partitions, brokers, configuration, features, ...) is a log
//! of small records. This room knows the records, what each one does to the cluster's image, and which
//! records a request leads to. One shape throughout: *decide* looks at an image and returns records
//! and an answer, *replay* applies records to an image; the same replay loads the log at start.
//!
//! Absent on purpose: files, sockets, clocks, randomness (both are arguments), and every API handler:
//! answers about topics are put together in the node from the image's queries.
//!
//! - [`record`], [`records`]: the records and their bytes; [`batch`]: batches of them
//! - [`image`]: the cluster at one offset; [`delta`]: from one image to the next
//! - [`controller`]: one file per concern that decides
//! - [`placement`]: which brokers get the replicas of a new topic
//! - [`bootstrap`]: what a fresh cluster begins with; [`snapshot`]: an image as records and back
//! - [`metadata_version`], [`feature`]: which levels exist and what they allow
//!
//! Kafka: `metadata/src/main/java/org/apache/kafka/{controller,image,metadata}`, KIP-500, KIP-631.

pub mod batch;
pub mod bootstrap;
pub mod controller;
pub mod delta;
pub mod directory_id;
pub mod feature;
pub mod image;
pub mod metadata_version;
pub mod placement;
pub mod record;
pub mod record_options;
pub mod records;
pub mod replay_fault;
pub mod snapshot;
pub mod topic_name;

pub use controller::{ApiError, Controller, ControllerOptions, Decision, FeaturesUpdated, TopicRights};
pub use delta::{Changes, ImageHistory, LogBatch, Published};
pub use image::MetadataImage;
pub use metadata_version::MetadataVersion;
pub use record::{MetadataRecord, RecordFault, VersionedRecord};
pub use record_options::RecordOptions;
pub use replay_fault::ReplayFault;
