//! The cluster as data, and the controller that decides how it changes.

pub mod directory_id;
pub mod feature;
pub mod metadata_version;
pub mod placement;
pub mod record_options;
pub mod topic_name;

pub use metadata_version::MetadataVersion;
pub use record_options::RecordOptions;
